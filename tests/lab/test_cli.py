"""What the lab's command line says and does where no lab has to run for it."""

import os
from pathlib import Path

import pytest

from lab import requirements, rootfs
from lab.cli import main
from lab.errors import LabError
from lab.ledger import Ledger, runtime_dir


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Labs and root file systems of this machine are not those of the tests."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("LVSTOP_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(requirements, "missing", lambda: None)
    monkeypatch.setattr(rootfs, "_kernel_modules", lambda: Path("6.1.176"))


@pytest.fixture
def ledger() -> Ledger:
    """A lab of this very program, as far as its record goes."""
    ledger = Ledger.create("mine", "seed", "bookworm")
    ledger.note_address("keepalived1", "172.26.127.23")
    return ledger


def test_no_labs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "no labs\n"


def test_labs_are_listed(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """With who runs them and where their directors are; one that is being made at this moment is left out."""
    (runtime_dir() / "being-made").mkdir()
    assert main(["list"]) == 0
    assert capsys.readouterr().out == (
        f"mine: seed on bookworm, process {os.getpid()}\n  keepalived1 172.26.127.23\n  {ledger.folder}\n"
    )


def test_a_lab_whose_program_is_gone(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """It is listed as such, and `down` takes it away."""
    record = ledger.folder / "lab.json"
    record.write_text(record.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194304'))
    assert main(["list"]) == 0
    assert "its program is gone: `down` cleans up" in capsys.readouterr().out
    assert main(["down"]) == 0
    assert capsys.readouterr().out == "mine: cleaned up\n"
    assert not ledger.folder.exists()
    assert main(["down"]) == 0
    assert capsys.readouterr().out == "nothing to clean up\n"


def test_a_lab_that_is_run_by_somebody_is_left_alone(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own program takes it down."""
    assert main(["down", "mine"]) == 1
    assert capsys.readouterr().err == f"lab: the lab mine is run by process {os.getpid()}: end that one\n"
    assert ledger.folder.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["exec", "keepalived3", "--", "true"], "no director 'keepalived3' in the lab mine (it has keepalived1)"),
        (["exec", "--name", "other", "keepalived1"], "no lab 'other' (there are: mine)"),
        (["down", "other"], "no lab 'other' (there are: mine)"),
        (["build", "sid"], "no suite 'sid': the lab knows bullseye, bookworm, trixie"),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_what_is_not_there_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with what there is instead."""
    assert main(words) == 1
    assert capsys.readouterr().err == f"lab: {says}\n"


def test_which_lab_has_to_be_said_where_there_are_several(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    Ledger.create("yours", "seed", "trixie")
    assert main(["exec", "keepalived1", "--", "true"]) == 1
    assert capsys.readouterr().err == "lab: say which lab (there are: mine, yours)\n"
    assert ledger.folder.exists()


@pytest.mark.parametrize("words", [["up"], ["build"]])
def test_a_machine_that_cannot(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason, and nothing is begun."""
    monkeypatch.setattr(requirements, "missing", lambda: "the lab needs root")
    assert main(words) == 1
    assert capsys.readouterr().err == "lab: the lab needs root\n"
    assert not runtime_dir().exists()


def test_build_tells_where_the_roots_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is built that is there."""
    for suite in rootfs.SUITES:
        rootfs.root_of(suite).mkdir(parents=True)
    assert main(["build", "bookworm", "trixie"]) == 0
    assert capsys.readouterr().out == "".join(f"{each}: {rootfs.root_of(each)}\n" for each in ("bookworm", "trixie"))


def test_clean_deletes_what_no_recipe_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Old roots with their logs, and builds that were broken off; not those of today."""
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == "nothing to delete\n"
    today, old, broken = (
        rootfs.root_of("trixie"),
        rootfs.cache_dir() / "root-trixie-0123456789ab",
        rootfs.cache_dir() / ".root-trixie-0123456789ab.unfinished",
    )
    for root in (today, old, broken):
        root.mkdir(parents=True)
        root.with_name(f"{root.name}.log").write_text("log")
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == f"deleted {broken.name}\ndeleted {old.name}\n"
    assert sorted(each.name for each in rootfs.cache_dir().glob("*root-*")) == [today.name, f"{today.name}.log"]


def test_debootstrap_gets_a_second_try(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Mirrors fail at times; when they do so twice the end of its log is told."""
    tries: list[Path] = []

    class Failed:
        returncode, stdout, stderr = 1, "I: Retrieving\n", "E: Couldn't download\n"

    def run(argv: list[str], **_: object) -> Failed:
        root = Path(argv[-1])
        assert not root.exists(), "the second try begins with an empty folder"
        root.mkdir()
        tries.append(root)
        return Failed()

    monkeypatch.setattr(rootfs, "run", run)
    assert main(["build", "bookworm"]) == 1
    assert len(tries) == 2
    assert "E: Couldn't download" in capsys.readouterr().err
    with pytest.raises(LabError):
        rootfs.ensure("bookworm")
