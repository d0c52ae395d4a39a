"""The simulation as a process of its own: `python -m lvstop.demo SCENARIO FOLDER SEED SPEED`.

It puts the scenario up and says where the cluster files are, a JSON object in a line: `{"files": […]}`; or why it
cannot, `{"error": [a line, …]}`. Then it answers requests, a line each: `{"do": "parts", "cluster": …}` and
`{"do": "act", "cluster": …, "key": …}`, with `{"answer": "a sentence, or parts as JSON"}` or `{"error": "a sentence"}`.
It ends with its standard input, however whoever started it ends.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from lvstop.clock import SystemClock
from lvstop.demo.launch import Demo
from lvstop.demo.scenario import find_scenario
from lvstop.errors import LvstopError


async def serve(demo: Demo) -> None:
    """Run until the end of standard input."""
    requests = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    await demo.start()
    passing = asyncio.ensure_future(demo.run())
    answering = asyncio.ensure_future(_answer(demo, requests))
    try:
        _write({"files": [str(config.path) for config in demo.clusters]})
        await asyncio.wait((passing, answering), return_when=asyncio.FIRST_COMPLETED)
        for ended in (passing, answering):
            if ended.done():
                ended.result()
    finally:
        passing.cancel()
        answering.cancel()
        await asyncio.wait((passing, answering))
        await demo.close()


async def _answer(demo: Demo, requests: asyncio.StreamReader) -> None:
    while line := await requests.readline():
        request = json.loads(line)
        try:
            _write({"answer": await _do(demo, request)})
        except LvstopError as error:
            _write({"error": str(error)})


async def _do(demo: Demo, request: Mapping[str, str]) -> str:
    if request["do"] == "parts":
        return json.dumps([asdict(part) for part in demo.parts(request["cluster"])])
    return await demo.act(request["cluster"], request["key"])


def _write(message: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run the simulation that the arguments ask for."""
    scenario, folder, seed, speed = arguments
    try:
        found = find_scenario(scenario)
        demo = Demo(found.clusters, Path(folder), SystemClock(), seed=int(seed), speed=float(speed))
        asyncio.run(serve(demo))
    except LvstopError as error:
        _write({"error": str(error).splitlines()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
