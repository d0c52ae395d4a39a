"""Help that is worth reading: every command says what scripts need, gives examples that work, and fits a terminal."""

import argparse
import shlex

import pytest

from lvstop.cli.arguments import build_parser
from lvstop.cli.main import main
from lvstop.cli.parser import CommandParser, Section
from support.completions import walk

PARSERS = {parser.prog: parser for parser in walk(build_parser())}
COMMANDS = [name for name in PARSERS if name != "lvstop"]
WITHOUT_STATUS = {"lvstop demo", "lvstop completion"}
"""What scripts do not ask for an exit status."""


def helped(capsys: pytest.CaptureFixture[str], name: str) -> str:
    """What `--help` prints."""
    with pytest.raises(SystemExit) as leaving:
        main([*name.split()[1:], "--help"])
    assert leaving.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", PARSERS)
def test_help_is_complete(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Usage, what it does, every option, and the exit statuses that scripts depend on."""
    out = helped(capsys, name)
    assert out.startswith(f"usage: {name}")
    parser = PARSERS[name]
    for action in parser._actions:
        if action.help != argparse.SUPPRESS:
            assert all(option in out for option in action.option_strings)
            assert action.help or action.choices, f"{action.dest} has no help"
    assert ("\nExit status:\n" in out) is (name not in WITHOUT_STATUS)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("columns", [80, 120])
def test_help_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, columns: int
) -> None:
    """No line is wider than the terminal, but for commands that are to be copied as a whole."""
    monkeypatch.setenv("COLUMNS", str(columns))
    wide = [line for line in helped(capsys, name).splitlines() if len(line) > columns]
    assert [line for line in wide if not line.startswith("  lvstop ")] == []


def examples() -> list[str]:
    """Every example of every command."""
    sections = (
        section for parser in PARSERS.values() if isinstance(parser, CommandParser) for section in parser.sections
    )
    return [term for section in sections if section.title == "Examples" for term, _ in section.rows]


@pytest.mark.parametrize("example", examples())
def test_examples_can_be_typed(example: str) -> None:
    """The parser takes what the help tells people to type."""
    words = shlex.split(example.replace("told=$(", "").replace(")", ""))
    end = next((place for place, word in enumerate(words) if word in ("&&", "||", "|", ">")), len(words))
    assert words[0] == "lvstop"
    build_parser().parse_args(words[1:end])


def test_sections_are_laid_out() -> None:
    """Beside short words, below long ones; a break in a command or a file name is none."""
    short = Section("Exit status", (("0", "done"), ("130", "interrupted, and so on")), "In short:")
    assert list(short.lines(20)) == [
        "Exit status:",
        "  In short:",
        "  0    done",
        "  130  interrupted,",
        "       and so on",
    ]
    long = Section("Files", (("~/.config/lvstop/clusters/*.yaml", "a file for each"), ("x", "y")))
    assert list(long.lines(30)) == [
        "Files:",
        "  ~/.config/lvstop/clusters/*.yaml",
        "      a file for each",
        "  x",
        "      y",
    ]
