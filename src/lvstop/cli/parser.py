"""The parser of a command: help in paragraphs and sections. The manual page is made of the same."""

import argparse
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

_NARROWEST = 40
_TERM = 22
"""A word that is longer stands on a line of its own, and so do all of its section."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the help below the options.

    Attributes:
        title: e.g. `Exit status`.
        rows: a word (a status, a file, a command) and what there is to say of it.
        text: what goes before the rows; may be empty.
    """

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    text: str = ""

    def lines(self, width: int) -> Iterator[str]:
        """As it stands in the help, in lines of at most `width` columns where that can be."""
        yield f"{self.title}:"
        if self.text:
            yield from textwrap.wrap(self.text, width, initial_indent="  ", subsequent_indent="  ")
        longest = max((len(term) for term, _ in self.rows), default=0)
        for term, text in self.rows:
            if longest > _TERM:
                yield f"  {term}"
                yield from _wrapped(text, width, 6)
            else:
                first, *rest = _wrapped(text, width, longest + 4)
                yield f"  {term.ljust(longest)}  {first.lstrip()}"
                yield from rest


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    spaces = " " * indent
    return textwrap.wrap(
        text, width, initial_indent=spaces, subsequent_indent=spaces, break_on_hyphens=False, break_long_words=False
    )


class CommandParser(argparse.ArgumentParser):
    """A parser whose help has paragraphs and sections.

    Attributes:
        paragraphs: what the command does.
        sections: what stands below the options.
    """

    paragraphs: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()

    def explain(self, *paragraphs: str, sections: tuple[Section, ...] = ()) -> None:
        """Say what the command does, and what else there is to know of it."""
        self.paragraphs, self.sections = paragraphs, sections
        self.formatter_class = argparse.RawDescriptionHelpFormatter

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        if self.paragraphs:
            filled = (textwrap.fill(each, _width(), break_on_hyphens=False) for each in self.paragraphs)
            self.description = "\n\n".join(filled)
        blocks = [super().format_help().rstrip("\n"), *("\n".join(each.lines(_width())) for each in self.sections)]
        return "\n\n".join(blocks) + "\n"


def _width() -> int:
    return max(_NARROWEST, shutil.get_terminal_size().columns - 2)
