"""The chapters that both pairs have to play alike: what is done, and what has to be seen at least."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from conformance.operating import drain, fail_over, release, restore
from conformance.pair import BOTH, DRAIN, FIRST, LEVER, RS1, RS2, SECOND, Pair
from conformance.player import Act, Chapter, everything_read, reading
from lvstop.demo.world.conf import KeepalivedConf
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Privilege
from lvstop.model.vrrp import VrrpState

Seen = Callable[[ClusterSnapshot], bool]
Do = Callable[[Pair, ClusterSnapshot], Awaitable[None]]
MASTER, BACKUP = VrrpState.MASTER, VrrpState.BACKUP


# what is seen


def both(*conditions: Seen) -> Seen:
    """All of these."""
    return lambda cluster: all(each(cluster) for each in conditions)


def states(first: VrrpState | None, second: VrrpState | None) -> Seen:
    """The instance's state on each director, by keepalived's own word; None where it does not run. Likewise the VIP."""
    wanted = {FIRST: first, SECOND: second}
    holders = {name for name, state in wanted.items() if state is MASTER}

    def seen(cluster: ClusterSnapshot) -> bool:
        told = {each.name: next((one.state for one in each.vrrp or ()), None) for each in cluster.directors}
        return told == wanted and all(set(vip.holders) == holders for vip in cluster.vips)

    return seen


def weights(port: int, address: str, first: int | None, second: int | None) -> Seen:
    """The weight of a row in each director's table; None where it is not there."""
    wanted = {FIRST: first, SECOND: second}
    return lambda cluster: {each.name: _weight(each, port, address) for each in cluster.directors} == wanted


def _weight(director: DirectorSnapshot, port: int, address: str) -> int | None:
    rows = (
        row.weight
        for server in director.virtual_servers or ()
        if server.key.port == port
        for row in server.real_servers
        if str(row.key.address) == address
    )
    return next(rows, None)


def quiet(cluster: ClusterSnapshot) -> bool:
    """Nothing is wrong, but that there may have been too many transitions of late."""
    return {each.code for each in cluster.alerts} <= {AlertCode.FLAPPING}


def status(director: str, wanted: DirectorStatus) -> Seen:
    """A director's status."""
    return lambda cluster: next(each.status for each in cluster.directors if each.name == director) is wanted


NORMAL = both(
    everything_read,
    states(MASTER, BACKUP),
    *(weights(port, RS1, weight, weight) for port, weight in ((445, 1), (139, 5), (80, 2), (443, 1))),
    *(weights(port, RS2, weight, weight) for port, weight in ((445, 1), (139, 3), (80, 2), (443, 1))),
    weights(443, "172.26.127.27", None, None),
    quiet,
)
"""As it was configured."""


# what is done


def on(directors: tuple[str, ...], what: str, *words: object) -> Do:
    """A method of the pair, for one director after the other."""

    async def do(pair: Pair, _seen: ClusterSnapshot) -> None:
        for director in directors:
            await getattr(pair, what)(director, *words)

    return do


def the_pair(what: str, *words: object) -> Do:
    """A method of the pair."""

    async def do(pair: Pair, _seen: ClusterSnapshot) -> None:
        await getattr(pair, what)(*words)

    return do


def configured(change: Callable[[KeepalivedConf], KeepalivedConf]) -> Do:
    """keepalived.conf on both directors is what it was, changed so; and they read it again."""

    async def do(pair: Pair, _seen: ClusterSnapshot) -> None:
        for each in pair.conf.directors:
            await pair.configure(each.name, change(each.keepalived))
            await pair.reload(each.name)

    return do


def as_it_was(conf: KeepalivedConf) -> KeepalivedConf:
    """No change."""
    return conf


def heavier(conf: KeepalivedConf) -> KeepalivedConf:
    """The first virtual server's second real server has weight 7."""
    first, *rest = conf.virtual_servers
    one, two = first.real_servers
    changed = replace(first, real_servers=(one, replace(two, weight=7)))
    return replace(conf, virtual_servers=(changed, *rest))


# chapters

READING = tuple(reading(login) for login in Privilege)

TABLE = Chapter(
    "table",
    (
        Act("reload", on(BOTH, "reload"), NORMAL),
        Act("weight by hand on one", on((FIRST,), "set_weight", 445, RS2, 3), weights(445, RS2, 3, 1)),
        Act("reload keeps it", on(BOTH, "reload"), weights(445, RS2, 3, 1)),
        Act(
            "real server fails",
            the_pair("stop_real_server", RS2),
            both(
                *(weights(port, RS2, None, None) for port in (445, 139)),
                weights(80, RS2, 0, 0),
                weights(443, RS1, None, None),
                weights(443, "172.26.127.27", 1, 1),
            ),
        ),
        Act("real server returns", the_pair("start_real_server", RS2), NORMAL),
        Act("another weight in keepalived.conf", configured(heavier), weights(445, RS2, 7, 7)),
        Act("keepalived.conf as it was", configured(as_it_was), NORMAL),
        Act("drained by file", on(BOTH, "write", DRAIN, 1), lambda cluster: not weights(139, RS2, 3, 3)(cluster)),
        Act("released by file", on(BOTH, "write", DRAIN, 0), lambda _: True),
        Act("restart", on((SECOND, FIRST), "restart"), NORMAL),
    ),
)

VRRP = Chapter(
    "vrrp",
    (
        Act("lever", on((FIRST,), "write", LEVER, -110), states(BACKUP, MASTER)),
        Act("lever released", on((FIRST,), "write", LEVER, 0), NORMAL),
        Act("link cut", the_pair("cut_link"), states(MASTER, MASTER)),
        Act("link mended", the_pair("mend_link"), NORMAL),
        Act("master stops", on((FIRST,), "stop"), states(None, MASTER)),
        Act("master starts", on((FIRST,), "start"), NORMAL),
        Act("backup stops", on((SECOND,), "stop"), states(MASTER, None)),
        Act("backup starts", on((SECOND,), "start"), NORMAL),
    ),
)

DRAINING = Chapter(
    "draining",
    (
        Act("drain", drain(RS2), both(weights(445, RS2, 0, 0), weights(80, RS2, 0, 0))),
        Act("reload keeps it", on(BOTH, "reload"), weights(445, RS2, 0, 0)),
        Act("restore", restore(RS2), NORMAL),
        Act("drain where there is a file", drain(f"{RS2}:139"), weights(139, RS2, 0, 0)),
        Act("restore it", restore(f"{RS2}:139"), NORMAL),
    ),
)

FAILING_OVER = Chapter(
    "failing over",
    (
        Act("failover", fail_over, states(BACKUP, MASTER)),
        Act("release", release, NORMAL),
    ),
)

POWER = Chapter(
    "power",
    (
        Act(
            "master killed",
            on((FIRST,), "power_off"),
            both(status(FIRST, DirectorStatus.UNREACHABLE), lambda cluster: cluster.vips[0].holders == (SECOND,)),
        ),
        Act("master boots", on((FIRST,), "power_on"), NORMAL),
    ),
)

CHAPTERS = (*READING, TABLE, VRRP, DRAINING, FAILING_OVER, POWER)

TAKES_LONG = (*READING[1:], VRRP, FAILING_OVER, POWER)
"""The lab's usual run plays these on one suite only; what keepalived of each version did there is on record."""
