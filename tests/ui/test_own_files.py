"""The whole program on a terminal, with files of the operator's own that cannot be used: sentences, no traceback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support import pins
from support.pty_program import PtyProgram, on_a_terminal

TESTS = Path(__file__).parent.parent
CLUSTER = """\
name: smb
directors:
  - {name: keepalived1, host: 127.0.0.1, port: 1}
  - {name: keepalived2, host: 127.0.0.1, port: 1}
"""
THEME = "name: mine\ntitle: mine\ncolors:\n  primary: no-colour\n"


@contextmanager
def started(home: Path, **files: str) -> Iterator[PtyProgram]:
    """lvstop with these files in its configuration folder; `__` stands for a slash."""
    folder = home / "lvstop"
    for name, text in {"clusters__smb": CLUSTER, **files}.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    inherited = {key: text for key, text in os.environ.items() if key not in ("TEXTUAL_DRIVER", "COLUMNS", "LINES")}
    environment = {**inherited, "PYTHONPATH": str(TESTS.parent / "src"), "XDG_CONFIG_HOME": str(home)}
    with on_a_terminal([sys.executable, "-m", "lvstop", "--read-only"], environment) as program:
        yield program


def words(program: PtyProgram) -> str:
    """What is on the screen, as one line."""
    return " ".join(" ".join(program.screen.row(y) for y in range(24)).split())


def noticed(program: PtyProgram) -> str:
    """The letters of the notices. They stand right of a bar, and a long path breaks their lines anywhere."""
    rows = (program.screen.row(y) for y in range(24))
    return "".join("".join(row.rpartition("▌")[2].split()) for row in rows if "▌" in row)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"themes__mine": THEME}, ("primary", "no-colour")),
        ({"themes__mine": "name: [\n"}, ("YAML:", "expected")),
        ({"config": "theme: nonsense\n"}, ("theme", "nonsense")),
        ({"config": "themes: lvstop-dark\n"}, ("themes", "usual")),
        ({"config": "columns: [weight2]\n"}, ("weight2", "weight?")),
        ({"config": "keymap: {nonsense: x}\n"}, ("keymap:", "nonsense")),
    ],
    ids=["theme-colour", "theme-yaml", "theme-name", "settings-key", "column", "keymap"],
)
def test_a_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, files: dict[str, str], said: tuple[str, ...]) -> None:
    """The screen is there, says which file and what is wrong with it, and can be left as usual."""
    with started(tmp_path, **files) as program:
        program.until(lambda: all(word in noticed(program) for word in said), f"{said} on the screen")
        program.until(lambda: "keepalived1" in words(program), "the cards")
        assert b"Traceback" not in program.output
        program.feed(b"q")
        program.until(lambda: program.process.poll() is not None, "the end")
        assert program.process.returncode == 0


def test_a_record_that_cannot_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be a change of which nobody else knows."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    record = tmp_path / "state" / "lvstop" / "changes" / "smb" / "20261122T140211Z-abc123.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")
    with started(tmp_path) as program:
        program.until(lambda: "isnorecordofachange" in noticed(program), "the complaint on the screen")
        program.feed(b"q")
        program.until(lambda: program.process.poll() is not None, "the end")


@pytest.mark.parametrize(
    ("textual", "python", "said"),
    [
        ("9.9.9", None, "Snapshots are drawn by Textual 8.2.8; this is 9.9.9."),
        (pins.TEXTUAL, (3, 99), "Snapshots are drawn under Python 3.99"),
        (pins.TEXTUAL, sys.version_info[:2], None),
    ],
    ids=["textual", "python", "pinned"],
)
def test_pictures_are_not_accepted_under_other_versions(
    monkeypatch: pytest.MonkeyPatch, textual: str, python: tuple[int, int] | None, said: str | None
) -> None:
    """`--snapshot-update` ends at once; without it any version may run the tests."""
    asked = _Config(update=True)
    monkeypatch.setattr(pins, "version", lambda _name: textual)
    if python is not None:
        monkeypatch.setattr(pins, "PYTHON", python)
    if said is None:
        pins.refuse_other_versions(asked)  # type: ignore[arg-type]  # the one option that is asked for
        return
    with pytest.raises(pytest.exit.Exception, match=said) as stopped:
        pins.refuse_other_versions(asked)  # type: ignore[arg-type]  # the one option that is asked for
    assert stopped.value.returncode == 4
    pins.refuse_other_versions(_Config(update=False))  # type: ignore[arg-type]  # the one option that is asked for


class _Config:
    """pytest's, as far as it is asked."""

    def __init__(self, *, update: bool) -> None:
        self._update = update

    def getoption(self, name: str, default: object = None) -> object:
        """Whether pictures are to be drawn anew."""
        assert (name, default) == ("--snapshot-update", False)
        return self._update
