"""`lvstop` where there is no cluster file."""

from pathlib import Path

import pytest

from lvstop.cli.main import main
from lvstop.cli.welcome import run_welcome
from lvstop.config.paths import clusters_folder
from lvstop.ui.welcome.words import Choice


def test_without_a_terminal_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The same words on stderr, in 80 columns, and the exit status of wrong usage."""
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "~/.config/lvstop/clusters/NAME.yaml" in err
    assert "\n  lvstop init USER@HOST USER@HOST\n" in err
    assert "\n  lvstop demo\n" in err
    assert max(map(len, err.splitlines())) <= 80


def test_a_file_that_is_named_or_found_needs_no_welcome(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nor does one that is wrong."""
    assert main(["-c", str(tmp_path / "none.yaml")]) == 3
    clusters_folder().mkdir(parents=True)
    (clusters_folder() / "smb.yaml").write_text("name: smb\n")
    assert main([]) == 3
    assert "directors: is missing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may hold clusters, so that this is no first time."""

    def refuse() -> tuple[Path, ...]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lvstop.cli.clusters.find_cluster_files", refuse)
    for words in ([], ["status"]):
        assert main(words) == 3
        assert capsys.readouterr().err == "lvstop: ~/.config/lvstop/clusters: cannot be read: Permission denied\n"


@pytest.mark.parametrize(("choice", "status"), [(Choice.DEMO, 7), (Choice.QUIT, 0), (None, 0)])
def test_what_was_chosen_is_done(monkeypatch: pytest.MonkeyPatch, choice: Choice | None, status: int) -> None:
    """The demo takes the terminal over, and its exit status is the command's."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("lvstop.cli.welcome._choose", lambda _folder: choice)
    monkeypatch.setattr("lvstop.cli.demo.run_demo", lambda *_words, **_more: 7)
    assert run_welcome(read_only=False) == status
