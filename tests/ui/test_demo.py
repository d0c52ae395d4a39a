"""`lvstop demo`: the whole program on a terminal, and the terminal on a pair that is broken and mended."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from lvstop.clock import SystemClock
from lvstop.config.themes import load_themes
from lvstop.demo.process import DemoProcess
from lvstop.engine.operator_sessions import OperatorSessions
from lvstop.ui.app import Start
from lvstop.ui.workbench.app import WorkbenchApp
from support.demo_pair import GENTLE, SCENARIO
from support.pty_program import PtyProgram, on_a_terminal
from support.screen import Console

SOURCE = Path(__file__).parent.parent.parent / "src"


@contextmanager
def started(folder: Path, *words: str) -> Iterator[PtyProgram]:
    """`lvstop demo WORDS` on a terminal; its temporary files lie in `folder`."""
    inherited = {key: text for key, text in os.environ.items() if key not in ("TEXTUAL_DRIVER", "COLUMNS", "LINES")}
    environment = {**inherited, "PYTHONPATH": str(SOURCE), "TMPDIR": str(folder)}
    with on_a_terminal([sys.executable, "-m", "lvstop", "demo", *words], environment) as program:
        yield program


def text_of(program: PtyProgram) -> str:
    """What is on the screen."""
    return "\n".join(program.screen.row(y) for y in range(24))


def test_a_living_pair_with_nothing_but_python(tmp_path: Path) -> None:
    """It gets to the cluster's screen by itself, is left like any other, and nothing of it stays."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with started(temporary) as program:
        program.until(lambda: "172.26.127.20 is on keepalived1" in text_of(program), "who holds the VIP")
        program.until(lambda: text_of(program).count("● live") == 2, "both directors")
        program.feed(b"q")
        program.until(lambda: program.process.poll() is not None, "the end")
        assert program.process.returncode == 0
        assert b"Traceback" not in program.output
    assert list(temporary.iterdir()) == []


def test_a_scenario_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With those that are, and without a screen."""
    with started(tmp_path, "smbb") as program:
        program.until(lambda: program.process.poll() is not None, "the end")
        program.read_rest()
        assert program.process.returncode == 3
        assert b"there is no scenario smbb; did you mean smb?" in program.output


@asynccontextmanager
async def console(folder: Path, text: str = SCENARIO, *, speed: float = 5.0) -> AsyncIterator[Console]:
    """The terminal on the pair of the tests, or on another one, whose time passes faster."""
    scenario = folder / "pair.yaml"
    scenario.write_text(text.replace("LOGIN", "sudo"))
    demo_folder = folder / "demo"
    demo_folder.mkdir()
    clock = SystemClock()
    themes, _ = load_themes()
    with DemoProcess(str(scenario), demo_folder, seed=1, speed=speed) as demo:
        sessions = OperatorSessions(clock, demo_folder / "state")
        start = Start(
            tuple(demo.clusters),
            sessions,
            clock,
            themes,
            make_actor=sessions.make_actor,
            make_failover_actor=sessions.make_failover_actor,
        )
        app = WorkbenchApp(start, demo)
        async with app.run_test(size=(140, 45), notifications=True) as pilot:
            yield Console(app, pilot)


async def act(screen: Console, find: str, said: str) -> None:
    """Open the panel, find a part by its words, do what its line says, read what happened, and close the panel."""
    await screen.pilot.press("B")
    await screen.until(lambda: bool(screen.line("Break and mend")), "the panel")
    await screen.until(lambda: bool(screen.line("VRRP link")), "the parts")
    await screen.pilot.press("slash", *find, "enter", "enter")
    await screen.until(lambda: bool(screen.line(said)), "what happened")
    await screen.pilot.press("escape")
    await screen.until(lambda: not screen.line("Break and mend"), "the cluster again")


async def test_an_evening_with_the_demo(tmp_path: Path) -> None:
    """Drained and restored, split and healed, killed and booted: the screen says it all as of a real pair."""
    async with console(tmp_path) as screen:
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived1 since")), "who holds the VIP")
        await screen.until(lambda: screen.text.count("● live") == 2, "both directors")
        await screen.until(lambda: screen.text.count(" up ") == 4, "what the checkers know")

        await screen.pilot.press("down", "down", "d")
        await screen.until(lambda: bool(screen.line("ctrl+g goes")), "the question")
        await screen.pilot.press("ctrl+g")
        await screen.until(lambda: bool(screen.line("following a drain")), "the follow-up")
        await screen.pilot.press("escape")
        await screen.until(
            lambda: bool(screen.line("127.22:139", "4→0", "drained", "same")), "the drain in both tables"
        )
        await screen.pilot.press("R")
        await screen.until(lambda: bool(screen.line("ctrl+g goes")), "the question")
        await screen.pilot.press("ctrl+g")
        await screen.until(lambda: bool(screen.line("127.22:139", " 4 ", " up ", "same")), "the row as it was")

        await act(screen, "link", "VRRP link is cut")
        await screen.until(lambda: bool(screen.line("KEEPALIVED1 AND KEEPALIVED2 AT ONCE")), "the split brain")
        await act(screen, "link", "VRRP link is whole")
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived1 since")), "one master again")

        await act(screen, "directors keepalived1", "keepalived1 has no power")
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived2")), "the takeover")
        await screen.until(lambda: bool(screen.line("director-unreachable")), "the alert")
        await act(screen, "directors keepalived1", "keepalived1 boots")
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived1 since")), "the VIP back")
        await screen.until(lambda: screen.text.count("● live") == 2, "both directors again")


async def test_a_failover_by_its_key(tmp_path: Path) -> None:
    """Asked, named, watched to its end; then the lever is held, and the screen says so."""
    async with console(tmp_path, GENTLE, speed=1.0) as screen:
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived1 since")), "who holds the VIP")
        await screen.until(lambda: screen.text.count("● live") == 2, "both directors")
        await screen.pilot.press("F")
        await screen.until(lambda: bool(screen.line("is the yes: type it")), "the preflight")
        assert screen.line("lever", "track-file")
        await screen.pilot.click("#name")
        await screen.pilot.press(*"keepalived2", "enter")
        await screen.until(lambda: bool(screen.line("Done", "Fail over SMB to keepalived2")), "the outcome")
        assert screen.line("effective priority changed: SMB 40")
        assert screen.line("keepalived2", "address there: 172.26.127.20")
        await screen.pilot.press("escape")
        await screen.until(lambda: bool(screen.line("FAILED OVER keepalived1 → keepalived2")), "the lever that is held")
        await screen.until(lambda: bool(screen.line("172.26.127.20 is on keepalived2 since")), "the new holder")
