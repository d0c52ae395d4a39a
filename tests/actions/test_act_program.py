"""The program that changes a director, run in a real shell on this machine, with ipvsadm replaced by the test's own."""

import asyncio
import stat

import pytest

from lvstop.actions.command import FileCommand, WeightCommand
from lvstop.actions.hands import HandsError, LockedError
from lvstop.actions.programs import act
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, Destination, Lever, WeightChange
from lvstop.model.change_record import read_change
from lvstop.model.ipvs import ForwardingMethod
from support.act_machine import Machine
from support.clocks import START
from support.factories import rs_key, vs_key

VS, RS = vs_key("TCP:172.26.127.20:445"), rs_key("172.26.127.22:445")
ROUTE = Destination(ForwardingMethod.ROUTE, 1, 0, 0, None)
CHANGE = Change(
    id="20261122T140211Z-abc123",
    cluster="smb",
    kind=ChangeKind.DRAIN,
    phase=ChangePhase.PENDING,
    lever=Lever.IPVSADM,
    weights=(WeightChange("keepalived1", VS, RS, ROUTE, 0),),
    files=(),
    author=Author("anna", "desk"),
    at=START,
    reason="Käse && $(touch /tmp/x) `id` \\ 'quoted'",
)


async def test_the_table_with_its_thresholds(machine: Machine) -> None:
    """What has to be restated is read in one request."""
    table = await (await machine.hands()).table()
    assert table.rows == {(VS, RS): Destination(ForwardingMethod.ROUTE, 1, 1000, 500, None)}


async def test_an_edit_is_the_command_that_was_shown(machine: Machine) -> None:
    """Word by word."""
    command = WeightCommand("keepalived1", VS, RS, Destination(ForwardingMethod.ROUTE, 0, 1000, 500, None))
    await (await machine.hands()).run(command)
    assert tuple((machine.folder / "edited").read_text().split("\n")[:-1]) == command.argv[1:]


@pytest.mark.parametrize(
    "words",
    [
        "-t 172.26.127.20:445 -r x;reboot -g -w 0",
        "-C",
        "-D -t 172.26.127.20:445",
        "-t 172.26.127.20:445 -r $(id) -g",
        "-t 172.26.127.20:445 --restore",
        "-R",
    ],
)
async def test_a_word_that_is_none_of_an_edit(machine: Machine, words: str) -> None:
    """The program does not trust lvstop: nothing but edits of one row is possible."""
    reply = await (await machine.channel()).ask(f"edit {words}", timeout=10)
    section = reply.section("edit")
    assert section is not None
    assert section.status == 5
    assert not (machine.folder / "edited").exists()


async def test_the_lock_ends_with_its_holder(machine: Machine) -> None:
    """A second lvstop is told who holds it; a connection that goes away lets go of it."""
    first, second = await machine.hands(), await machine.hands()
    await first.lock("anna@desk: drain")
    with pytest.raises(LockedError, match="is being changed by anna@desk: drain"):
        await second.lock("bert@desk: drain")
    await first.lock("anna@desk: drain")
    await first.close()
    await second.lock("bert@desk: drain")


async def test_a_holder_is_sent_something_now_and_then(machine: Machine) -> None:
    """Where no answer is read: a connection that was cut is only noticed when something is sent, and holds a lock."""
    machine.command("sleep", "exec /bin/sleep 0.01")
    script = machine.own(act()).script
    pipe = asyncio.subprocess.PIPE
    environment = {"PATH": f"{machine.folder}:/usr/bin:/bin", "FOLDER": str(machine.folder)}
    program = await asyncio.create_subprocess_exec(
        "sh", "-c", script, "sh", "nonce", stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    )
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdin.write(b"1 lock anna@desk: drain\n")
    assert [await program.stderr.readline() for _ in range(3)] == [b"\n"] * 3
    program.stdin.close()
    assert await program.wait() == 0
    assert b"\n\n\n" not in await program.stdout.read()
    # nothing of it goes on and keeps the connection open
    assert not (await program.stderr.read()).strip()


async def test_records_are_for_everybody_to_read(machine: Machine) -> None:
    """As a whole, under their names; what an operator types as a reason is text and nothing else."""
    hands = await machine.hands()
    await hands.record(CHANGE)
    path = machine.records / f"{CHANGE.id}.json"
    assert read_change(path.read_text().rstrip("\n")) == CHANGE
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert stat.S_IMODE(machine.records.stat().st_mode) == 0o755
    assert [each.name for each in machine.records.iterdir()] == [path.name]
    await hands.forget(CHANGE.id)
    await hands.forget(CHANGE.id)
    assert list(machine.records.iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a.b", "-", ""])
async def test_a_name_that_leads_elsewhere(machine: Machine, name: str) -> None:
    """A record's name is letters, digits and dashes."""
    reply = await (await machine.channel()).ask(f"forget {name}", timeout=10)
    section = reply.section("forget")
    assert section is not None
    assert section.status == (5 if name != "-" else 0)


async def test_a_record_folder_that_is_somebody_elses(machine: Machine) -> None:
    """Where others could exchange files, root writes none."""
    machine.records.mkdir(parents=True)
    machine.records.chmod(0o777)
    with pytest.raises(HandsError, match="can be written by others than root"):
        await (await machine.hands()).record(CHANGE)
    assert list(machine.records.iterdir()) == []


async def test_a_track_file(machine: Machine) -> None:
    """A missing one is 0; what is written is read back; a path may have blanks."""
    hands, path = await machine.hands(), str(machine.etc / "drain rs2")
    assert await hands.number(path) == 0
    await hands.run(FileCommand("keepalived1", path, 1))
    assert await hands.number(path) == 1
    await hands.run(FileCommand("keepalived1", path, -12))
    assert await hands.number(path) == -12
    (machine.etc / "drain rs2").write_text("maintenance\n")
    with pytest.raises(HandsError, match="has no number in it: 'maintenance'"):
        await hands.number(path)


async def test_a_track_file_that_is_a_link(machine: Machine) -> None:
    """Root follows no link, and writes where nobody else can."""
    target = machine.etc / "passwd"
    target.write_text("root\n")
    (machine.etc / "drain").symlink_to(target)
    hands = await machine.hands()
    with pytest.raises(HandsError, match="is a symbolic link"):
        await hands.run(FileCommand("keepalived1", str(machine.etc / "drain"), 1))
    assert target.read_text() == "root\n"
    machine.etc.chmod(0o1777)
    with pytest.raises(HandsError, match="can be written by others than root"):
        await hands.run(FileCommand("keepalived1", str(machine.etc / "other"), 1))
    with pytest.raises(HandsError, match="is not an absolute path"):
        await hands.number("etc/drain")


async def test_without_ip_vs_nothing_is_loaded(machine: Machine) -> None:
    """ipvsadm would load the module."""
    (machine.folder / "ip_vs").unlink()
    command = WeightCommand("keepalived1", VS, RS, ROUTE)
    with pytest.raises(HandsError, match="ip_vs is not loaded"):
        await (await machine.hands()).run(command)
    assert not (machine.folder / "edited").exists()


async def test_a_line_in_the_log(machine: Machine) -> None:
    """One line, whatever is in it."""
    await (await machine.hands()).note("anna@desk: drain (two\nlines; $(id))")
    assert (machine.folder / "logged").read_text() == (
        "-t lvstop -p daemon.notice -- anna@desk: drain (two lines; $(id))\n"
    )


async def test_a_log_that_cannot_be_read_tells_of_no_reload(machine: Machine) -> None:
    """Unknown is no reason to refuse: the operator sees whether keepalived answers."""
    assert not await (await machine.hands()).reloading()


@pytest.mark.parametrize("request_line", ["nonsense", "ipvsadm -C", "sh -c id"])
async def test_a_word_that_is_no_verb_does_nothing(machine: Machine, request_line: str) -> None:
    """Requests are looked up, never evaluated."""
    assert (await (await machine.channel()).ask(request_line, timeout=10)).sections == ()
