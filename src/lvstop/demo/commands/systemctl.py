"""systemctl of systemd 252, as far as the unit of keepalived goes."""

from collections.abc import Sequence
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.director import Director

_UNIT: Final = "keepalived.service"


def is_keepalived(unit: str) -> bool:
    """Whether the unit of this name, with its suffix or without, starts keepalived."""
    return unit in (_UNIT, "keepalived")


def active_state(director: Director) -> str:
    """`ActiveState` of keepalived's unit."""
    return "inactive" if director.keepalived_pid is None else "active"


def show(director: Director, names: Sequence[str]) -> Said:
    """`systemctl show --property=…` of keepalived's unit."""
    properties = {
        "MainPID": str(director.keepalived_pid or 0),
        "Id": _UNIT,
        "LoadState": "loaded",
        "ActiveState": active_state(director),
        "UnitFileState": "enabled",
    }
    return Said("".join(f"{name}={value}\n" for name, value in properties.items() if name in names))
