"""The question for a passphrase: without echo, without a thread, and without a trace when it is given up."""

import asyncio
import os
import termios
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from lvstop.cli.prompt import terminal_prompt, terminal_question
from support.ssh_server import until

SECRET = "correct horse"  # noqa: S105


class Terminal:
    """The operator's side of a terminal, and what its settings are."""

    def __init__(self, master: int, slave: int) -> None:
        self.master, self.slave = master, slave
        self.shown = ""

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def read(self) -> str:
        """Everything that was shown so far."""
        with suppress(BlockingIOError):
            self.shown += os.read(self.master, 4096).decode()
        return self.shown

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """The program's standard input and error are a terminal."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    with open(slave, closefd=False) as stdin, open(slave, "w", closefd=False) as stderr:
        # not those of the whole interpreter, which pytest exchanges as well
        monkeypatch.setattr("lvstop.cli.prompt.sys", SimpleNamespace(stdin=stdin, stderr=stderr))
        yield Terminal(master, slave)
    os.close(master)
    os.close(slave)


async def test_what_is_typed_is_the_answer_and_is_not_shown(terminal: Terminal) -> None:
    """The terminal echoes before and after, and not meanwhile."""
    ask = terminal_prompt()
    assert ask is not None
    asking = asyncio.ensure_future(ask("Passphrase for id"))
    await until(lambda: "Passphrase for id: " in terminal.read())
    assert not terminal.echoes
    terminal.type(f"{SECRET}\n")
    assert await asking == SECRET
    assert terminal.echoes
    assert terminal.read().split() == ["Passphrase", "for", "id:"]


@pytest.mark.parametrize("keys", ["\n", "\x04"])
async def test_nothing_is_a_refusal(terminal: Terminal, keys: str) -> None:
    """Enter alone, or the end of input."""
    ask = terminal_prompt()
    assert ask is not None
    asking = asyncio.ensure_future(ask("Passphrase"))
    await until(lambda: not terminal.echoes)
    terminal.type(keys)
    assert await asking is None
    assert terminal.echoes


async def test_an_answer_is_seen_as_it_is_typed(terminal: Terminal) -> None:
    """And what was typed before the question was there is none."""
    ask = terminal_question()
    assert ask is not None
    terminal.type("yes\n")
    asking = asyncio.ensure_future(ask("Trust \x1b[2J it?"))
    await until(lambda: "it? " in terminal.read())
    assert not asking.done()
    assert terminal.echoes
    terminal.type(" no \n")
    assert await asking == "no"
    assert "\x1b" not in terminal.read()
    again = asyncio.ensure_future(ask("Once more?"))
    await until(lambda: "more? " in terminal.read())
    terminal.type("\x04")
    assert await again is None


async def test_one_question_at_a_time(terminal: Terminal) -> None:
    """There is one keyboard."""
    ask = terminal_prompt()
    assert ask is not None
    both = [asyncio.ensure_future(ask(question)) for question in ("one", "two")]
    await until(lambda: "one: " in terminal.read())
    assert "two" not in terminal.read()
    terminal.type("1\n")
    await until(lambda: "two: " in terminal.read())
    terminal.type("2\n")
    assert await asyncio.gather(*both) == ["1", "2"]


async def test_a_question_that_is_given_up_ends_at_once(terminal: Terminal) -> None:
    """No thread goes on waiting for a line, and the terminal echoes again."""
    ask = terminal_prompt()
    assert ask is not None
    threads = threading.active_count()
    asking = asyncio.ensure_future(ask("Passphrase"))
    await until(lambda: not terminal.echoes)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert terminal.echoes
    assert threading.active_count() == threads


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under cron."""
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("lvstop.cli.prompt.sys", SimpleNamespace(stdin=nothing, stderr=nothing))
        assert terminal_prompt() is None
        assert terminal_question() is None
