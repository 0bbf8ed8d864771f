"""In which order the files are run where several are run at once: the long ones first, and browsers all the time.

A run is as long as its last file, so no long one may begin late. And browsers want a processor each: where all of them
come together, they are late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: seconds of the files that take 20 or more, on two processors and beside two others; they need not be exact
SECONDS: Mapping[str, int] = {
    "server/test_client_core.py": 224,
    "e2e/test_outages.py": 158,
    "faults/test_cluster.py": 157,
    "e2e/test_identity_axe.py": 136,
    "e2e/test_identity_account.py": 127,
    "deploy/test_one_server.py": 122,
    "e2e/test_second_browser.py": 120,
    "e2e/test_identity_sign_up.py": 110,
    "e2e/test_offline.py": 110,
    "e2e/test_conversation.py": 107,
    "deploy/test_scale.py": 94,
    "e2e/test_reading.py": 87,
    "e2e/test_dialogs_axe.py": 84,
    "e2e/test_background.py": 79,
    "faults/test_talk_stores.py": 79,
    "server/test_nothing_readable.py": 78,
    "server/test_app_crash.py": 76,
    "server/test_client_groups.py": 76,
    "e2e/test_safety_numbers.py": 74,
    "e2e/test_identity_elsewhere.py": 73,
    "e2e/test_identity_sign_in.py": 73,
    "server/test_doctor_stores.py": 65,
    "server/test_upgrade.py": 62,
    "server/test_openapi_fuzz.py": 61,
    "server/test_storage_move.py": 60,
    "unit/wire/test_fuzz.py": 60,
    "e2e/test_answers.py": 58,
    "e2e/test_firefox.py": 58,
    "e2e/test_five_devices.py": 58,
    "e2e/test_storage.py": 56,
    "server/test_app_journey.py": 56,
    "e2e/test_encrypted.py": 54,
    "server/test_backup.py": 52,
    "e2e/test_updates.py": 50,
    "e2e/test_keyboard.py": 46,
    "server/test_user_commands.py": 45,
    "faults/test_talk.py": 44,
    "e2e/test_groups.py": 42,
    "server/test_leaving.py": 42,
    "server/test_redactions.py": 42,
    "deploy/test_two_servers.py": 41,
    "faults/test_store_away.py": 41,
    "unit/realtime/test_abuse.py": 39,
    "interop/test_javascript.py": 37,
    "nodes/test_chats.py": 37,
    "server/test_app_bad_days.py": 37,
    "nodes/test_workers.py": 33,
    "e2e/test_old_chats.py": 29,
    "server/test_auth_reset.py": 25,
    "server/test_upgrade_side_by_side.py": 22,
    "e2e/test_marks.py": 21,
    "e2e/test_phone.py": 21,
    "server/test_doctor.py": 21,
    "server/test_keys_devices.py": 21,
    "contracts/test_log_read.py": 20,
}
#: of every other file
SHORT = 2
#: the folder whose tests drive a browser
BROWSERS = "e2e/"


def arranged(files: Iterable[str]) -> list[str]:
    """The files, named from `tests/`: longest first, browsers and others by turns so that both end together."""
    longest = sorted(files, key=lambda file: (-SECONDS.get(file, SHORT), file))
    queues = [[file for file in longest if file.startswith(BROWSERS) is browsers] for browsers in (True, False)]
    totals = [sum(SECONDS.get(file, SHORT) for file in queue) for queue in queues]
    begun = [0, 0]
    order: list[str] = []
    while any(queues):
        # whose part of the work has been begun least
        turn = min((0, 1), key=lambda kind: begun[kind] / totals[kind] if queues[kind] else 2)
        file = queues[turn].pop(0)
        begun[turn] += SECONDS.get(file, SHORT)
        order.append(file)
    return order
