"""The log of one cluster, and its file."""

import json
import os
from pathlib import Path

import pytest

from lvstop.analysis.event_search import as_jsonl
from lvstop.engine.event_log import EventLog, write_export
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import Event, EventKind
from support.factories import NOW, later


def event(second: float, summary: str = "Something happened.", director: str | None = "d1") -> Event:
    """Something that happened so many seconds after the first look."""
    return Event(later(second), director, EventKind.VRRP, "SMB", summary)


def look(*events: Event) -> ClusterSnapshot:
    """A look at which these events were seen."""
    return ClusterSnapshot("smb", NOW, (), events=events)


def test_events_are_kept_in_order_of_time() -> None:
    """What keepalived dates earlier goes to its place; what is of the same moment stays in order."""
    log = EventLog()
    log.take(look(event(1), event(5, "first")))
    log.take(look(event(3), event(5, "second")))
    assert [(each.at, each.summary) for each in log.events] == [
        (later(1), "Something happened."),
        (later(3), "Something happened."),
        (later(5), "first"),
        (later(5), "second"),
    ]


def test_the_version_tells_of_changes() -> None:
    """A look without events, and the same look again, change nothing."""
    log, snapshot = EventLog(), look(event(1))
    assert (log.version, len(log)) == (0, 0)
    log.take(look())
    assert log.version == 0
    log.take(snapshot)
    log.take(snapshot)
    assert (log.version, len(log)) == (1, 1)


def test_the_oldest_go() -> None:
    """So many are kept, and a late one that is older than all of them is not."""
    log = EventLog(most=3)
    log.take(look(*[event(second) for second in range(5)]))
    assert [each.at for each in log.events] == [later(2), later(3), later(4)]
    log.take(look(event(0)))
    assert [each.at for each in log.events] == [later(2), later(3), later(4)]


def test_it_is_searched() -> None:
    """By words, kind and director; and counted."""
    log = EventLog()
    log.take(look(event(1, "SMB became MASTER."), event(2, "SMB became BACKUP.", "d2")))
    assert [each.director for each in log.select("master")] == ["d1"]
    assert [each.director for each in log.select(director="d2")] == ["d2"]
    assert log.select(kinds=[EventKind.VIP]) == ()
    assert log.counts_by_kind()[EventKind.VRRP] == 2


def test_an_export_is_whole_and_private(tmp_path: Path) -> None:
    """JSON lines in a file that nobody else can read, in a folder that is made; nothing else is left."""
    events = (event(1), event(2, "“Größe”"))
    path = write_export(tmp_path / "state", "smb", events, later(0.5))
    assert path == tmp_path / "state" / "exports" / "smb-events-20261122T140211Z.jsonl"
    assert path.read_text(encoding="utf-8") == as_jsonl(events)
    assert [json.loads(line)["summary"] for line in path.read_text(encoding="utf-8").splitlines()][1] == "“Größe”"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert write_export(tmp_path / "state", "smb", (), later(0.5)).read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(("cluster", "name"), [("../a b/c", "_a_b_c"), ("..", "cluster"), ("büro", "büro")])
def test_a_name_stays_in_its_folder(tmp_path: Path, cluster: str, name: str) -> None:
    """Whatever a cluster is called."""
    path = write_export(tmp_path, cluster, (), NOW)
    assert path == tmp_path / "exports" / f"{name}-events-20261122T140211Z.jsonl"


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the error is told and the half of a file is gone; a folder that cannot be made is told as well."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_export(tmp_path, "smb", (event(1),), NOW)
    assert list((tmp_path / "exports").iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        write_export(tmp_path / "file", "smb", (), NOW)
