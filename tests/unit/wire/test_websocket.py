"""RFC 6455 without a socket: frames out, messages in."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from batiyoun.wire import websocket as ws
from batiyoun.wire.errors import MessageTooBig, ProtocolError
from batiyoun.wire.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, MessageAssembler

MAX = 1_000_000


def parse(frame: bytes) -> tuple[int, bool, bytes, bytes]:
    """Opcode, FIN, payload and what follows, of an unmasked frame (RFC 6455 §5.2)."""
    opcode, fin, size = frame[0] & 0x0F, bool(frame[0] & 0x80), frame[1]
    assert size < 128, "servers do not mask"
    start = 2
    if size == 126:
        size, start = int.from_bytes(frame[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(frame[2:10], "big"), 10
    return opcode, fin, frame[start : start + size], frame[start + size :]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
@pytest.mark.parametrize(("build", "opcode"), [(ws.text_frame, TEXT), (ws.binary_frame, BINARY)])
def test_a_frame_has_the_shortest_length_form(size: int, build: object, opcode: int) -> None:
    assert callable(build)
    frame = build(b"x" * size)
    assert parse(frame) == (opcode, True, b"x" * size, b"")
    assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)
    assert frame == ws.frame(opcode, b"x" * size)


def test_a_close_frame_carries_code_and_reason() -> None:
    _, _, payload, _ = parse(ws.close_frame(1001, "bye"))
    assert ws.parse_close(payload) == (1001, "bye")
    assert parse(ws.close_frame()) == (CLOSE, True, b"", b"")
    assert ws.parse_close(b"") == (None, "")


@given(st.text())
def test_a_close_reason_is_cut_between_characters(reason: str) -> None:
    _, _, payload, _ = parse(ws.close_frame(1000, reason))
    assert len(payload) <= 125
    assert reason.encode().startswith(payload[2:])
    assert ws.parse_close(payload)[1] == payload[2:].decode()


SENDABLE = {1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)}


@pytest.mark.parametrize("code", [0, 999, *range(1000, 1017), 2999, 3000, 4999, 5000, 65_535])
def test_only_sendable_close_codes_pass(code: int) -> None:
    payload = code.to_bytes(2, "big")
    if code in SENDABLE:
        assert ws.parse_close(payload) == (code, "")
    else:
        with pytest.raises(ProtocolError) as caught:
            ws.parse_close(payload)
        assert caught.value.close_code == 1002


@pytest.mark.parametrize(("payload", "close_code"), [(b"\x03", 1002), (b"\x03\xe8\xff", 1007)])
def test_malformed_close_payloads(payload: bytes, close_code: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        ws.parse_close(payload)
    assert caught.value.close_code == close_code


@given(st.text() | st.binary(), st.data())
def test_any_fragmentation_gives_the_same_message(message: str | bytes, data: st.DataObject) -> None:
    opcode, payload = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, message)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=6)))
    pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    assembler = MessageAssembler(MAX)
    got = []
    for index, piece in enumerate(pieces):
        if data.draw(st.booleans()):
            got.append(assembler.receive(PING, b"between"))
        fin = index == len(pieces) - 1
        got.append(assembler.receive(opcode if index == 0 else CONTINUATION, piece, fin))
    assert [item for item in got if item is not None and item[0] != PING] == [(opcode, payload)]
    assert assembler.idle


def test_control_frames_pass_between_fragments() -> None:
    assembler = MessageAssembler(MAX)
    assert assembler.receive(TEXT, b"a", fin=False) is None
    assert assembler.receive(PING, b"?") == (PING, b"?")
    assert assembler.receive(PONG, b"!") == (PONG, b"!")
    assert not assembler.idle
    assert assembler.receive(CONTINUATION, b"b") == (TEXT, b"ab")


#: frames as (opcode, payload, fin, reserved) → close code
VIOLATIONS = {
    "reserved bit": ([(TEXT, b"", True, True)], 1002),
    "reserved bit on a control frame": ([(PING, b"", True, True)], 1002),
    "unknown data opcode": ([(3, b"", True, False)], 1002),
    "unknown control opcode": ([(0xB, b"", True, False)], 1002),
    "continuation of nothing": ([(CONTINUATION, b"", True, False)], 1002),
    "new message inside another": ([(TEXT, b"a", False, False), (TEXT, b"b", True, False)], 1002),
    "fragmented ping": ([(PING, b"", False, False)], 1002),
    "ping over 125 bytes": ([(PING, b"x" * 126, True, False)], 1002),
    "text that is not UTF-8": ([(TEXT, b"\xff", True, False)], 1007),
    "overlong UTF-8": ([(TEXT, b"\xc0\xaf", True, False)], 1007),
    "a surrogate": ([(TEXT, b"\xed\xa0\x80", True, False)], 1007),
    "half a character at the end": ([(TEXT, b"\xe2\x82", True, False)], 1007),
    "half a character at the end of fragments": (
        [(TEXT, b"\xe2", False, False), (CONTINUATION, b"\x82", True, False)],
        1007,
    ),
    "wrong byte in the second fragment": ([(TEXT, b"\xe2", False, False), (CONTINUATION, b"x", False, False)], 1007),
    "close with half a code": ([(CLOSE, b"\x03", True, False)], 1002),
    "close with a code that must not be sent": ([(CLOSE, b"\x03\xed", True, False)], 1002),
    "close reason that is not UTF-8": ([(CLOSE, b"\x03\xe8\xff", True, False)], 1007),
    "message over the limit": ([(BINARY, b"x" * (MAX + 1), True, False)], 1009),
    "fragments over the limit": (
        [(BINARY, b"x" * MAX, False, False), (CONTINUATION, b"x", False, False)],
        1009,
    ),
    "too many fragments": ([(TEXT, b"", False, False)] + [(CONTINUATION, b"", False, False)] * 1024, 1008),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_are_answered_with_their_close_code(name: str) -> None:
    frames, close_code = VIOLATIONS[name]
    assembler = MessageAssembler(MAX)
    for opcode, payload, fin, reserved in frames[:-1]:
        assembler.receive(opcode, payload, fin, reserved)
    opcode, payload, fin, reserved = frames[-1]
    with pytest.raises(ProtocolError) as caught:
        assembler.receive(opcode, payload, fin, reserved)
    assert caught.value.close_code == close_code


def test_a_character_may_be_split_over_fragments() -> None:
    assembler = MessageAssembler(MAX)
    assert assembler.receive(TEXT, b"\xe2", fin=False) is None
    assert assembler.receive(CONTINUATION, b"\x82", fin=False) is None
    assert assembler.receive(CONTINUATION, b"\xac") == (TEXT, "€".encode())


def test_the_limit_itself_is_allowed() -> None:
    assembler = MessageAssembler(4)
    assert assembler.receive(BINARY, b"1234") == (BINARY, b"1234")
    assert assembler.receive(BINARY, b"12", fin=False) is None
    assert assembler.receive(CONTINUATION, b"34") == (BINARY, b"1234")
    with pytest.raises(MessageTooBig):
        assembler.receive(BINARY, b"12345")


def test_nothing_counts_after_a_close_frame() -> None:
    assembler = MessageAssembler(MAX)
    assembler.receive(TEXT, b"half", fin=False)
    assert assembler.receive(CLOSE, b"") == (CLOSE, b"")
    assert assembler.receive(CONTINUATION, b"\xff", reserved=True) is None
    assert not assembler.idle


frames = st.tuples(
    st.integers(0, 15), st.binary(max_size=140), st.booleans(), st.sampled_from([False, False, False, True])
)


@given(st.lists(frames, max_size=30))
def test_whatever_comes_only_a_protocol_error_is_raised(sequence: list[tuple[int, bytes, bool, bool]]) -> None:
    assembler = MessageAssembler(300, max_fragments=5)
    for frame in sequence:
        try:
            message = assembler.receive(*frame)
        except ProtocolError as error:
            event("refused")
            if error.close_code not in (1002, 1007, 1008, 1009):
                raise
            return
        if message is not None and message[0] == TEXT:
            message[1].decode()
            assert len(message[1]) <= 300
