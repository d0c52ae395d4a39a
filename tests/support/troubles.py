"""More clusters in trouble, beside those of `support.scenes`: what keepalived says against what the kernel does."""

from dataclasses import replace

from lvstop.model.director import DirectorStatus, Fault, FaultKind
from lvstop.model.vrrp import AdvertRates
from support.factories import VIP, address, later, sync_daemon
from support.scenes import Scene, lead, played, stand_by, told


def wrong_holder() -> Scene:
    """keepalived1 is MASTER and lost the address by somebody's hand; keepalived2 is BACKUP and has it."""
    frames = [(lead(second), stand_by(second)) for second in range(40)]
    for second in range(40, 61):
        without = replace(lead(second), addresses=(address("172.26.127.23"),))
        having = replace(stand_by(second), addresses=(address("172.26.127.24"), address(VIP)))
        frames.append((without, having))
    return played(frames)


def nobody_holds() -> Scene:
    """A failing track script took both directors out: FAULT on both, the address on neither."""
    frames = [(lead(second), stand_by(second)) for second in range(40)]
    quiet: dict[str, object] = {"sync_daemons": (), "advert_rates": {"SMB": AdvertRates(0.0, 0.0)}}
    for second in range(40, 61):
        first = (told("FAULT", priority=150, effective_priority=150, last_transition=later(40 - 60)),)
        second_ = (told("FAULT", priority=50, effective_priority=50, last_transition=later(40 - 60)),)
        frames.append(
            (
                replace(lead(second, None, vrrp=first, **quiet), addresses=(address("172.26.127.23"),)),
                stand_by(second, None, vrrp=second_, **quiet),
            )
        )
    return played(frames)


def lowered() -> Scene:
    """Three instances on each director; trackers lowered one priority, and a reading of the standby failed."""
    frames = []
    for second in range(61):
        mine = (
            told("MASTER", priority=150, effective_priority=150),
            told("BACKUP", "WEB", "10.9.0.200", vrid=21, priority=150, effective_priority=50),
            told("MASTER", "DNS", "10.9.0.201", vrid=22, priority=150, effective_priority=150),
        )
        theirs = (
            told("BACKUP", priority=100, effective_priority=100),
            told("MASTER", "WEB", "10.9.0.200", vrid=21, priority=100, effective_priority=100),
            told("BACKUP", "DNS", "10.9.0.201", vrid=22, priority=100, effective_priority=100),
        )
        rates = {"SMB": AdvertRates(0.0, 1.0), "WEB": AdvertRates(1.0, 0.0), "DNS": AdvertRates(0.0, 1.0)}
        held = (address("172.26.127.23"), address(VIP), address("10.9.0.201"))
        fault = Fault(FaultKind.TIMEOUT, "the checks could not be read within 5 s", "look at its load")
        frames.append(
            (
                replace(lead(second, vrrp=mine, advert_rates=rates), addresses=held),
                replace(
                    stand_by(second, vrrp=theirs),
                    addresses=(address("172.26.127.24"), address("10.9.0.200")),
                    sync_daemons=(sync_daemon("master"), sync_daemon("backup")),
                    status=DirectorStatus.DEGRADED,
                    fault=fault,
                ),
            )
        )
    return played(frames)


ALL = {"wrong-holder": wrong_holder, "nobody-holds": nobody_holds, "lowered": lowered}
