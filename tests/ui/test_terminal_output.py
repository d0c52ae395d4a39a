"""The thread that writes to a terminal, on pipes: descriptors it can only duplicate, so that a write may hang."""

import os
from collections.abc import Iterator
from threading import Event

import pytest

from lvstop.ui.terminal_output import BELL, MOST_WAITING, NOTIFY_OSC9, NOTIFY_OSC777, TerminalOutput

GENEROUS = 60.0
FRAME = "f" * 4096


class Terminal:
    """A pipe's two ends, an output on one of them, and what the output told."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        self.drained, self.lost = Event(), Event()
        self.output = TerminalOutput(writer, self.drained.set, self.lost.set)
        os.close(writer)

    def read_until(self, text: bytes) -> bytes:
        """Everything up to a text that must come."""
        data = b""
        while text not in data:
            piece = os.read(self.reader, 1 << 16)
            assert piece, f"the end came before {text!r}"
            data += piece
        return data

    def stall(self) -> None:
        """Write frames, which nobody reads, until some must have been dropped."""
        pipe_and_more = (1 << 16) + 2 * MOST_WAITING
        for _ in range(2 * pipe_and_more // len(FRAME)):
            self.output.frame(FRAME)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """One, closed at the end."""
    terminal = Terminal()
    yield terminal
    os.close(terminal.reader)
    terminal.output.close()


def test_what_is_kept_comes_in_its_order_between_frames(terminal: Terminal) -> None:
    """A terminal that reads gets everything."""
    terminal.output.keep("[mode]")
    terminal.output.frame("[frame]")
    terminal.output.keep(BELL)
    assert terminal.read_until(b"\a") == b"[mode][frame]\a"
    assert not terminal.drained.is_set()


@pytest.mark.parametrize("call", [BELL, f"{NOTIFY_OSC9}down\x1b\\", f"{NOTIFY_OSC777}lvstop;down\x1b\\"])
def test_frames_are_dropped_whole_and_the_rest_is_kept(terminal: Terminal, call: str) -> None:
    """Where nobody reads, whole frames go; modes stay; what comes next is to be painted. Nobody is called late."""
    terminal.stall()
    terminal.output.keep("[mode]")
    terminal.output.keep(call)
    before = terminal.read_until(b"[mode]").removesuffix(b"[mode]")
    assert terminal.drained.wait(GENEROUS)
    assert before == FRAME.encode() * (len(before) // len(FRAME))
    assert len(before) <= (1 << 16) + len(FRAME) + MOST_WAITING
    terminal.output.frame("[frame]")
    assert terminal.read_until(b"[frame]") == b"[frame]"


def test_closing_does_not_wait_for_a_write_that_hangs(terminal: Terminal) -> None:
    """It comes back though nobody reads; nothing is painted any more."""
    terminal.stall()
    terminal.output.leave()
    terminal.output.close()
    assert not terminal.drained.is_set()


def test_a_reader_that_is_gone_is_told_once() -> None:
    """The failed write tells; output after that goes nowhere."""
    terminal = Terminal()
    os.close(terminal.reader)
    terminal.output.keep("[mode]")
    assert terminal.lost.wait(GENEROUS)
    terminal.stall()
    terminal.output.close()
