"""What everybody did and saw, and whether it satisfies criterion P of reliability.md. Pure.

P1  an acknowledged message is in the log, at the place that was acknowledged
P2  one (sender, clientId) has one id, whoever asks and however often
P3  after healing every member's timeline is the log, in its order
P4  if an ack was heard before another message was sent, the first stands before the second
P5  a refused message never appears
P6  nothing reaches who is not a member
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attempt:
    """One try to send. `sent_at` and `answered_at` are moments of one clock; without an answer its fate is unknown."""

    chat_id: str
    sender: str
    client_id: str
    sent_at: float
    answered_at: float | None = None
    #: of an acknowledgement
    id: str | None = None
    seq: int | None = None
    #: the code of a refusal that is final
    refused: str | None = None


@dataclass(frozen=True)
class Entry:
    """A place in a log, as somebody saw it."""

    seq: int
    id: str
    sender: str
    client_id: str


@dataclass(frozen=True)
class Delivery:
    """Something of a chat reached a connection of this person."""

    chat_id: str
    person: str
    seq: int
    at: float


@dataclass(frozen=True)
class Absence:
    """This person was certainly not a member: from the answer to their removal to the wish to take them back.

    `after_seq` is the place of the removal: what stands before it may still arrive.
    """

    chat_id: str
    person: str
    since: float
    after_seq: int
    until: float = float("inf")


@dataclass
class History:
    """Everything that was recorded. `logs` and `timelines` are taken at the end, when all is healed."""

    attempts: list[Attempt] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    logs: dict[str, list[Entry]] = field(default_factory=dict)
    #: (chat, member) → what they have, in the order they show it
    timelines: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)

    @property
    def acknowledged(self) -> list[Attempt]:
        """The attempts that were answered with a place."""
        return [attempt for attempt in self.attempts if attempt.seq is not None]

    def violations(self) -> list[str]:
        """What is wrong, a sentence each, beginning with the part of the criterion; empty when P holds."""
        return [
            *self._log_is_whole(),
            *self._acknowledged_is_stored(),
            *self._one_id_each(),
            *self._timelines_agree(),
            *self._order_is_kept(),
            *self._refused_is_absent(),
            *self._outsiders_hear_nothing(),
        ]

    def _log_is_whole(self) -> Iterator[str]:
        for chat_id, log in self.logs.items():
            if [entry.seq for entry in log] != list(range(1, len(log) + 1)):
                yield f"P3 the log of {chat_id} has gaps or is out of order"
            for name, count in Counter((entry.sender, entry.client_id) for entry in log).items():
                if count > 1:
                    yield f"P2 {name} stands {count} times in {chat_id}"

    def _places(self, chat_id: str) -> dict[tuple[str, str], Entry]:
        return {(entry.sender, entry.client_id): entry for entry in self.logs.get(chat_id, [])}

    def _acknowledged_is_stored(self) -> Iterator[str]:
        places = {chat_id: self._places(chat_id) for chat_id in self.logs}
        for attempt in self.acknowledged:
            entry = places.get(attempt.chat_id, {}).get((attempt.sender, attempt.client_id))
            if entry is None:
                yield f"P1 {attempt.client_id} was acknowledged and is not in the log"
            elif (entry.id, entry.seq) != (attempt.id, attempt.seq):
                yield f"P1 {attempt.client_id} was acknowledged at {attempt.seq} and stands at {entry.seq}"

    def _one_id_each(self) -> Iterator[str]:
        answers: dict[tuple[str, str, str], set[tuple[str | None, int | None]]] = defaultdict(set)
        for attempt in self.acknowledged:
            answers[attempt.chat_id, attempt.sender, attempt.client_id].add((attempt.id, attempt.seq))
        for (_, _, client_id), given in answers.items():
            if len(given) > 1:
                yield f"P2 {client_id} was acknowledged as {len(given)} different messages"

    def _timelines_agree(self) -> Iterator[str]:
        for (chat_id, person), timeline in self.timelines.items():
            if timeline != self.logs[chat_id]:
                yield f"P3 {person} has {len(timeline)} of {len(self.logs[chat_id])} in {chat_id}, or in another order"

    def _order_is_kept(self) -> Iterator[str]:
        for chat_id in self.logs:
            attempts = [attempt for attempt in self.attempts if attempt.chat_id == chat_id]
            places = self._places(chat_id)
            answered = sorted(
                (attempt for attempt in attempts if attempt.seq is not None),
                key=lambda attempt: attempt.answered_at or 0.0,
            )
            # a message begins with its first attempt: later ones may meet a copy that was stored long before
            began: dict[tuple[str, str], float] = {}
            for attempt in attempts:
                name = (attempt.sender, attempt.client_id)
                began[name] = min(began.get(name, attempt.sent_at), attempt.sent_at)
            highest, heard = 0, 0
            for name, start in sorted(began.items(), key=lambda item: item[1]):
                while heard < len(answered) and (answered[heard].answered_at or 0.0) < start:
                    highest = max(highest, answered[heard].seq or 0)
                    heard += 1
                entry = places.get(name)
                if entry is not None and entry.seq <= highest:
                    yield f"P4 {name[1]} stands at {entry.seq}, though {highest} was acknowledged before it was sent"

    def _refused_is_absent(self) -> Iterator[str]:
        places = {chat_id: self._places(chat_id) for chat_id in self.logs}
        for attempt in self.attempts:
            name = (attempt.sender, attempt.client_id)
            if attempt.refused is not None and name in places.get(attempt.chat_id, {}):
                yield f"P5 {attempt.client_id} was refused ({attempt.refused}) and is in the log"

    def _outsiders_hear_nothing(self) -> Iterator[str]:
        for absence in self.absences:
            for delivery in self.deliveries:
                if (
                    (delivery.chat_id, delivery.person) == (absence.chat_id, absence.person)
                    and delivery.seq > absence.after_seq
                    and absence.since < delivery.at < absence.until
                ):
                    yield f"P6 {delivery.seq} of {delivery.chat_id} reached {delivery.person}, who was not a member"
