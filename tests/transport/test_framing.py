"""The wire format: what is encoded is decoded, and nonsense is an error that says what is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.model.director import FaultKind
from lvstop.transport import framing
from lvstop.transport.base import Section, SectionMode, TransportError
from lvstop.transport.framing import AnswerBuffer, decode_sections, encode_answer

NONCE = "n0nce4711"

names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._+@:-]{0,20}", fullmatch=True)
# Content that comes as near to a marker as it can without knowing the nonce.
tricky = st.sampled_from(
    [b"", b"\n", b"\n\n", b"no newline", b"n0nce471 ] 0\n", b"n0nce4712 . 1\n", b" " + NONCE.encode() + b" ] 0\n"]
)
bodies = st.one_of(st.binary(max_size=200), st.lists(tricky, max_size=5).map(b"".join)).filter(
    lambda body: not body.startswith(NONCE.encode() + b" ") and b"\n" + NONCE.encode() + b" " not in body
)
sections_of = st.lists(
    st.builds(Section, names, st.sampled_from(SectionMode), st.integers(0, 255), bodies),
    max_size=5,
    unique_by=lambda section: section.name,
)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` in packets, cut at `cuts` (taken modulo its length)."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def receive(packets: list[bytes], *, limit: int = 1_000_000) -> bytes:
    """The whole answer; it must be complete with the last packet that holds anything and not before."""
    buffer = AnswerBuffer(NONCE, limit=limit)
    answers = [answer for packet in packets if (answer := buffer.feed(packet)) is not None]
    assert len(answers) == 1
    return answers[0]


@settings(deadline=None)
@given(sections_of, st.integers(0, 10**9), st.lists(st.integers(0, 10_000), max_size=30))
def test_what_was_encoded_is_decoded_however_it_was_split(
    sections: list[Section], sequence: int, cuts: list[int]
) -> None:
    data = encode_answer(sections, nonce=NONCE, sequence=sequence)
    answer = receive([packet for packet in split(data, cuts) if packet])
    assert answer == data
    assert decode_sections(answer, nonce=NONCE, sequence=sequence) == tuple(sections)


@settings(deadline=None)
@given(sections_of)
def test_byte_by_byte(sections: list[Section]) -> None:
    data = encode_answer(sections, nonce=NONCE, sequence=3)
    assert receive([bytes([byte]) for byte in data]) == data


pieces = st.sampled_from(
    [
        NONCE.encode(),
        b" ",
        b"\n",
        b"[",
        b"]",
        b".",
        b"0",
        b"1",
        b"name",
        b"full",
        b"delta",
        f"{NONCE} [ a full\n".encode(),
        f"\n{NONCE} ] 0\n".encode(),
        f"{NONCE} . 1\n".encode(),
    ]
)
nonsense = st.one_of(st.binary(max_size=300), st.lists(st.one_of(pieces, st.binary(max_size=5))).map(b"".join))


@settings(deadline=None)
@given(nonsense, st.integers(0, 1))
def test_nonsense_is_never_anything_but_a_transport_error(data: bytes, sequence: int) -> None:
    buffer = AnswerBuffer(NONCE, limit=100)
    try:
        buffer.feed(data)
        decode_sections(data, nonce=NONCE, sequence=sequence)
    except TransportError as error:
        assert error.fault.kind in (FaultKind.BAD_ANSWER, FaultKind.ANSWER_TOO_LARGE)  # noqa: PT017


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "ends without its end marker at its beginning"),
        ("hello\n", "'hello' outside of a section"),
        ("N [ a full\nx\n", "ends inside of the section a"),
        ("N [ a full\nx\nN . 1\n", "does not close the section a"),
        ("N [ a full\nx\nN ] 0", "does not close the section a"),
        ("N [ a full\nx\nN ] none\n", "closes the section a with 'none' instead of an exit status"),
        ("N [ a full\nx\nN ] 0\n", "ends without its end marker after the section a"),
        ("N [ a full\nx\nN ] 0\nN . 2\n", "is the one to request 2, not to request 1"),
        ("N [ a full\nx\nN ] 0\nN . two\n", "end marker without a sequence number: 'two'"),
        ("N [ a full\nx\nN ] 0\nN . 1\nmore", "goes on for 4 bytes after its end marker"),
        ("N [ a gzip\nx\nN ] 0\nN . 1\n", "section a in an unknown mode: 'gzip'"),
        ("N [ a\nx\nN ] 0\nN . 1\n", "not a name and a mode: 'a'"),
        ("N [ ../a full\nx\nN ] 0\nN . 1\n", "not a name and a mode: '../a full'"),
        ("N ] 0\nN . 1\n", "'] 0' where a section should begin"),
        ("N [ a full\n\nN ] 0\nN [ a full\n\nN ] 0\nN . 1\n", "two sections called a"),
    ],
)
def test_errors_name_what_is_wrong(data: str, says: str) -> None:
    with pytest.raises(TransportError) as caught:
        decode_sections(data.encode(), nonce="N", sequence=1)
    assert caught.value.fault.kind is FaultKind.BAD_ANSWER
    assert says in caught.value.fault.summary


def test_a_program_may_write_a_newline_before_every_marker() -> None:
    data = b"\nN [ a full\ntext\n\nN ] 0\n\nN [ b full\nN ] 1\n\nN . 1\n"
    assert decode_sections(data, nonce="N", sequence=1) == (
        Section("a", SectionMode.FULL, 0, b"text\n"),
        Section("b", SectionMode.FULL, 1, b""),
    )


def test_only_a_greeting_may_have_something_before_it() -> None:
    data = b"Welcome to keepalived1!\nN [ a full\nx\nN ] 0\nN . 0\n"
    assert decode_sections(data, nonce="N", sequence=0)[0].body == b"x"
    with pytest.raises(TransportError, match="outside of a section"):
        decode_sections(data.replace(b". 0", b". 1"), nonce="N", sequence=1)


def test_a_marker_with_another_nonce_is_content() -> None:
    body = b"other ] 0\nother . 1\n"
    data = encode_answer([Section("a", SectionMode.FULL, 0, body)], nonce="N", sequence=1)
    assert decode_sections(data, nonce="N", sequence=1)[0].body == body


def test_an_answer_beyond_the_limit_is_given_up_at_once() -> None:
    buffer = AnswerBuffer(NONCE, limit=1000)
    assert buffer.feed(b"x" * 1000) is None
    with pytest.raises(TransportError, match=r"larger than 1,000 bytes") as caught:
        buffer.feed(b"x")
    assert caught.value.fault.kind is FaultKind.ANSWER_TOO_LARGE


def test_an_answer_of_exactly_the_limit_is_taken() -> None:
    data = encode_answer([], nonce=NONCE, sequence=1)
    assert AnswerBuffer(NONCE, limit=len(data)).feed(data) == data


def test_what_follows_an_answer_is_not_the_next_one() -> None:
    buffer = AnswerBuffer("N")
    with pytest.raises(TransportError, match="goes on for 6 bytes after its end marker"):
        buffer.feed(b"N . 1\nN . 2\n")


def test_an_end_marker_that_never_ends_is_noticed() -> None:
    buffer = AnswerBuffer("N")
    assert buffer.feed(b"N . ") is None
    with pytest.raises(TransportError, match="end marker without a sequence number"):
        buffer.feed(b"1" * 300)


def test_a_large_answer_in_small_packets_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 MB in pieces of 1 kB; a search from the beginning for each would look at 500 MB."""
    searched = 0

    class Counting(bytearray):
        def find(self, what: bytes, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
            nonlocal searched
            searched += (len(self) if end is None else min(end, len(self))) - start
            return super().find(what, start, len(self) if end is None else end)

    monkeypatch.setattr(framing, "bytearray", Counting, raising=False)
    data = encode_answer([Section("a", SectionMode.FULL, 0, b"x" * 1024 * 1024)], nonce=NONCE, sequence=1)
    packets = [data[start : start + 1024] for start in range(0, len(data), 1024)]
    assert len(receive(packets, limit=len(data))) == len(data)
    assert len(data) <= searched < 1.2 * len(data)
