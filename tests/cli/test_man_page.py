"""The manual page: complete, up to date, and without a fault."""

import argparse
import shutil
import subprocess

import pytest

from lvstop.cli.arguments import build_parser
from support import man_page
from support.completions import walk


def test_the_page_is_that_of_the_parsers() -> None:
    """`make manual` makes it again."""
    assert man_page.PAGE.read_text(encoding="utf-8") == man_page.page()


def test_every_option_is_in_it() -> None:
    """In the part about its command, with what it does."""
    text = man_page.page().replace("\\-", "-")
    for parser in walk(build_parser()):
        start = 0 if parser.prog == "lvstop" else text.index(f'.SS "{parser.prog}"')
        end = text.find("\n.S", start + 1) if start else len(text)
        part = text[start:end]
        for action in parser._actions:
            if action.help != argparse.SUPPRESS:
                assert all(f"\\fB{option}\\fR" in part for option in action.option_strings), action.option_strings
                assert action.option_strings or str(action.metavar) in part


@pytest.mark.parametrize(
    "argv",
    [["mandoc", "-Tlint", "-Wstyle"], ["groff", "-ww", "-man", "-Tutf8"], ["man", "--warnings", "-l"]],
    ids=["mandoc", "groff", "man"],
)
def test_formatters_find_no_fault(argv: list[str]) -> None:
    """Whatever they warn of is a mistake."""
    if shutil.which(argv[0]) is None:
        pytest.skip(f"there is no {argv[0]}")
    done = subprocess.run([*argv, str(man_page.PAGE)], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    if argv[0] == "mandoc":
        assert done.stdout == ""


def test_apropos_finds_it() -> None:
    """Its first section is a name, a dash and a description (lexgrog(1))."""
    if shutil.which("lexgrog") is None:
        pytest.skip("there is no lexgrog")
    done = subprocess.run(["lexgrog", str(man_page.PAGE)], capture_output=True, text=True, check=False, timeout=60)
    assert '"lvstop - the terminal console for LVS clusters' in done.stdout
