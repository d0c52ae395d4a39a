"""What the audit says of a failover: before it, before each step, and after it."""

import json
from pathlib import Path
from typing import Any

import pytest

from lvstop import __version__
from lvstop.actions.audit import AuditError, AuditLog, Origin
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.journal import FailoverAudit
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.change import Author
from lvstop.model.failover import FailoverLever
from support.change_factories import plan
from support.clocks import ManualClock
from support.failover_factories import WARNED, failover, failover_outcome, failover_plan

BEN = Author("ben", "night-desk")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the audit is to be."""
    return tmp_path / "state" / "audit.jsonl"


@pytest.fixture
def log(path: Path) -> AuditLog:
    """The audit, on a clock that stands still."""
    return AuditLog(path, ManualClock(), Origin("192.0.2.7", "/dev/pts/3"))


@pytest.fixture
def journal(log: AuditLog) -> FailoverAudit:
    """Written by Ben, who did not begin the failover."""
    return FailoverAudit(log, BEN)


def entries(path: Path) -> list[dict[str, Any]]:
    """What stands in the audit."""
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


BEGUN = {
    "event": "begin",
    "act": "pull",
    "lever": "track-file",
    "reason": "kernel update",
    "author": {"user": "ben", "host": "night-desk"},
    "failover_author": {"user": "ops", "host": "desk"},
    "from": {"ssh_client": "192.0.2.7", "tty": "/dev/pts/3"},
    "version": __version__,
    "move": {
        "source": "keepalived1",
        "target": "keepalived2",
        "instances": ["SMB"],
        "groups": [],
        "vips": ["172.26.127.20"],
    },
    "accepted": ["sync-daemons"],
    "steps": [
        {
            "kind": "file",
            "director": "keepalived1",
            "name": "maint",
            "path": "/etc/keepalived/maint",
            "before": 0,
            "after": 1,
        }
    ],
    "commands": {"keepalived1": ["echo 1 > /etc/keepalived/maint"]},
    "limit_seconds": 8.0,
}
"""What is written of it before anything is done, besides what every entry has."""


def test_a_failover_is_written_before_and_after(journal: FailoverAudit, path: Path) -> None:
    """Who, from where, what moves by which commands in spite of which warnings, each step, and how it ended."""
    wish = failover_plan(None, WARNED, accepted=frozenset({CheckCode.SYNC_DAEMONS}))
    journal.begin(wish)
    journal.step(wish, "echo 1 > /etc/keepalived/maint", "keepalived1")
    journal.step(wish, "writing the record", None)
    journal.end(wish, failover_outcome(wish))
    begin, first, second, end = entries(path)
    head = {"id": failover().id, "at": "2026-11-22T14:02:11.000Z", "cluster": "smb", "kind": "failover"}
    assert {key: begin[key] for key in begin if key != "checks"} == {**head, **BEGUN}
    assert [(each["code"], each["verdict"]) for each in begin["checks"]] == [
        ("peer-backup", "passed"),
        ("sync-daemons", "warned"),
    ]
    what = "echo 1 > /etc/keepalived/maint"
    assert first == {"event": "step", **head, "director": "keepalived1", "what": what}
    assert (second["director"], second["what"]) == (None, "writing the record")
    assert {key: end[key] for key in ("event", "id", "act", "outcome", "failover", "failure", "seconds")} == {
        "event": "end",
        "id": failover().id,
        "act": "pull",
        "outcome": "done",
        "failover": {"id": failover().id, "phase": "held"},
        "failure": None,
        "seconds": 9.4,
    }
    assert end["timeline"]["connections"] == {"seconds": 0.017, "error_seconds": 0.024}


def test_a_release_tells_what_it_takes_back(journal: FailoverAudit, path: Path) -> None:
    """The other way round, by whoever releases it."""
    journal.begin(failover_plan(failover(lever=FailoverLever.STOP), releases=True))
    (begin,) = entries(path)
    assert (begin["act"], begin["lever"], begin["author"]["user"]) == ("release", "stop", "ben")
    assert begin["commands"] == {"keepalived1": ["systemctl start keepalived.service"]}
    assert (begin["move"]["source"], begin["move"]["target"]) == ("keepalived2", "keepalived1")


def test_refusals_at_the_last_moment_are_written(journal: FailoverAudit, path: Path) -> None:
    """Nothing was touched, and why."""
    wish = failover_plan()
    locked = Objection(ObjectionCode.LOCKED, "keepalived1 is being changed by ann@desk", overridable=False)
    journal.end(wish, failover_outcome(wish, OutcomeKind.REFUSED, objections=(locked,)))
    (end,) = entries(path)
    assert (end["outcome"], end["timeline"], end["standings"]) == ("refused", None, [])
    assert end["objections"] == [{"code": "locked", "sentence": locked.sentence}]


def test_changes_and_failovers_share_the_audit(log: AuditLog, journal: FailoverAudit, path: Path) -> None:
    """One file tells what happened to a cluster, in its order."""
    log.begin(plan())
    journal.begin(failover_plan())
    log.begin(plan())
    assert [each["kind"] for each in entries(path)] == ["drain", "failover", "drain"]


def test_words_forge_no_entry(journal: FailoverAudit, path: Path) -> None:
    """A reason ends no line, whatever is in it."""
    journal.begin(failover_plan(failover(reason='x\n{"event": "end"}\x1b[2J')))
    assert len(entries(path)) == 1


def test_where_nothing_can_be_written_nothing_may_be_done(tmp_path: Path) -> None:
    """A file stands where the folder should be: each of them says so."""
    (tmp_path / "state").write_text("")
    log = AuditLog(tmp_path / "state" / "audit.jsonl", ManualClock(), Origin(None, None))
    journal, wish = FailoverAudit(log, BEN), failover_plan()
    with pytest.raises(AuditError, match="cannot be written"):
        journal.begin(wish)
    with pytest.raises(AuditError, match="cannot be written"):
        journal.step(wish, "anything", None)
    with pytest.raises(AuditError, match="cannot be written"):
        journal.end(wish, failover_outcome(wish))
