"""Traffic of the lab, as a program of its own: echo servers, clients that hold connections, clients that try new ones.

    python3 traffic.py serve --tcp 445,139 --udp 53
    python3 traffic.py hold 20 172.26.127.20 445 --interval 0.2
    python3 traffic.py probe 172.26.127.20 445 --interval 0.1 --udp

Everything of note is one line of JSON on stdout: `event` says what, `t` when (seconds since the epoch). SIGTERM ends
it. It imports nothing of the lab, so that it starts quickly and anywhere.
"""

import argparse
import asyncio
import json
import resource
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, cast

# an answer later than this is reported as a gap
GAP_SECONDS = 0.5
# the counts are told at least this often
COUNTS_SECONDS = 0.5
CONNECT_SECONDS = 20.0


def say(event: str, **values: object) -> None:
    """Write one line."""
    print(json.dumps({"event": event, "t": round(time.time(), 4), **values}), flush=True)


def cause(error: BaseException) -> str:
    """Name an error of the network in one word."""
    causes: dict[type[BaseException], str] = {
        ConnectionRefusedError: "refused",
        ConnectionResetError: "reset",
        BrokenPipeError: "reset",
        asyncio.IncompleteReadError: "closed",
        TimeoutError: "timeout",
    }
    return causes.get(type(error), "unreachable" if isinstance(error, OSError) else type(error).__name__)


# servers


async def serve(tcp: list[int], udp: list[int]) -> None:
    """Echo on these ports, on all addresses of both families, until the program is ended."""
    for port in tcp:
        await asyncio.start_server(_echo, sock=_listening(socket.SOCK_STREAM, port), backlog=1024)
    for port in udp:
        await asyncio.get_running_loop().create_datagram_endpoint(_UdpEcho, sock=_listening(socket.SOCK_DGRAM, port))
    say("ready")
    await asyncio.Event().wait()


def _listening(kind: socket.SocketKind, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6, kind)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)
    listener.bind(("::", port))
    return listener


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


class _UdpEcho(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # what asyncio hands over behaves as a DatagramTransport without being one
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._transport.sendto(data, addr)


# clients


class Holder:
    """Holds TCP connections and talks on each of them every `interval` seconds; counts what becomes of them."""

    def __init__(self, count: int, address: str, port: int, interval: float) -> None:
        self._count, self._address, self._port, self._interval = count, address, port, interval
        self._open = 0
        self._lost: Counter[str] = Counter()
        # when each open connection was last answered, by its number
        self._heard: dict[int, float] = {}

    async def run(self) -> None:
        """Open the connections and hold them until the program is ended; say the counts when they change, and often."""
        held = [asyncio.create_task(self._hold(number)) for number in range(self._count)]
        said, due = None, 0.0
        try:
            while True:
                counts = (self._open, sum(self._lost.values()))
                if counts != said or time.monotonic() > due:
                    self._say_counts()
                    said, due = counts, time.monotonic() + COUNTS_SECONDS
                await asyncio.sleep(0.05)
        finally:
            self._say_counts()
            for task in held:
                task.cancel()

    def _say_counts(self) -> None:
        heard = round(min(self._heard.values()), 4) if self._heard else None
        say("counts", wanted=self._count, open=self._open, lost=dict(self._lost), heard=heard)

    async def _hold(self, number: int) -> None:
        try:
            opening = asyncio.open_connection(self._address, self._port)
            reader, writer = await asyncio.wait_for(opening, CONNECT_SECONDS)
        except (OSError, TimeoutError) as error:
            self._lose(number, error, during="connect")
            return
        self._open += 1
        self._heard[number] = time.time()
        try:
            while True:
                sent = time.monotonic()
                writer.write(b"%-8d" % number)
                await reader.readexactly(8)
                self._heard[number] = time.time()
                silence = time.monotonic() - sent
                if silence > GAP_SECONDS:
                    say("gap", connection=number, seconds=round(silence, 3))
                await asyncio.sleep(self._interval)
        except (OSError, asyncio.IncompleteReadError) as error:
            self._open -= 1
            del self._heard[number]
            self._lose(number, error, during="hold")
        finally:
            writer.close()

    def _lose(self, number: int, error: BaseException, during: str) -> None:
        self._lost[cause(error)] += 1
        say("lost", connection=number, during=during, cause=cause(error))


async def probe(address: str, port: int, interval: float, timeout: float, udp: bool) -> None:
    """Try the service anew every `interval` seconds, whether or not earlier tries have ended."""
    attempts: set[asyncio.Task[None]] = set()
    due = time.monotonic()
    while True:
        attempt = asyncio.create_task(_attempt(address, port, timeout, udp))
        attempts.add(attempt)
        attempt.add_done_callback(attempts.discard)
        due += interval
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _attempt(address: str, port: int, timeout: float, udp: bool) -> None:
    started, clock = time.time(), time.monotonic()
    failure = ""
    try:
        await asyncio.wait_for((_ask_udp if udp else _ask_tcp)(address, port), timeout)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        failure = cause(error)
    took = (time.monotonic() - clock) * 1000
    say("probe", started=round(started, 4), ok=not failure, cause=failure, ms=round(took, 2))


async def _ask_tcp(address: str, port: int) -> None:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(b"?")
        await reader.readexactly(1)
    finally:
        writer.close()


async def _ask_udp(address: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        await loop.sock_connect(asker, (address, port))
        await loop.sock_sendall(asker, b"?")
        await loop.sock_recv(asker, 16)


# the program


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve", help="echo on ports")
    server.add_argument("--tcp", default="", help="ports, separated by commas")
    server.add_argument("--udp", default="", help="ports, separated by commas")
    holder = commands.add_parser("hold", help="hold TCP connections")
    holder.add_argument("count", type=int)
    prober = commands.add_parser("probe", help="try new connections all the time")
    prober.add_argument("--udp", action="store_true")
    prober.add_argument("--timeout", type=float, default=1.0, help="seconds for one try")
    for client, interval in ((holder, 0.2), (prober, 0.1)):
        client.add_argument("address")
        client.add_argument("port", type=int)
        client.add_argument("--interval", type=float, default=interval, help="seconds")
    return parser


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        say("end")


def main() -> int:
    """Do what the command line says until SIGTERM."""
    options = arguments().parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if options.command == "serve":
        work = serve(_ports(options.tcp), _ports(options.udp))
    elif options.command == "hold":
        work = Holder(options.count, options.address, options.port, options.interval).run()
    else:
        work = probe(options.address, options.port, options.interval, options.timeout, options.udp)
    asyncio.run(_until_told(work))
    return 0


def _ports(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word]


if __name__ == "__main__":
    sys.exit(main())
