"""The manual page lvstop(1), made of the parsers as `--help` is: `python -m support.man_page` writes docs/lvstop.1.

argparse-manpage was tried: its NAME has no description, so that apropos does not find the page, it refills usage lines
and does not know the help's sections. Format: man(7) of groff and mandoc.
"""

import argparse
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from lvstop import __version__
from lvstop.cli.arguments import build_parser
from lvstop.cli.parser import CommandParser, Section

PAGE = Path(__file__).parents[2] / "docs" / "lvstop.1"

_DATE = "2026-11-25"
_NAME = "the terminal console for LVS clusters run by keepalived"
_SEE = ("keepalived(8)", "keepalived.conf(5)", "ipvsadm(8)", "ssh_config(5)", "journalctl(1)")
_CODE = re.compile(r"`([^`]+)`")


def page() -> str:
    """The whole page."""
    parser = build_parser()
    assert isinstance(parser, CommandParser)
    commands = list(_commands(parser))
    lines = [
        '.\\" Made of the parsers by support/man_page.py: `make manual`. Do not edit.',
        f'.TH LVSTOP 1 {_DATE} "lvstop {__version__}" "User Commands"',
        ".SH NAME",
        f"lvstop \\- {_escaped(_NAME)}",
        ".SH SYNOPSIS",
        *_synopsis(parser),
        ".SH DESCRIPTION",
        *list(_paragraphs(parser.paragraphs))[1:],
        ".SH OPTIONS",
        *_arguments(parser),
        ".SH COMMANDS",
    ]
    for short, command in commands:
        lines += _command(short, command)
    for section in parser.sections:
        lines += [f'.SH "{section.title.upper()}"', *_section_body(section)]
    lines += [".SH SEE ALSO", *_listed(_SEE)]
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, CommandParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield choice.help or "", action.choices[choice.dest]


def _command(short: str, command: CommandParser) -> Iterator[str]:
    yield f'.SS "{_escaped(command.prog)}"'
    yield from _synopsis(command)
    yield from _paragraphs(command.paragraphs or (f"{short[:1].upper()}{short[1:]}.", command.description or ""))
    yield from _arguments(command)
    for section in command.sections:
        yield ".PP"
        yield f"\\fB{_escaped(section.title)}\\fR"
        yield ".RS"
        yield from _section_body(section)
        yield ".RE"
    yield from _paragraphs((command.epilog or "",))


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The usage, to be filled by whoever shows the page."""
    words = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    name, rest = parser.prog, words.removeprefix(parser.prog).strip()
    yield ".nh"
    yield f".B {_escaped(name)}"
    # what stands in brackets is not broken
    yield from _filled(re.sub(r"(?<=\S) (?=[^\[\]()]*[\])])", "\\\\~", _escaped(rest)))
    yield ".hy"


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text:
            yield ".PP"
            yield from _filled(_marked(text))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.help is None or action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        yield ".TP"
        yield _named(action)
        yield from _filled(_marked(action.help % {**vars(action), "prog": parser.prog}))


def _named(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"\\fI{_escaped(str(action.metavar or action.dest))}\\fR"
    value = ""
    if action.nargs != 0:
        shown = action.metavar or (
            f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper()
        )
        value = f" \\fI{_escaped(str(shown))}\\fR"
    return ", ".join(f"\\fB{_escaped(option)}\\fR{value}" for option in action.option_strings)


def _section_body(section: Section) -> Iterator[str]:
    if section.text:
        yield from _filled(_marked(section.text))
    for term, text in section.rows:
        yield ".TP"
        yield f"\\fB{_escaped(term)}\\fR"
        yield from _filled(_marked(text))


def _listed(names: Iterable[str]) -> Iterator[str]:
    *rest, last = names
    for name in rest:
        title, _, number = name.partition("(")
        yield f".BR {title} ({number},"
    title, _, number = last.partition("(")
    yield f".BR {title} ({number}"


def _marked(text: str) -> str:
    return _CODE.sub(lambda found: f"\\fB{found.group(1)}\\fR", _escaped(text))


def _escaped(text: str) -> str:
    """Text as it is: no escapes, no accents, and hyphens that can be copied into a shell."""
    for plain, roff in (("\\", "\\e"), ("-", "\\-"), ("~", "\\(ti"), ("^", "\\(ha"), ("'", "\\(aq"), ('"', "\\(dq")):
        text = text.replace(plain, roff)
    return "".join(character if character.isascii() else f"\\[u{ord(character):04X}]" for character in text)


def _filled(text: str) -> list[str]:
    """Short lines, none of which begins as a request does."""
    lines = textwrap.wrap(text, 76, break_on_hyphens=False, break_long_words=False)
    return [f"\\&{line}" if line.startswith((".", "'")) else line for line in lines]


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
