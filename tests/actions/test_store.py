"""Records on the operator's machine: replaced as a whole, on the disk, and never dropped in silence."""

import os
import resource
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions.store import ChangeStore, Loaded, StoreError
from lvstop.model.change import Change, ChangePhase
from lvstop.model.change_record import write_change
from lvstop.model.failover import FailoverPhase
from support.change_factories import change
from support.factories import later
from support.failover_factories import failover

NOTHING = Loaded((), (), ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where records are to be; not even its parent is there."""
    return tmp_path / "state" / "lvstop" / "changes"


@pytest.fixture
def store(folder: Path) -> ChangeStore:
    """An empty store."""
    return ChangeStore(folder)


def files(folder: Path) -> list[str]:
    """Everything below a folder, by name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_saved_is_read_back(store: ChangeStore, folder: Path) -> None:
    """All of it, the oldest first, by another program too; one file for each."""
    young, old = change(id="b", at=later(1), reason="“Größe”"), change(id="a", until=later(3600), active_connections=7)
    store.save(young)
    store.save(old)
    assert ChangeStore(folder).load("smb") == Loaded((old, young), (), ())
    assert files(folder) == ["smb/a.json", "smb/b.json"]


def test_a_record_is_replaced(store: ChangeStore, folder: Path) -> None:
    """A change that goes on stays one record."""
    store.save(replace(change(), phase=ChangePhase.PENDING))
    store.save(change())
    assert store.load("smb") == Loaded((change(),), (), ())
    assert len(files(folder)) == 1


def test_failovers_are_kept_beside_changes(store: ChangeStore, folder: Path) -> None:
    """In the same folder, in the same way: replaced, loaded, forgotten."""
    store.save(change(id="c"))
    store.save(failover(id="f", phase=FailoverPhase.PENDING))
    assert store.load("smb") == Loaded((change(id="c"),), (failover(id="f", phase=FailoverPhase.PENDING),), ())
    store.save(failover(id="f"))
    store.save(failover(id="e", at=later(-1)))
    assert [each.id for each in store.load("smb").failovers] == ["e", "f"]
    assert files(folder) == ["smb/c.json", "smb/e.json", "smb/f.json"]
    store.forget("f")
    assert store.load("smb") == Loaded((change(id="c"),), (failover(id="e", at=later(-1)),), ())


def test_the_record_of_a_failover_under_another_name_is_complained_of(store: ChangeStore, folder: Path) -> None:
    """A file is named after what is in it."""
    store.save(failover(id="f"))
    (folder / "smb" / "f.json").rename(folder / "smb" / "g.json")
    assert store.load("smb").complaints == (
        f"{folder / 'smb' / 'g.json'} is no record of a change: it is of the failover f",
    )


def test_a_failover_that_could_not_be_read_back_is_not_kept(store: ChangeStore, folder: Path) -> None:
    """Nobody would find out what to release."""
    with pytest.raises(StoreError, match=r"^f cannot be put on record: its source is its target$"):
        store.save(failover(id="f", target="keepalived1"))
    assert files(folder.parent.parent) == []


def test_clusters_are_kept_apart(store: ChangeStore) -> None:
    """One's changes are not the other's."""
    store.save(change())
    store.save(change(cluster="web", id="other"))
    assert [each.id for each in store.load("web").changes] == ["other"]
    assert store.load("none") == NOTHING


def test_what_is_over_is_forgotten(store: ChangeStore, folder: Path) -> None:
    """One record goes, and what crashes left of it; another one stays; there need not be any."""
    store.save(change(id="one"))
    store.save(change(id="one-more"))
    (folder / "smb" / ".one.x1.tmp").write_text("half of")
    store.forget("one")
    store.forget("one")
    assert files(folder) == ["smb/one-more.json"]


def test_forgetting_needs_no_folder(store: ChangeStore, folder: Path) -> None:
    """Nothing is made for it."""
    store.forget("one")
    assert not folder.exists()


def test_nobody_else_reads_them(store: ChangeStore, folder: Path) -> None:
    """Files and folders are the operator's alone, whatever his umask."""
    old = os.umask(0)
    try:
        store.save(change())
    finally:
        os.umask(old)
    (path,) = folder.rglob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, folder, folder.parent)] == [0o700] * 3


Spoil = Callable[[Path], None]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_text(""), "is no record of a change: it is not one JSON document"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is no record of a change: "),
        (lambda path: path.write_text(path.read_text()[:-20]), "is no record of a change: it is not one JSON document"),
        (lambda path: path.write_text('{"schema": 2}'), "is no record of a change: it is not a record of schema 1"),
        (lambda path: path.write_text("[" * 2_000_000), "is no record of a change: a record has no more than"),
        (lambda path: path.write_text(path.read_text().replace("smb", "web")), "it is of the cluster web"),
        (lambda path: path.rename(path.with_name("c.json")), "c.json is no record of a change: it is of the change b"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
    ],
    ids=["empty", "bytes", "cut short", "from the future", "large", "of another cluster", "renamed", "a folder"],
)
def test_what_cannot_be_read_is_complained_of(store: ChangeStore, folder: Path, spoil: Spoil, complaint: str) -> None:
    """One sentence names the file; the other records are read all the same."""
    store.save(change(id="a"))
    store.save(change(id="b"))
    spoil(folder / "smb" / "b.json")
    loaded = store.load("smb")
    assert [each.id for each in loaded.changes] == ["a"]
    (sentence,) = loaded.complaints
    assert str(folder / "smb") in sentence
    assert complaint in sentence


def test_a_folder_that_cannot_be_read_is_complained_of(store: ChangeStore, folder: Path) -> None:
    """It is not taken for an empty one."""
    folder.mkdir(parents=True)
    (folder / "smb").write_text("")
    loaded = store.load("smb")
    assert loaded.changes == ()
    assert loaded.complaints == (f"the changes on record in {folder / 'smb'} cannot be read: Not a directory",)


def test_what_a_crash_leaves_is_no_record(store: ChangeStore, folder: Path) -> None:
    """A half written file beside a record is neither read nor complained of."""
    store.save(change())
    (folder / "smb" / f".{change().id}.x1.tmp").write_text('{"schema"')
    assert store.load("smb") == Loaded((change(),), (), ())


def test_a_disk_that_is_full(store: ChangeStore, folder: Path) -> None:
    """The old record stays whole, nothing is left beside it, and one sentence says what could not be done."""
    store.save(change())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(StoreError) as caught:
            store.save(change(reason="again"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == (f"the record of {change().id} cannot be written into {folder / 'smb'}: File too large")
    assert store.load("smb") == Loaded((change(),), (), ())
    assert len(files(folder)) == 1


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreError, match="cannot be written into"):
        ChangeStore(tmp_path / "state" / "changes").save(change())


def test_a_record_that_cannot_be_removed(store: ChangeStore, folder: Path) -> None:
    """It is said, since it would be taken for unfinished."""
    store.save(change(id="one"))
    (folder / "smb" / "one.json").unlink()
    (folder / "smb" / "one.json").mkdir()
    with pytest.raises(StoreError, match=r"^the record of one cannot be removed: "):
        store.forget("one")


def test_a_change_that_could_not_be_read_back_is_not_kept(store: ChangeStore, folder: Path) -> None:
    """An id that names no file, or a record without rows."""
    with pytest.raises(StoreError, match=r"^\.\./evil cannot be put on record: id of the record is "):
        store.save(change(id="../evil"))
    assert not folder.exists()


def recordable(kept: Change) -> bool:
    """Control characters are in no record."""
    try:
        return bool(write_change(kept))
    except ValueError:
        return False


@given(st.text(min_size=1, max_size=255) | st.sampled_from([".", "..", "../..", "/etc", "a/b", ".hidden", "~0", "-"]))
def test_no_name_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever a cluster is called: its records are found again, below the folder, or refused for the name."""
    home = tmp_path_factory.mktemp("home")
    store = ChangeStore(home / "changes")
    kept = change(cluster=name)
    if not recordable(kept):
        with pytest.raises(StoreError, match="cluster of the record"):
            store.save(kept)
        return
    store.save(kept)
    assert store.load(name) == Loaded((kept,), (), ())
    assert len(files(home)) == 1
    assert files(home)[0].startswith("changes/")
    assert files(home)[0].count("/") == 2
