"""Whose processes are ended: those on record, and nobody who has come to one of their numbers since."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lab.ledger import Ledger, ProcessRecord, members, start_of


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    """A session of two processes."""
    script = "sleep 600 & echo; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as program:
        assert program.stdout is not None
        program.stdout.readline()
        record = ProcessRecord(program.pid, start_of(program.pid) or 0, "a program")
        yield program
        program.kill()
        for pid in members(record):
            subprocess.run(["kill", "-9", str(pid)], check=False)


def test_a_session_is_known_by_its_leader(program: subprocess.Popen[bytes]) -> None:
    """Its processes are found; those of a later one with the same number are not taken for them."""
    started = start_of(program.pid)
    assert started is not None
    record = ProcessRecord(program.pid, started, "a program")
    found = members(record)
    assert program.pid in found
    assert len(found) == 2
    assert members(replace(record, started=started - 1)) == []


def test_a_session_outlives_its_leader(program: subprocess.Popen[bytes]) -> None:
    """What a killed leader leaves behind is still found."""
    record = ProcessRecord(program.pid, start_of(program.pid) or 0, "a program")
    program.kill()
    program.wait()
    assert len(members(record)) == 1


def test_nobody_is_killed_for_a_number(
    program: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A record of a process that has ended long ago harms nobody who has its number now."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    ledger = Ledger.create("old", "seed", "bookworm")
    ledger.record.processes.append(ProcessRecord(program.pid, (start_of(program.pid) or 0) - 1, "ended long ago"))
    assert ledger.give_back() == []
    assert program.poll() is None
