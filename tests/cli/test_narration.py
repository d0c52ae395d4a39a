"""Writing that holds up nothing."""

import io
import os
import threading

import pytest

from lvstop.cli.narration import Narrator, wrapped, write_out


class Stalled(io.StringIO):
    """A terminal that takes nothing until somebody presses Ctrl-Q."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.reached = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        self.go_on.wait()
        return super().write(text)


class Gone(io.StringIO):
    """A terminal that is not there any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_lines_are_written_in_order() -> None:
    """And are all there when it is finished; what a terminal would obey is not."""
    stream = io.StringIO()
    narrator = Narrator(stream)
    for number in range(100):
        narrator.say(f"line {number}\x1b[2J")
    narrator.finish()
    assert stream.getvalue() == "".join(f"line {number}\ufffd[2J\n" for number in range(100))


def test_a_stalled_terminal_holds_up_nobody() -> None:
    """Neither whoever tells nor whoever ends; what was said comes when it takes more."""
    stream = Stalled()
    narrator = Narrator(stream)
    narrator.say("one")
    assert stream.reached.wait(10)
    for _ in range(1000):
        narrator.say("more")
    narrator.finish(seconds=0.01)
    assert stream.getvalue() == ""
    stream.go_on.set()
    narrator.finish(seconds=10)
    assert stream.getvalue().startswith("one\nmore\n")


def test_a_terminal_that_is_gone_is_no_error() -> None:
    """Nobody reads, and nothing is raised."""
    narrator = Narrator(Gone())
    narrator.say("one")
    narrator.finish()


def test_data_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that nobody does, once for all: what follows goes nowhere."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert not write_out("data\n")
        assert write_out("more\n")


def test_lines_are_broken_between_words() -> None:
    """What goes on is indented; a command stays in one line."""
    command = "  → ssh-keygen -f /a/very/long/path/to/known_hosts -R '[127.0.0.1]:2222'"
    said = wrapped(f"short\n  the host key of lb1 has changed: it offers SHA256:{'x' * 43} now\n{command}", 40)
    assert said.splitlines() == [
        "short",
        "  the host key of lb1 has changed: it",
        "    offers",
        f"    SHA256:{'x' * 43}",
        "    now",
        command,
    ]
