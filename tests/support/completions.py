"""Scripts that complete lvstop's command line, made of its parsers by shtab: `python -m support.completions`.

They are made beforehand and come with lvstop, so that nobody needs shtab to use them.
"""

import argparse
from collections.abc import Iterator, Mapping

import shtab

from lvstop.actions.failover.checks import CheckCode
from lvstop.cli.arguments import build_parser
from lvstop.cli.completion import FILES, SCRIPTS

FREE = frozenset(
    (
        *("SECONDS", "TIME", "WHEN", "N", "X", "TEXT", "WEIGHT", "ID", "I", "G", "VS", "REAL_SERVER[:PORT]"),
        *("NAME", "HOST", "[USER@]HOST[:PORT]", "[USER@]HOST", "PATH", "SHA256:…", "ADDRESS", "URL"),
    )
)
"""Values of which nobody can say beforehand what they may be."""


def _asked(name: str) -> dict[str, str]:
    return {"bash": f"_lvstop_{name}", "zsh": f"_lvstop_{name}", "fish": f"(_lvstop_{name})"}


KNOWN: dict[str, Mapping[str, object]] = {
    "FILE": shtab.FILE,
    "KEY": shtab.FILE,
    "CLUSTER": _asked("clusters"),
    "DIRECTOR": _asked("directors"),
    "SCENARIO": _asked("scenarios_or_files"),
    "THEME": _asked("themes"),
    "CODE": _asked("checks"),
}
"""By what an argument is called in the help, what completes it."""

_CODES = " ".join(CheckCode)

_PREAMBLE = {
    "bash": f"""\
# names that only lvstop knows; $1 is the word so far
_lvstop_names() {{
  local program=${{COMP_WORDS[0]/#\\~/$HOME}}
  compgen -W "$("$program" completion --names "$1" --line "${{COMP_LINE:0:$COMP_POINT}}" 2>/dev/null)" -- "$2"
}}
_lvstop_clusters() {{ _lvstop_names clusters "$1"; }}
_lvstop_directors() {{ _lvstop_names directors "$1"; }}
_lvstop_themes() {{ _lvstop_names themes "$1"; }}
_lvstop_scenarios_or_files() {{
  _lvstop_names scenarios "$1"
  [[ $1 == */* || $1 == [.~]* ]] && compgen -f -- "$1"
}}
_lvstop_checks() {{ compgen -W "{_CODES}" -- "$1"; }}
""",
    "zsh": f"""\
# names that only lvstop knows
_lvstop_names() {{
  local -a found
  found=(${{(f)"$(_call_program $1 lvstop completion --names $1 --line ${{(q)LBUFFER}} 2>/dev/null)"}})
  compadd -a found
}}
_lvstop_clusters() {{ _lvstop_names clusters }}
_lvstop_directors() {{ _lvstop_names directors }}
_lvstop_themes() {{ _lvstop_names themes }}
_lvstop_scenarios_or_files() {{
  _lvstop_names scenarios
  [[ $PREFIX == (*/*|[.~]*) ]] && _files
}}
_lvstop_checks() {{ compadd {_CODES} }}
""",
    "fish": f"""\
# names that only lvstop knows
function _lvstop_names
  set -l words (commandline -opc)
  set -l program (string replace -r '^~' $HOME -- $words[1])
  $program completion --names $argv[1] --line (commandline -cp | string collect) 2>/dev/null
end
function _lvstop_clusters; _lvstop_names clusters; end
function _lvstop_directors; _lvstop_names directors; end
function _lvstop_themes; _lvstop_names themes; end
function _lvstop_scenarios_or_files
  _lvstop_names scenarios
  string match -qr '^[.~]|/' -- (commandline -ct); and __fish_complete_path (commandline -ct)
end
function _lvstop_checks; string split ' ' '{_CODES}'; end
""",
}

_SHARED = ("_set_parser_defaults", "_set_new_action", "_shtab_compgen_", "_shtab_replace_nonword")
"""What another program's script defines as well, perhaps by another shtab."""


def script(shell: str) -> str:
    """The script for a shell."""
    parser = build_parser()
    for each in walk(parser):
        for action in each._actions:
            completer = KNOWN.get(str(action.metavar))
            if completer is not None:
                setattr(action, "complete", completer)  # noqa: B010 (shtab reads it there)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                # else the whole description stands beside the name
                action.choices[choice.dest].description = choice.help
    text: str = shtab.complete(parser, shell, preamble=_PREAMBLE[shell])
    for name in _SHARED:
        text = text.replace(name, f"_lvstop{name.removeprefix('_shtab')}")
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n") + "\n"


def walk(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, and those of its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from walk(command)


def main() -> None:
    """Write all of them."""
    SCRIPTS.mkdir(exist_ok=True)
    for shell, name in FILES.items():
        (SCRIPTS / name).write_text(script(shell), encoding="utf-8")


if __name__ == "__main__":
    main()
