"""What is said where there is no cluster file: on a screen, or as text without one. Imports nothing that draws."""

import textwrap
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lvstop.config.paths import shown

WHAT_IT_IS: Final = (
    "The console of LVS clusters: pairs of Linux directors that keepalived runs.",
    "Who holds the VIP, what both kernels balance; drains and failovers by plan.",
)
HOW: Final = "It connects over SSH, as you do. Nothing is installed on a director."
INIT: Final = "lvstop init USER@HOST USER@HOST"
DEMO: Final = "lvstop demo"


class Choice(StrEnum):
    """What can be done now."""

    DEMO = "demo"
    INIT = "init"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to go on.

    Attributes:
        command: what is typed for it; empty where it is nothing to type.
        does: what comes of it, a sentence.
    """

    choice: Choice
    title: str
    command: str
    does: str


WAYS: Final = (
    Way(
        Choice.DEMO,
        "See it work",
        DEMO,
        "A simulated pair on this machine, to look at and to break; nothing stays.",
    ),
    Way(
        Choice.INIT,
        "Connect your pair",
        INIT,
        "Asks about host keys, looks at both directors, writes the cluster file.",
    ),
)


def no_cluster(folder: Path) -> str:
    """Why this is shown, and what would end it. `folder`: where cluster files are found."""
    file = shown(folder / "NAME.yaml")
    return f"There is no cluster file yet. lvstop init writes one,\n{file}; -c FILE names any other."


def paragraphs(folder: Path) -> tuple[str, ...]:
    """What is said before the ways to go on; some are of several lines."""
    return "\n".join(WHAT_IT_IS), HOW, no_cluster(folder)


def as_text(folder: Path) -> str:
    """All of it, for where nobody sits at a terminal."""
    lines: list[str] = []
    for paragraph in paragraphs(folder):
        lines += [line for part in paragraph.split("\n") for line in _filled(part)]
        lines.append("")
    for way in WAYS:
        lines += [f"  {way.command}", *_filled(way.does, indent="      ")]
    return "".join(f"{line}\n" for line in lines)


def _filled(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, 80, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
