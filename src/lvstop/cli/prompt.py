"""Asking the operator for the passphrase of a key, on the terminal and nowhere else."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable


def terminal_prompt() -> Callable[[str], Awaitable[str | None]] | None:
    """A prompt without echo, or None where nobody sits at a terminal. What is typed is not kept."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    one_at_a_time = asyncio.Lock()

    async def ask(prompt: str) -> str | None:
        async with one_at_a_time:
            try:
                return await asyncio.to_thread(getpass.getpass, prompt) or None
            except EOFError:
                return None

    return ask
