"""`lvstop noc`: what it says of its exit statuses is so."""

from pathlib import Path

import pytest

from lvstop.cli.main import main

CLUSTER = "name: smb\ndirectors:\n  - {name: lb1, host: 127.0.0.1}\n"
ROWS = {
    0: "somebody has left it",
    2: "wrong usage, or no cluster file is there yet",
    3: "a cluster file cannot be used, or this is no terminal",
}


def status_of(*words: str) -> int:
    """How it ends, whether a parser or a command ends it."""
    try:
        return main(["noc", *words])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else -1


def test_its_help_has_these_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """And no others."""
    monkeypatch.setenv("COLUMNS", "100")
    assert status_of("--help") == 0
    _, _, section = capsys.readouterr().out.partition("\nExit status:\n")
    assert [line.strip() for line in section.splitlines()] == [f"{status}  {words}" for status, words in ROWS.items()]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--nothing"], 2, "unrecognized arguments"),
        (["--dwell", "soon"], 2, "is not a duration"),
        ([], 2, "There is no cluster file yet"),
        (["-c", "nowhere.yaml"], 3, "cannot be read"),
        (["-c", "wrong.yaml"], 3, "directors: is missing"),
        (["-c", "smb.yaml"], 3, "this is no terminal"),
    ],
)
def test_each_row_is_so(
    words: list[str],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With what is wrong, on standard error."""
    monkeypatch.chdir(tmp_path)
    Path("smb.yaml").write_text(CLUSTER, encoding="ascii")
    Path("wrong.yaml").write_text("name: smb\n", encoding="ascii")
    assert status_of(*words) == status
    assert said in capsys.readouterr().err
