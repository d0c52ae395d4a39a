"""A transport to this very machine: the programs run in a local shell, with commands of the test's own in front."""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator, Mapping

from lvstop.transport.base import Program, Reply
from lvstop.transport.framing import AnswerBuffer, decode_sections

NONCE = "0123456789abcdef"


class LocalChannel:
    """A program in a subprocess."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._sequence = 0
        self.greeting = Reply((), 0.0, 0)

    async def read(self) -> Reply:
        """The answer to the last request, or the greeting."""
        assert self._process.stdout is not None
        buffer = AnswerBuffer(NONCE)
        while True:
            data = await self._process.stdout.read(65536)
            assert data, "the program ended in the middle of an answer"
            answer = buffer.feed(data)
            if answer is not None:
                return Reply(decode_sections(answer, nonce=NONCE, sequence=self._sequence), 0.0, len(answer))

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """Ask as an SSH channel does."""
        assert self._process.stdin is not None
        self._sequence += 1
        self._process.stdin.write(f"{self._sequence} {request}\n".encode())
        return await asyncio.wait_for(self.read(), timeout)

    async def close(self) -> None:
        """End the program by ending its input, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


class LocalTransport:
    """Runs programs with `sh -s` here."""

    host = "localhost"

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment}

    async def connect(self) -> None:
        """Nothing to connect."""

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> LocalChannel:
        """Start a program; `elevated` makes no difference here."""
        process = await asyncio.create_subprocess_exec(
            "sh",
            "-s",
            "--",
            NONCE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
        )
        assert process.stdin is not None
        process.stdin.write(program.script.encode())
        channel = LocalChannel(process)
        channel.greeting = await asyncio.wait_for(channel.read(), timeout)
        return channel

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """Nothing ever happens here."""
        nothing: tuple[bytes, ...] = ()
        for line in nothing:
            yield line

    async def close(self) -> None:
        """Nothing to close."""
