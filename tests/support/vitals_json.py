"""What `lvstop status --json` says of a machine, without what is of the moment."""

from typing import Any

FLEETING = frozenset(
    {
        *("one", "five", "fifteen", "busy", "softirq", "steal", "available_bytes", "swap_free_bytes", "entries"),
        *("dropped", "squeezed"),
        *(f"{way}_{what}" for way in ("received", "sent") for what in ("bytes", "packets", "errors", "dropped")),
    }
)
"""Numbers that differ from one look to the next. That there is one is kept."""


def lasting(value: Any) -> Any:  # noqa: ANN401 - JSON
    """All of it, each fleeting number as whether it is known."""
    if isinstance(value, dict):
        return {key: each is not None if key in FLEETING else lasting(each) for key, each in value.items()}
    return [lasting(each) for each in value] if isinstance(value, list) else value
