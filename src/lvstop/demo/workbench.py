"""What of a simulated cluster can be broken and mended, in the words of the panel."""

from collections.abc import Mapping, Sequence
from typing import Final

from lvstop.demo.parts import Part
from lvstop.demo.world.breaking import Switch, flip, switches
from lvstop.demo.world.world import World
from lvstop.errors import LvstopError

_GROUPS: Final[Mapping[str, str]] = {
    "link": "Network",
    "clients": "Clients",
    "director": "Directors",
    "keepalived": "keepalived",
    "machine": "Machines",
    "real server": "Real servers",
}

_DOES: Final[Mapping[str, tuple[str, str]]] = {
    "cut-link": ("cut", "The VRRP link is cut: each director thinks that it is alone."),
    "mend-link": ("mend", "The VRRP link is whole again."),
    "flood": ("flood", "Five times as many clients come, for two minutes."),
    "calm": ("calm", "As many clients come as usual."),
    "kill-director": ("cut the power", "{} has no power: nobody was told anything."),
    "boot-director": ("boot", "{} boots, with an empty table; keepalived follows in some seconds."),
    "stop-keepalived": ("stop", "keepalived on {} is stopped: it gives up its addresses and its rows."),
    "start-keepalived": ("start", "keepalived on {} is started."),
    "storm": ("storm", "Packets that nobody asked for reach {}: one of its processors does nothing else."),
    "end-storm": ("end", "{} has only its own packets again."),
    "stop-real-server": ("switch off", "{} is off: health checks will notice."),
    "start-real-server": ("switch on", "{} serves again."),
}
"""What each action is called in a line, and what is said when it was done."""


class NoSuchPartError(LvstopError):
    """There is nothing of this name here."""


def parts(world: World) -> Sequence[Part]:
    """Everything, grouped, as it is now."""
    order = list(_GROUPS)
    found = sorted(switches(world), key=lambda each: order.index(each.group))
    return [
        Part(each.key, _GROUPS[each.group], each.name, each.state, each.broken, _DOES[each.does][0]) for each in found
    ]


def act(world: World, key: str) -> str:
    """Break or mend a part. Returns what happened, a sentence.

    Raises:
        NoSuchPartError: there is none of that key.
    """
    switch = _switch(world, key)
    flip(world, switch)
    return _DOES[switch.does][1].format(switch.name)


def _switch(world: World, key: str) -> Switch:
    for each in switches(world):
        if each.key == key:
            return each
    raise NoSuchPartError(f"there is no {key} here")
