"""The slots of a theme: which there are, and what a slot is where a file leaves it out."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lvstop.config.colours import mix, readable_on

_Derivation = Callable[[Mapping[str, str]], str]

BASE_SLOTS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
    "success",
    "warning",
    "error",
)
"""What every theme must give; they are the fields of Textual's own themes."""


def _same(slot: str) -> _Derivation:
    return lambda colours: colours[slot]


def _mixed(slot: str, other: str, share: float) -> _Derivation:
    return lambda colours: mix(colours[slot], colours[other], share)


def _readable(background: str, *candidates: str) -> _Derivation:
    return lambda colours: readable_on(colours[background], [colours[slot] for slot in candidates])


def _cursor_background(colours: Mapping[str, str]) -> str:
    # As strong as the text on it allows.
    tints = [mix(colours["surface"], colours["primary"], share) for share in (0.28, 0.2, 0.12)]
    return readable_on(colours["foreground"], tints)


# In this order: a slot may be derived from those above it, so that one colour of a user's file reaches its kin.
_DERIVED: Mapping[str, _Derivation] = MappingProxyType(
    {
        "muted": _mixed("foreground", "background", 0.3),
        "unknown": _same("muted"),
        "past": _same("muted"),
        "heading": _same("primary"),
        "info": _same("primary"),
        "health-ok": _same("success"),
        "health-warning": _same("warning"),
        "health-critical": _same("error"),
        "health-unknown": _same("unknown"),
        "vrrp-master": _same("health-ok"),
        "vrrp-backup": _same("secondary"),
        "vrrp-fault": _same("health-critical"),
        "vrrp-unknown": _same("unknown"),
        "director-live": _same("health-ok"),
        "director-connecting": _same("info"),
        "director-degraded": _same("health-warning"),
        "director-stale": _same("health-warning"),
        "director-unreachable": _same("health-critical"),
        "server-up": _same("health-ok"),
        "server-drained": _same("health-warning"),
        "server-down": _same("health-critical"),
        "drift": _same("accent"),
        "operator": _same("accent"),
        "marked": _same("accent"),
        "drain-safe": _same("health-ok"),
        "drain-waiting": _same("health-warning"),
        "drain-reverted": _same("health-critical"),
        "change-unfinished": _same("health-critical"),
        "command": _same("foreground"),
        "changed-background": _mixed("background", "accent", 0.18),
        "header-background": _same("panel"),
        "header-text": _readable("header-background", "muted", "foreground", "background"),
        "virtual-server-text": _same("foreground"),
        "cursor-background": _cursor_background,
        "cursor-text": _readable("cursor-background", "foreground", "background"),
        "selection-filter": _same("accent"),
        "spark": _same("primary"),
        "share-bar": _same("primary"),
        "share-rest": _mixed("surface", "foreground", 0.15),
        "chart-1": _same("primary"),
        "chart-2": _same("warning"),
        "chart-3": _same("success"),
        "chart-4": _same("accent"),
        "border": _mixed("surface", "foreground", 0.25),
        "border-focus": _same("primary"),
        "banner-ok-background": _mixed("surface", "success", 0.15),
        "banner-ok-text": _readable("banner-ok-background", "success", "foreground", "background"),
        "banner-alarm-background": _same("error"),
        "banner-alarm-text": _readable("banner-alarm-background", "foreground", "background"),
        "paused-background": _same("warning"),
        "paused-text": _readable("paused-background", "foreground", "background"),
        "held-background": _same("paused-background"),
        "held-text": _readable("held-background", "paused-text", "foreground", "background"),
        "key": _same("accent"),
    }
)

SEMANTIC_SLOTS = tuple(_DERIVED)
"""What things mean on the screen; each is a variable of the style sheets, `$vrrp-master` for one."""

SLOTS = BASE_SLOTS + SEMANTIC_SLOTS
"""Every slot of a theme."""


def fill_with_defaults(colours: Mapping[str, str]) -> Mapping[str, str]:
    """All slots: those of `colours`, which has at least the base ones, and what follows from them for the others."""
    complete = dict(colours)
    for slot, derive in _DERIVED.items():
        if slot not in complete:
            complete[slot] = derive(complete)
    return MappingProxyType({slot: complete[slot] for slot in SLOTS})
