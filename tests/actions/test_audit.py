"""The audit: what stands in it, and that it is never lost, mixed, overwritten, or pretended."""

import json
import multiprocessing
import os
import resource
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from lvstop import __version__
from lvstop.actions.audit import AuditError, AuditLog, Origin
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.model.change import Lever
from lvstop.model.ipvs import Tunnel, TunnelType
from support.change_factories import change, destination, file_changes, outcome, plan, weights
from support.clocks import ManualClock

FROM = Origin("192.0.2.7", "/dev/pts/3")
LOCKED = Objection(ObjectionCode.LOCKED, "keepalived1 is being changed by ann@desk", overridable=False)
CAPACITY = Objection(ObjectionCode.CAPACITY, "the others would carry 180 %", overridable=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is to be; not even its folder is there."""
    return tmp_path / "state" / "lvstop" / "audit.jsonl"


def log(path: Path, **more: int) -> AuditLog:
    """The log, on a clock that stands still."""
    return AuditLog(path, ManualClock(), FROM, **more)


def entries(path: Path) -> list[dict[str, Any]]:
    """What a reader makes of a file: he skips what is no JSON."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def test_a_change_is_written_before_and_after(path: Path) -> None:
    """Who, from where, what, why and how it ended, joined by the id."""
    wish = plan(change(reason="new disks"), overridden=(CAPACITY,), insistence="it is night", closes=("older",))
    log(path).begin(wish)
    log(path).end(wish, outcome(wish))
    begin, end = entries(path)
    command = "ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.21:445 -g -w 0 -x 0 -y 0"
    before = {"forwarding": "Route", "weight": 5, "upper_threshold": 0, "lower_threshold": 0, "tunnel": None}
    row = {"virtual_server": "TCP:172.26.127.20:445", "real_server": "172.26.127.21:445", "before": before, "after": 0}
    assert begin == {
        "event": "begin",
        "id": "20261122-140211-ab12",
        "at": "2026-11-22T14:02:11.000Z",
        "cluster": "smb",
        "kind": "drain",
        "lever": "ipvsadm",
        "reason": "new disks",
        "author": {"user": "ops", "host": "desk"},
        "from": {"ssh_client": "192.0.2.7", "tty": "/dev/pts/3"},
        "version": __version__,
        "overridden": [{"code": "capacity", "sentence": "the others would carry 180 %"}],
        "insistence": "it is night",
        "closes": ["older"],
        "rows": [{"director": name, **row} for name in ("keepalived1", "keepalived2")],
        "files": [],
        "commands": {"keepalived1": [command], "keepalived2": [command]},
    }
    assert {key: end[key] for key in ("event", "id", "outcome", "failure", "seconds")} == {
        "event": "end",
        "id": begin["id"],
        "outcome": "done",
        "failure": "",
        "seconds": 1.5,
    }
    assert [(each["director"], each["weight"], each["as_planned"]) for each in end["rows"]] == [
        ("keepalived1", 0, True),
        ("keepalived2", 0, True),
    ]


def test_track_files_and_tunnels_are_told(path: Path) -> None:
    """The lever's own before and after, and every attribute of the row."""
    tunnelled = destination(7, forwarding="Tunnel", upper=9, tunnel=Tunnel(TunnelType.GUE, 5555, "csum"))
    files = file_changes(directors=("keepalived1",))
    log(path).begin(plan(change(*weights(before=tunnelled), lever=Lever.TRACK_FILE, files=files)))
    (begin,) = entries(path)
    assert begin["rows"][0]["before"]["tunnel"] == "gue:5555:csum"
    assert begin["files"] == [
        {"director": "keepalived1", "name": "drain_rs1", "path": "/run/lvs/rs1", "before": 0, "after": 1}
    ]
    assert begin["commands"] == {"keepalived1": ["echo 1 > /run/lvs/rs1"]}


def test_refusals_at_the_last_moment_are_written(path: Path) -> None:
    """Nothing was touched, and why."""
    wish = plan()
    log(path).end(wish, outcome(wish, OutcomeKind.REFUSED, objections=(LOCKED,)))
    (end,) = entries(path)
    assert (end["outcome"], end["rows"]) == ("refused", [])
    assert end["objections"] == [{"code": "locked", "sentence": LOCKED.sentence}]


def test_nobody_else_reads_it(path: Path) -> None:
    """The file and the folders that had to be made are the operator's alone, whatever his umask."""
    old = os.umask(0)
    try:
        log(path).begin(plan())
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


@pytest.mark.parametrize(
    "reason",
    ["two\nlines", "“Größe”", "\x1b[2J\x9b", "\udcff", '"},{"event":"end"'],
    ids=["newline", "letters", "control", "surrogate", "quotes"],
)
def test_an_entry_is_one_line_whatever_is_in_it(path: Path, reason: str) -> None:
    """Words of an operator end no line and forge no entry."""
    log(path).begin(plan(change(reason=reason)))
    log(path).begin(plan())
    raw = path.read_bytes()
    assert raw.count(b"\n") == 2
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in raw)
    assert [entry["reason"] for entry in entries(path)] == [reason, ""]


def test_a_line_that_was_cut_short_spoils_only_itself(path: Path) -> None:
    """After a crash the next entry begins on a line of its own, and what was cut is still there."""
    log(path).begin(plan())
    with path.open("ab") as stream:
        stream.write(b'{"event": "end", "id": "2026')
    log(path).begin(plan(change(id="next")))
    assert [entry["id"] for entry in entries(path)] == ["20261122-140211-ab12", "next"]
    assert b'{"event": "end", "id": "2026\n' in path.read_bytes()


def test_a_full_file_is_kept_under_another_name(path: Path) -> None:
    """No entry is lost over many rotations within one second, and no file is overwritten."""
    audit = log(path, rotated_at=2500)
    for number in range(10):
        audit.begin(plan(change(id=f"c{number}")))
    files = sorted(path.parent.glob("audit*.jsonl"))
    assert len(files) > 3
    assert all(file.stat().st_size <= 2500 for file in files)
    assert path.with_name("audit-20261122T140211Z.jsonl") in files
    found = [entry["id"] for file in files for entry in entries(file)]
    assert sorted(found) == [f"c{number}" for number in range(10)]


def test_an_entry_that_is_longer_than_a_file_may_be_is_written(path: Path) -> None:
    """It has a file of its own; it is never refused for its length."""
    audit = log(path, rotated_at=100)
    audit.begin(plan(change(id="one")))
    audit.begin(plan(change(id="two")))
    assert [entry["id"] for entry in entries(path)] == ["two"]
    assert len(list(path.parent.iterdir())) == 2


def test_a_name_that_something_has_is_not_taken(path: Path) -> None:
    """A rotation goes round a file that is there already."""
    audit = log(path, rotated_at=100)
    audit.begin(plan())
    taken = path.with_name("audit-20261122T140211Z.jsonl")
    taken.write_text("precious\n")
    audit.begin(plan())
    assert taken.read_text() == "precious\n"
    assert len(entries(path.with_name("audit-20261122T140211Z-2.jsonl"))) == 1


def _write_many(path: Path, writer: int, together: Barrier) -> None:
    audit = log(path, rotated_at=2500)
    together.wait()
    for number in range(60):
        audit.begin(plan(change(id=f"{writer}-{number}")))


def test_many_lvstops_write_at_once(path: Path) -> None:
    """Nothing is mixed, lost or too long, though the file is renamed below them again and again."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3)
    writers = [context.Process(target=_write_many, args=(path, writer, together)) for writer in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    files = list(path.parent.iterdir())
    assert all(file.stat().st_size <= 2500 for file in files)
    found = sorted(json.loads(line)["id"] for file in files for line in file.read_text().splitlines())
    assert found == sorted(f"{writer}-{number}" for writer in range(3) for number in range(60))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this kernel has no /dev/full")
def test_a_device_that_is_full() -> None:
    """The write itself fails: one sentence says so, and nobody acts."""
    with pytest.raises(AuditError, match=r"^the audit /dev/full cannot be written: No space left on device$"):
        log(Path("/dev/full")).begin(plan())


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file may grow beyond `size`: what fits is written, the rest is not, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_half_an_entry_is_an_error(path: Path) -> None:
    """Where only a part fits that is an error, nothing older is harmed, and the next entry stands for itself."""
    log(path).begin(plan(change(id="one")))
    before = path.read_bytes()
    with file_size_limit(len(before) + 40), pytest.raises(AuditError, match=r"cannot be written: only 40 of \d+ bytes"):
        log(path).begin(plan(change(id="two")))
    assert path.read_bytes()[: len(before)] == before
    log(path).begin(plan(change(id="three")))
    assert [entry["id"] for entry in entries(path)] == ["one", "three"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, where this process may mount one."""
    mount, folder = shutil.which("mount"), tmp_path / "disk"
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root mounts file systems")
    folder.mkdir()
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    """Entries are written until there is no room; then each attempt says so, and what was written stays whole."""
    audit, written = log(small_disk / "audit.jsonl"), list[str]()

    def fill() -> None:
        while True:
            audit.begin(plan(change(id=f"c{len(written)}")))
            written.append(f"c{len(written)}")

    with pytest.raises(AuditError, match=r"No space left on device|only \d+ of \d+ bytes"):
        fill()
    with pytest.raises(AuditError, match="cannot be written"):
        audit.begin(plan(change(id="again")))
    assert len(written) > 10
    assert [entry["id"] for entry in entries(small_disk / "audit.jsonl")] == written


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("")
    with pytest.raises(AuditError, match="cannot be written"):
        log(tmp_path / "state" / "audit.jsonl").begin(plan())


@pytest.mark.parametrize(
    ("environment", "client"),
    [
        ({"SSH_CONNECTION": "2001:db8::7 50022 2001:db8::1 22"}, "2001:db8::7"),
        ({"SSH_CONNECTION": ""}, None),
        ({}, None),
    ],
)
def test_where_the_operator_sits(environment: dict[str, str], client: str | None) -> None:
    """The address that he logged in from, and nothing else of it."""
    assert Origin.of_this_process(environment).ssh_client == client


def test_moments_are_utc_to_the_millisecond(path: Path) -> None:
    """The clock that was passed is the only one."""
    AuditLog(path, ManualClock(datetime(2027, 1, 2, 3, 4, 5, 678901, UTC)), FROM).begin(plan())
    assert entries(path)[0]["at"] == "2027-01-02T03:04:05.678Z"
