"""An SSH agent, in this process: lists its keys and signs with them."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

_FAILURE, _REQUEST_IDENTITIES, _IDENTITIES, _SIGN_REQUEST, _SIGN_RESPONSE = 5, 11, 12, 13, 14


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    return data[4 : 4 + length], data[4 + length :]


class _Agent:
    def __init__(self, keys: Sequence[asyncssh.SSHKey], answers: bool) -> None:
        self._answers = answers
        self._keys = {key.public_data: key for key in keys}
        self.tasks: set[asyncio.Task[None]] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack(">I", await reader.readexactly(4))
                request = await reader.readexactly(length)
                if self._answers:
                    writer.write(_string(self._answer(request)))
        except asyncio.IncompleteReadError:
            writer.close()
            await writer.wait_closed()

    def _answer(self, request: bytes) -> bytes:
        if request[0] == _REQUEST_IDENTITIES:
            entries = b"".join(
                _string(blob) + _string((key.get_comment() or "").encode()) for blob, key in self._keys.items()
            )
            return bytes([_IDENTITIES]) + struct.pack(">I", len(self._keys)) + entries
        if request[0] == _SIGN_REQUEST:
            blob, rest = _take(request[1:])
            data, _ = _take(rest)
            key = self._keys[blob]
            return bytes([_SIGN_RESPONSE]) + _string(key.sign(data, key.sig_algorithms[0]))
        return bytes([_FAILURE])


@asynccontextmanager
async def ssh_agent(socket: Path, keys: Sequence[asyncssh.SSHKey], *, answers: bool = True) -> AsyncIterator[Path]:
    """An agent that holds `keys` and listens on `socket`; with `answers` False it only listens."""
    agent = _Agent(keys, answers)
    server = await asyncio.start_unix_server(agent.connected, socket)
    try:
        yield socket
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*agent.tasks)
