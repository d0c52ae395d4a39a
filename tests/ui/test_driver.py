"""The terminal's driver, under a real terminal that stalls, comes back, is resized and goes away."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from textual import constants

from lvstop.ui.driver import driver_class
from lvstop.ui.steady_driver import HANGUP_EXIT, SteadyDriver, is_frame
from lvstop.ui.terminal_output import MOST_WAITING
from support import ticking_app
from support.pty_program import PtyProgram, on_a_terminal

TESTS = Path(__file__).parent.parent
BEATS = 120
"""With the terminal stalled, Textual's own driver makes about 60 beats and then none."""

SYNC_SUPPORTED = b"\x1b[?2026;2$y"
MODES_OF_THE_APP = {1049: True, 25: False, 1000: True, 1003: True, 1006: True, 1004: True, 2004: True}


def running(*arguments: str) -> AbstractContextManager[PtyProgram]:
    """The ticking app on a terminal."""
    # A fixed size (pytest-xdist sets one for its workers) would hide the terminal's own.
    inherited = {key: text for key, text in os.environ.items() if key not in ("TEXTUAL_DRIVER", "COLUMNS", "LINES")}
    environment = {**inherited, "PYTHONPATH": f"{TESTS}:{TESTS.parent / 'src'}"}
    return on_a_terminal([sys.executable, "-m", "support.ticking_app", *arguments], environment)


@contextmanager
def ticking(*arguments: str) -> Iterator[PtyProgram]:
    """The same, once it shows its rows and has set its modes."""
    with running(*arguments) as program:
        program.until(lambda: program.screen.row(5) == ticking_app.STATIC_ROWS[-1] and told(program) > 3, "the app")
        program.until(lambda: MODES_OF_THE_APP.items() <= program.screen.modes.items(), "its modes")
        yield program


def told(program: PtyProgram, word: str = "beat") -> int:
    """The newest number the app told with this word; 0 where none."""
    return next((int(line.split()[1]) for line in reversed(program.lines) if line.startswith(word)), 0)


def stall(program: PtyProgram, beats: int = BEATS) -> None:
    """Do not read the terminal for some beats of the app."""
    last = told(program) + beats
    program.stalled_until(lambda: told(program) >= last, f"{beats} beats with the terminal stalled")


def freeze(program: PtyProgram) -> int:
    """Stop the counting with the terminal unread; the last number."""
    program.feed(b"f")
    program.stalled_until(lambda: told(program, "frozen") > 0, "the end of the counting")
    return told(program, "frozen")


def shows(program: PtyProgram, count: int) -> bool:
    """Whether the screen is that of this number, whole."""
    rows = ticking_app.expected_rows(count)
    return [program.screen.row(y) for y in range(len(rows))] == rows


def test_the_heart_beats_while_the_terminal_is_stalled() -> None:
    """Nothing that runs on the event loop waits for a terminal that does not read."""
    with ticking() as program:
        stall(program)


@pytest.mark.parametrize("synchronised", [True, False])
def test_afterwards_the_whole_screen_is_painted_anew(synchronised: bool) -> None:
    """What was dropped is made good: the newest numbers, and the rows that did not change too."""
    with ticking() as program:
        if synchronised:
            program.feed(SYNC_SUPPORTED)
            program.until(lambda: 2026 in program.screen.modes, "synchronised frames")
        stall(program)
        count = freeze(program)
        program.screen.blank()
        program.until(lambda: shows(program, count), f"the screen of {count}")
        program.feed(b"q")
        program.until(lambda: not program.screen.modes[1049], "the end")
        assert program.output.count(b"\x1b[?2026h") == program.output.count(b"\x1b[?2026l")


def test_frames_are_dropped_and_bells_are_not_rung_late() -> None:
    """The terminal gets what waited and one whole screen, not all the frames of the time it was stalled."""
    with ticking() as program:
        stall(program)
        before = len(program.output)
        for _ in range(20):
            program.feed(b"b")
        count = freeze(program)
        program.screen.blank()
        program.until(lambda: shows(program, count), f"the screen of {count}")
        after = program.output[before:]
        assert len(after) < MOST_WAITING < BEATS * len("".join(ticking_app.noise(0)))
        assert b"\a" not in after


def test_a_resize_while_stalled_is_painted_afterwards() -> None:
    """The whole screen has its new size."""
    with ticking() as program:
        stall(program)
        program.size(100, 30)
        stall(program, beats=30)
        count = freeze(program)
        program.screen.blank()
        program.until(lambda: shows(program, count), f"the screen of {count}")
        program.until(lambda: program.screen.row(29) == "corner".rjust(100), "the new bottom row")


def test_only_frames_may_be_dropped() -> None:
    """What Textual writes beside frames paints nothing, and its frames are known as frames."""
    with ticking("recording") as program:
        program.feed(SYNC_SUPPORTED)
        program.until(lambda: 2026 in program.screen.modes, "synchronised frames")
        freeze(program)
        kept = next(json.loads(line.removeprefix("kept ")) for line in program.lines if line.startswith("kept "))
    assert [text for text in kept if "count" in text or ticking_app.STATIC_ROWS[0] in text] == []
    assert {"\x1b[?1049h", "\x1b[?25l", "\x1b[?1003h", "\x1b[?2004h", "\x1b[?2026h", "\x1b[?2026l"} <= set(kept)


@pytest.mark.parametrize("text", ["\x1b[?1049h", "\x1b[?25h", "\a", "\x1b]22;pointer\a", "\x1b]52;c;SDE7MUg=\a", ""])
def test_modes_are_no_frames(text: str) -> None:
    """Only what puts the cursor somewhere at its end is a frame."""
    assert not is_frame(text)
    assert is_frame(f"{text}\x1b[1;1H")


def test_leaving_puts_the_terminal_back() -> None:
    """Alternate screen, cursor, mouse, focus and paste are as they were, and so are the terminal's settings."""
    with running() as program:
        before = program.attributes()
        program.until(lambda: told(program) > 3, "the app")
        program.until(lambda: MODES_OF_THE_APP.items() <= program.screen.modes.items(), "its modes")
        assert program.attributes() != before
        program.feed(b"q")
        program.until(lambda: program.process.poll() is not None, "the end")
        program.read_rest()
        assert program.process.returncode == 0
        assert program.screen.modes == dict.fromkeys(program.screen.modes, False) | {25: True, 7: True}
        assert program.attributes() == before


def test_leaving_while_stalled_ends_and_puts_the_terminal_back() -> None:
    """The program does not wait for the terminal, which finds the way out of the alternate screen when it reads."""
    with running() as program:
        before = program.attributes()
        program.until(lambda: MODES_OF_THE_APP.items() <= program.screen.modes.items() and told(program) > 3, "the app")
        stall(program)
        program.feed(b"q")
        assert program.ends() == 0
        assert program.attributes() == before
        program.read_rest()
        assert not any(program.screen.modes[mode] for mode in (1049, 1000, 1003, 1006, 1004, 2004))
        assert program.screen.modes[25]


@pytest.mark.parametrize("arguments", [(), ("deaf",)])
def test_a_terminal_that_goes_away_ends_the_program(arguments: tuple[str, ...]) -> None:
    """Told by SIGHUP, or by a write that fails where SIGHUP is ignored, the app exits as at `quit`."""
    with ticking(*arguments) as program:
        program.hang_up()
        assert program.ends() == HANGUP_EXIT


def test_a_terminal_that_goes_away_while_stalled_ends_the_program() -> None:
    """As a dead link does: first nothing is read, then the terminal is gone."""
    with ticking("deaf") as program:
        stall(program)
        program.hang_up()
        assert program.ends() == HANGUP_EXIT


def test_suspended_and_resumed_the_screen_is_whole() -> None:
    """Ctrl-Z leaves the alternate screen; `fg` enters it and paints every cell."""
    with ticking() as program:
        program.feed(b"f")
        program.until(lambda: told(program, "frozen") > 0, "the end of the counting")
        count = told(program, "frozen")
        program.until(lambda: shows(program, count), f"the screen of {count}")
        program.process.send_signal(signal.SIGTSTP)
        os.waitid(os.P_PID, program.process.pid, os.WSTOPPED | os.WNOWAIT)
        program.until(lambda: not program.screen.modes[1049] and program.screen.modes[25], "the shell's screen")
        program.process.send_signal(signal.SIGCONT)
        program.until(lambda: shows(program, count), f"the screen of {count}")
        program.until(lambda: MODES_OF_THE_APP.items() <= program.screen.modes.items(), "its modes")


def test_the_terminal_is_lent_to_another_program() -> None:
    """`App.suspend` shows the shell's screen to whoever writes to the terminal, and ours again afterwards."""
    with ticking() as program:
        program.feed(b"s")
        program.until(lambda: b"a shell" in program.output, "the other program")
        before = program.output.split(b"a shell")[0]
        assert before.rindex(b"\x1b[?1049l") > before.rindex(b"\x1b[?1049h")
        program.until(lambda: program.screen.row(5) == ticking_app.STATIC_ROWS[-1], "the rows that never change")
        program.until(lambda: MODES_OF_THE_APP.items() <= program.screen.modes.items(), "its modes")
        program.feed(b"f")
        program.until(lambda: told(program, "frozen") > 0, "the end of the counting")
        program.until(lambda: shows(program, told(program, "frozen")), "the screen")


def test_the_drivers_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours on POSIX; Textual's own choice elsewhere and where the environment names one."""
    assert driver_class() is SteadyDriver
    monkeypatch.setattr(constants, "DRIVER", "some.where:Driver")
    assert driver_class() is None
    monkeypatch.setattr(constants, "DRIVER", None)
    monkeypatch.setattr(os, "name", "nt")
    assert driver_class() is None
