"""Asking the operator on the terminal and nowhere else: for the passphrase of a key, and for an answer."""

import asyncio
import os
import sys
import termios
from collections.abc import Awaitable, Callable

from lvstop.plain import plain

_LOCAL_MODES = 3
"""Where `termios.tcgetattr` has the modes that `ECHO` is one of."""


def terminal_prompt() -> Callable[[str], Awaitable[str | None]] | None:
    """A prompt without echo, or None where nobody sits at a terminal. What is typed is not kept."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    one_at_a_time = asyncio.Lock()

    async def ask(question: str) -> str | None:
        async with one_at_a_time:
            return await _read_secret(sys.stdin.fileno(), f"{question}: ") or None

    return ask


def terminal_question() -> Callable[[str], Awaitable[str | None]] | None:
    """A question whose answer is seen as it is typed, or None where nobody sits at a terminal.

    What was typed before it was asked is no answer. None is the end of input.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    async def ask(question: str) -> str | None:
        line = await _read_line(sys.stdin.fileno(), f"{plain(question)} ", echo=True)
        if not line.endswith("\n"):
            sys.stderr.write("\n")
        return line.strip() if line else None

    return ask


async def _read_secret(terminal: int, prompt: str) -> str:
    """A line that is typed without echo; empty at the end of input."""
    try:
        return (await _read_line(terminal, prompt, echo=False)).rstrip("\n")
    finally:
        sys.stderr.write("\n")
        sys.stderr.flush()


async def _read_line(terminal: int, prompt: str, *, echo: bool) -> str:
    """A line with its newline; empty at the end of input.

    No thread waits for it, as `getpass` would need one: what is given up meanwhile ends at once, and leaves a terminal
    that echoes, without the half of a passphrase in its queue for the shell that reads next.
    """
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()
    typed = bytearray()

    def take() -> None:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            data = b""  # hung up
        typed.extend(data)
        if not line.done() and (not data or data.endswith(b"\n")):
            line.set_result(os.fsdecode(bytes(typed)))

    before, during = termios.tcgetattr(terminal), termios.tcgetattr(terminal)
    if not echo:
        during[_LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, during)
    try:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        loop.add_reader(terminal, take)
        return await line
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
