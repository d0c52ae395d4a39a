"""The wire format of `transport.base`: answers as bytes, and back.

An answer is looked at twice: while it arrives, only for its end (`AnswerBuffer`), and once it is complete, for its
sections (`decode_sections`). Both are linear in its size, however small the pieces are in which it comes.
"""

import re
from collections.abc import Iterable
from typing import NoReturn

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import ANSWER_LIMIT, Section, SectionMode, TransportError

_SECTION_NAME = re.compile(rb"[A-Za-z0-9_][A-Za-z0-9._+@:-]*")
_SEQUENCE = re.compile(rb"[0-9]{1,18}")
_STATUS = re.compile(rb"[0-9]{1,3}")
_MARKER_TAIL_LIMIT = 256
"""Bytes that may follow a nonce on its line. A longer line is not a marker that is still arriving, it is nonsense."""


def bad_answer(reason: str) -> TransportError:
    """What is raised where an answer does not follow the wire format; `reason` completes "the answer …"."""
    return TransportError(Fault(FaultKind.BAD_ANSWER, f"the answer {reason}"))


def is_section_name(name: str) -> bool:
    """A section may be called so: one word, usable as the name of a file."""
    return _SECTION_NAME.fullmatch(name.encode("utf-8", "replace")) is not None


def encode_answer(sections: Iterable[Section], *, nonce: str, sequence: int) -> bytes:
    """The answer as a program writes it: what tests, the demo pair and the benchmarks speak."""
    parts: list[bytes] = []
    for section in sections:
        parts.append(f"{nonce} [ {section.name} {section.mode}\n".encode())
        parts.append(section.body)
        parts.append(f"\n{nonce} ] {section.status}\n".encode())
    parts.append(f"{nonce} . {sequence}\n".encode())
    return b"".join(parts)


class AnswerBuffer:
    """Collects the bytes of one answer until its end marker has arrived.

    Args:
        nonce: the word that starts every marker.
        limit: bytes; an answer that grows beyond is given up at once.
    """

    def __init__(self, nonce: str, *, limit: int = ANSWER_LIMIT) -> None:
        self._end = b"\n" + nonce.encode() + b" . "
        self._limit = limit
        # The newline that an end marker needs before it; an answer without sections begins with its end marker.
        self._buffer = bytearray(b"\n")
        self._searched = 0

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return len(self._buffer) - 1

    def head(self, length: int) -> bytes:
        """The first `length` bytes received so far: evidence for messages."""
        return bytes(self._buffer[1 : length + 1])

    def feed(self, data: bytes) -> bytes | None:
        """Add a piece. The whole answer once its end marker is there, else None; the buffer is then empty again.

        Raises:
            TransportError: `answer-too-large`; `bad-answer` where something follows the end marker.
        """
        self._buffer += data
        answer = self._take()
        if answer is None and self.size > self._limit:
            raise TransportError(
                Fault(
                    FaultKind.ANSWER_TOO_LARGE,
                    f"the answer is larger than {self._limit:,} bytes; the rest of it was not read",
                )
            )
        return answer

    def _take(self) -> bytes | None:
        found = self._buffer.find(self._end, self._searched)
        if found < 0:
            # A marker may have begun in what is here: look again from where it could start.
            self._searched = max(0, len(self._buffer) - len(self._end) + 1)
            return None
        self._searched = found
        tail = found + len(self._end)
        line_end = self._buffer.find(b"\n", tail, tail + _MARKER_TAIL_LIMIT)
        if line_end < 0:
            if len(self._buffer) - tail >= _MARKER_TAIL_LIMIT:
                raise bad_answer("has an end marker without a sequence number")
            return None
        if line_end + 1 != len(self._buffer):
            raise bad_answer(f"goes on for {len(self._buffer) - line_end - 1} bytes after its end marker")
        answer = bytes(memoryview(self._buffer)[1:])
        self._buffer = bytearray(b"\n")
        self._searched = 0
        return answer


def decode_sections(answer: bytes, *, nonce: str, sequence: int) -> tuple[Section, ...]:
    """Read the sections of a whole answer, as `AnswerBuffer.feed` returned it.

    Before the first marker of a greeting (sequence 0) anything may stand: a login shell's start files like to say hello
    before the program runs. It is not part of the greeting. Elsewhere it is an error, but for empty lines.

    Raises:
        TransportError: `bad-answer`, naming what is wrong.
    """
    mark = nonce.encode() + b" "
    sections: list[Section] = []
    names: set[str] = set()
    position = _first_marker(answer, mark) if sequence == 0 else 0
    while True:
        position, line = _marker_line(answer, position, mark, sections)
        kind, _, rest = line.partition(b" ")
        if kind == b".":
            _check_end(answer, position, rest, sequence)
            return tuple(sections)
        if kind != b"[":
            raise bad_answer(f"has {_quoted(line)} where a section should begin {_after(sections)}")
        name, mode = _section_head(rest)
        if name in names:
            raise bad_answer(f"has two sections called {name}")
        names.add(name)
        body, status, position = _section_body(answer, position, mark, name)
        sections.append(Section(name, mode, status, body))


def _first_marker(answer: bytes, mark: bytes) -> int:
    if answer.startswith(mark):
        return 0
    found = answer.find(b"\n" + mark)
    return found + 1 if found >= 0 else 0


def _marker_line(answer: bytes, position: int, mark: bytes, sections: list[Section]) -> tuple[int, bytes]:
    """The marker at `position` without its nonce, and the position of the next line. Empty lines before it are skipped.

    "The newline before a marker belongs to the marker": a program may write one before every marker.
    """
    while answer.startswith(b"\n", position):
        position += 1
    end = answer.find(b"\n", position)
    if end < 0:
        raise bad_answer(f"ends without its end marker {_after(sections)}")
    if not answer.startswith(mark, position):
        raise bad_answer(f"has {_quoted(answer[position : min(end, position + 80)])} outside of a section")
    return end + 1, answer[position + len(mark) : end]


def _section_head(rest: bytes) -> tuple[str, SectionMode]:
    words = rest.split(b" ")
    if len(words) != 2 or not _SECTION_NAME.fullmatch(words[0]):
        raise bad_answer(f"has a section head that is not a name and a mode: {_quoted(rest)}")
    name = words[0].decode("ascii")
    try:
        return name, SectionMode(words[1].decode("ascii", "replace"))
    except ValueError:
        _raise_mode(name, words[1])


def _raise_mode(name: str, mode: bytes) -> NoReturn:
    raise bad_answer(f"has the section {name} in an unknown mode: {_quoted(mode)}")


def _section_body(answer: bytes, start: int, mark: bytes, name: str) -> tuple[bytes, int, int]:
    """Body, status, and the position behind the section that starts at `start`."""
    # From the head's own newline on: a program that wrote nothing may omit the newline that belongs to the marker.
    end = answer.find(b"\n" + mark, start - 1)
    if end < 0:
        raise bad_answer(f"ends inside of the section {name}")
    line_start = end + 1 + len(mark)
    line_end = answer.find(b"\n", line_start)
    line = answer[line_start : line_end if line_end >= 0 else len(answer)]
    kind, _, status = line.partition(b" ")
    if kind != b"]" or line_end < 0:
        raise bad_answer(f"does not close the section {name}: {_quoted(line)} follows its content")
    if not _STATUS.fullmatch(status):
        raise bad_answer(f"closes the section {name} with {_quoted(status)} instead of an exit status")
    return answer[start : max(start, end)], int(status), line_end + 1


def _check_end(answer: bytes, position: int, rest: bytes, sequence: int) -> None:
    if not _SEQUENCE.fullmatch(rest):
        raise bad_answer(f"has an end marker without a sequence number: {_quoted(rest)}")
    if int(rest) != sequence:
        raise bad_answer(f"is the one to request {int(rest)}, not to request {sequence}")
    if position != len(answer):
        raise bad_answer(f"goes on for {len(answer) - position} bytes after its end marker")


def _after(sections: list[Section]) -> str:
    return f"after the section {sections[-1].name}" if sections else "at its beginning"


def _quoted(data: bytes) -> str:
    return ascii(data[:80].decode("utf-8", "replace"))
