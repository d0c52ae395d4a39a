"""Plays a chapter on a pair, and holds what lvstop sees of it after each act against the trace."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.pair import PATIENCE, Pair
from conformance.sight import Sight, changes, masked, sight
from conformance.trace import Trace, unlike
from lvstop.analysis.diff import events
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus, Privilege
from lvstop.model.event import EventKind

_LOG = logging.getLogger(__name__)

PAUSE = 1.0
STILL = 4.0
"""Seconds between two looks that have to show the same before it goes on record: longer than a takeover takes."""
SETTLES_WITHIN = 20.0
"""Seconds from when the main thing is seen until everything is as expected."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done to a pair, and what has to be seen of it then at least; the trace has the rest.

    Attributes:
        do: with the pair, and what was seen of it last; gives what else there is to compare, if anything.
    """

    name: str
    do: Callable[[Pair, ClusterSnapshot], Awaitable[Sight | None]]
    seen: Callable[[ClusterSnapshot], bool]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Acts one after the other; the last one leaves the pair as it was.

    Attributes:
        login: whose eyes see it; root's see the same as those of who may use sudo, and sooner.
    """

    name: str
    acts: Sequence[Act]
    login: Privilege = Privilege.ROOT

    def __str__(self) -> str:
        return self.name


def reading(login: Privilege) -> Chapter:
    """Nothing is done: what a login with these rights sees at first, with which all other chapters begin."""
    return Chapter(f"reading as {login}", (), login)


async def play(pair: Pair, chapter: Chapter, trace: Trace, *, record: bool) -> None:
    """Play it; with `record` what is seen becomes what has to be seen from then on."""
    steps: dict[str, Sight] = {}
    unlike_trace: list[str] = []
    before: ClusterSnapshot | None = None
    async with pair.standing():
        for act in (FIRST_SIGHT, *chapter.acts):
            _LOG.info("%s: %s", chapter, act.name)
            told = None if before is None else await act.do(pair, before)
            told_by = reading(chapter.login) if act is FIRST_SIGHT else chapter
            expected = None if record else trace.expected(told_by.name, act.name)
            assert record or expected is not None, f"{chapter}, {act.name} is not on record"
            news = partial(_news, before, told or {})
            after = await _follow(pair, chapter.login, act, news, expected)
            steps[act.name] = news(after)
            if not record and news(after) != expected:
                unlike_trace.append(f"{act.name}:\n{unlike(expected or {}, news(after))}")
            before = after
    if record and chapter.acts:
        del steps[FIRST_SIGHT.name]
    if record:
        trace.record(chapter.name, steps)
    assert not unlike_trace, "\n".join(unlike_trace)


async def _follow(
    pair: Pair, login: Privilege, act: Act, news: Callable[[ClusterSnapshot], Sight], expected: Sight | None
) -> ClusterSnapshot:
    """Look until an act shows, and then as expected; or, with nothing expected, the same for a while."""
    clock, latest, deadline, shows = pair.clock, None, pair.clock.monotonic() + PATIENCE, False
    while True:
        earlier, latest = latest, await look_at(pair, login)
        _LOG.info("looked")
        if act.seen(latest):
            if news(latest) == expected or (expected is None and earlier is not None and news(latest) == news(earlier)):
                return latest
            if not shows:
                shows, deadline = True, clock.monotonic() + SETTLES_WITHIN
        if clock.monotonic() > deadline:
            assert shows, f"{act.name} does not show: {unlike(expected or {}, news(latest))}"
            return latest
        await clock.sleep(STILL if expected is None else PAUSE)


async def look_at(pair: Pair, login: Privilege) -> ClusterSnapshot:
    """Everything once, as `lvstop status` reads it."""
    (snapshot,) = await look([pair.config(login)], ssh_probes(pair.clock, None), pair.clock, timeout=PATIENCE)
    return snapshot


def _news(before: ClusterSnapshot | None, told: Sight, after: ClusterSnapshot) -> Sight:
    """What is different, what was told beside it, and the events of it: those of each director in their order."""
    news = changes({} if before is None else sight(before), sight(after)) | told
    for event in events(before, after):
        if event.kind not in (EventKind.ALERT, EventKind.DIRECTOR):
            place = sum(path.startswith(f"events/{event.director}/") for path in news)
            news[f"events/{event.director}/{place}"] = masked(event.summary)
    return news


async def _nothing(_pair: Pair, _seen: ClusterSnapshot) -> None:
    pass


def everything_read(cluster: ClusterSnapshot) -> bool:
    """Every director told all that it had to."""
    return all(director.status is DirectorStatus.LIVE for director in cluster.directors)


FIRST_SIGHT = Act("first sight", _nothing, everything_read)
