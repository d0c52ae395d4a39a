"""What the program `act` does to fail a director over: priority lines, keepalived's service, lines that are tried."""

import stat
from ipaddress import ip_address
from pathlib import Path

import pytest

from lvstop.actions.command import PriorityCommand, ServiceCommand
from lvstop.actions.failover.plan import Suggestion
from lvstop.actions.hands import HandsError
from support.act_machine import Machine

CONF = """\
! Configuration of a director   # with comments { of both kinds
global_defs {
  router_id d1
}
vrrp_script check {
  script "/bin/sh -c '{ true; } # not a comment'"
  priority 7
}
vrrp_instance OTHER
{
  priority 120
}
vrrp_instance SMB {
  state BACKUP   # priority 1
  priority\t 150   ! of 255
  authentication {
    auth_type PASS
    auth_pass hunter2x
    priority 9
  }
  virtual_routes {
    10.0.0.0/8 via 10.9.0.1 priority 5
  }
}
"""


@pytest.fixture
def conf(machine: Machine) -> Path:
    """The main file of a keepalived that runs."""
    path = machine.etc / "keepalived.conf"
    path.write_text(CONF)
    path.chmod(0o640)
    machine.keepalived("--dont-fork", "-D")
    return path


def command(path: Path, instance: str = "SMB", before: int = 150, after: int = 50) -> PriorityCommand:
    """An edit."""
    return PriorityCommand("keepalived1", str(path), instance, before, after)


def left(machine: Machine) -> list[str]:
    """What is in the folder of the configuration."""
    return sorted(each.name for each in machine.etc.iterdir())


async def test_one_line_is_edited_and_keepalived_reloads(machine: Machine, conf: Path) -> None:
    """Only the number; the file keeps its mode; what was tested is what stands there now."""
    hands = await machine.hands()
    assert await hands.priority("SMB", str(conf)) == 150
    await hands.run(command(conf))
    assert conf.read_text() == CONF.replace("priority\t 150", "priority 50")
    assert await hands.priority("SMB", str(conf)) == 50
    assert stat.S_IMODE(conf.stat().st_mode) == 0o640
    assert (machine.folder / "seen").read_text() == conf.read_text()
    assert machine.reloads() == 1
    assert left(machine) == ["keepalived.conf"]


async def test_one_that_has_just_been_started(machine: Machine) -> None:
    """Told to reload, it would end: it is not, and the file is as it was."""
    path = machine.etc / "keepalived.conf"
    path.write_text(CONF)
    machine.keepalived("--dont-fork", hears="nothing")
    with pytest.raises(HandsError, match="has just been started"):
        await (await machine.hands()).run(command(path))
    assert path.read_text() == CONF
    assert left(machine) == ["keepalived.conf"]
    assert machine.runs()


async def test_a_brace_on_the_next_line(machine: Machine, conf: Path) -> None:
    """keepalived takes both."""
    hands = await machine.hands()
    assert await hands.priority("OTHER", str(conf)) == 120
    await hands.run(command(conf, "OTHER", 120, 20))
    assert conf.read_text() == CONF.replace("priority 120", "priority 20")


@pytest.mark.parametrize(
    ("instance", "before", "text"),
    [
        ("SMB", 100, CONF),
        ("NONE", 150, CONF),
        ("SMB", 150, CONF.replace("  state BACKUP", "  priority 150\n  state BACKUP")),
        ("SMB", 150, CONF.replace("  state BACKUP", "  @main priority 150\n  state BACKUP")),
        ("SMB", 150, CONF.replace("  state BACKUP", "  include more\n  state BACKUP")),
        ("SMB", 150, CONF.replace("  state BACKUP", "  $STATE")),
        ("SMB", 150, CONF.replace(" 150 ", " $PRIORITY ")),
        ("SMB", 150, CONF.replace("  priority\t 150", "  priority\t 150 200")),
        ("SMB", 150, CONF.replace("    priority 9\n  }", "    priority 9")),
        ("SMB", 150, CONF + "}\n"),
        ("SMB", 150, CONF.replace("vrrp_instance SMB {", "vrrp_instance SMB{")),
        ("SMB", 150, CONF + CONF),
    ],
    ids=[
        *("another-number", "no-instance", "two-lines", "condition", "include", "variable-line", "variable"),
        *("more-words", "brace-missing", "brace-too-many", "brace-attached", "twice"),
    ],
)
async def test_what_is_not_exactly_one_line_is_refused(
    machine: Machine, conf: Path, instance: str, before: int, text: str
) -> None:
    """Nothing is guessed, nothing is touched, and keepalived is not told to reload."""
    conf.write_text(text)
    with pytest.raises(HandsError, match=f"has not exactly one line `priority {before}`"):
        await (await machine.hands()).run(command(conf, instance, before))
    assert conf.read_text() == text
    assert left(machine) == ["keepalived.conf"]
    assert not (machine.folder / "signals").exists()


async def test_a_configuration_that_keepalived_does_not_accept(machine: Machine, conf: Path) -> None:
    """It never stands there, and what keepalived says is told without secrets."""
    (machine.folder / "complaint").write_text("(SMB) Truncating auth_pass hunter2x to 8 characters\n")
    with pytest.raises(HandsError, match="keepalived -t does not accept it") as raised:
        await (await machine.hands()).run(command(conf))
    assert "hunter2x" not in str(raised.value)
    assert conf.read_text() == CONF
    assert left(machine) == ["keepalived.conf"]
    assert not (machine.folder / "signals").exists()


async def test_a_file_that_the_main_one_includes(machine: Machine, conf: Path) -> None:
    """It is tested in its place, through the main file, and goes back where it is not accepted."""
    part = machine.etc / "smb instance.inc"
    part.write_text("vrrp_instance PART {\n  priority 150\n}")
    hands = await machine.hands()
    await hands.run(command(part, "PART"))
    assert part.read_text() == "vrrp_instance PART {\n  priority 50\n}\n"
    assert machine.reloads() == 1
    (machine.folder / "complaint").write_text("no\n")
    with pytest.raises(HandsError, match="keepalived -t does not accept it: no"):
        await hands.run(command(part, "PART", 50, 150))
    assert part.read_text() == "vrrp_instance PART {\n  priority 50\n}\n"
    assert left(machine) == ["keepalived.conf", "smb instance.inc"]
    assert machine.reloads() == 1


async def test_files_that_are_not_roots_alone(machine: Machine, conf: Path) -> None:
    """No link is followed, and nothing is written where others could exchange it."""
    hands = await machine.hands()
    (machine.etc / "link.conf").symlink_to(conf)
    with pytest.raises(HandsError, match="is a symbolic link"):
        await hands.run(command(machine.etc / "link.conf"))
    with pytest.raises(HandsError, match=r"there is no .*gone\.conf"):
        await hands.run(command(machine.etc / "gone.conf"))
    with pytest.raises(HandsError, match="this is no priority: 256"):
        await hands.run(command(conf, after=256))
    with pytest.raises(HandsError, match="is not one word"):
        await hands.run(command(conf, "S MB"))
    machine.etc.chmod(0o777)
    with pytest.raises(HandsError, match="can be written by others than root"):
        await hands.run(command(conf))
    assert conf.read_text() == CONF


async def test_without_keepalived_no_file_is_edited(machine: Machine) -> None:
    """There is nobody to reload it."""
    conf = machine.etc / "keepalived.conf"
    conf.write_text(CONF)
    with pytest.raises(HandsError, match="keepalived is not running"):
        await (await machine.hands()).run(command(conf))
    assert conf.read_text() == CONF


@pytest.mark.parametrize(
    ("words", "tested"),
    [
        (["--dont-fork"], "-t -f {etc}/keepalived.conf"),
        (["-f", "{etc}/a b.conf"], "-t -f {etc}/a b.conf"),
        (["-nDf{etc}/own.conf", "-P"], "-t -f {etc}/own.conf -P"),
        (["-lDf", "{etc}/own.conf", "-i", "main", "-CB"], "-t -f {etc}/own.conf -i main -CB"),
        (["--use-file={etc}/own.conf", "--config-id", "x", "--vrrp"], "-t -f {etc}/own.conf -i x -P"),
        (["-p", "-f", "-g/var/log/f", "-S7", "-M/core/fP"], "-t -f {etc}/keepalived.conf"),
    ],
)
async def test_the_configuration_of_the_process_that_runs(machine: Machine, words: list[str], tested: str) -> None:
    """With its own options, however they were written; those of pid files and logs are not taken over."""
    etc = str(machine.etc)
    for name in ("keepalived.conf", "own.conf", "a b.conf"):
        (machine.etc / name).write_text("vrrp_instance PART {\n  priority 150\n}\n")
    machine.keepalived(*(word.replace("{etc}", etc) for word in words))
    part = machine.etc / "part.conf"
    part.write_text("vrrp_instance PART {\n  priority 150\n}\n")
    await (await machine.hands()).run(command(part, "PART"))
    assert (machine.folder / "tested").read_text() == tested.replace("{etc}", etc) + "\n"


SUGGESTION = Suggestion(
    "keepalived1",
    ("track_file lever {", "    file /etc/keepalived/lever", "}"),
    (("vrrp_instance SMB", ("track_file {", r"    lever weight -60  # \n $(id) 'q' \\", "}")),),
)


async def test_lines_are_tried_in_a_copy(machine: Machine, conf: Path) -> None:
    """Definitions before the first block of VRRP, the others inside of theirs; nothing stays, nothing reloads."""
    check = await (await machine.hands()).try_suggestion(SUGGESTION)
    assert (check.valid, check.said) == (True, ())
    top = "".join(f"{line}\n" for line in SUGGESTION.lines)
    inside = "".join(f"{line}\n" for line in SUGGESTION.within[0][1])
    expected = CONF.replace("vrrp_instance OTHER\n", f"{top}vrrp_instance OTHER\n")
    assert (machine.folder / "seen").read_text() == expected.replace("instance SMB {\n", f"instance SMB {{\n{inside}")
    (copy,) = [name for name in (machine.folder / "listed").read_text().split("\n") if name.startswith(".lvstop")]
    assert (machine.folder / "tested").read_text() == f"-t -f {machine.etc}/{copy}\n"
    assert left(machine) == ["keepalived.conf"]
    assert conf.read_text() == CONF
    assert not (machine.folder / "signals").exists()


async def test_lines_that_keepalived_does_not_accept(machine: Machine, conf: Path) -> None:
    """An answer, not a failure: what it says, each line once, of the file that the operator knows."""
    said = "echo \"($3: Line 9) Unknown keyword 'x'\"; echo 'Configuration is invalid'; exit 4"
    machine.command("keepalived", f"{said.replace('exit 4', ':')}\n{said}")
    check = await (await machine.hands()).try_suggestion(SUGGESTION)
    assert check.valid is False
    assert check.said == (f"({conf}: Line 9) Unknown keyword 'x'", "Configuration is invalid")
    assert left(machine) == ["keepalived.conf"]


async def test_lines_for_a_block_that_is_elsewhere(machine: Machine, conf: Path) -> None:
    """A block that the main file includes cannot be tried in a copy of it: that is said."""
    conf.write_text(CONF.replace("vrrp_instance SMB", "vrrp_instance WEB"))
    with pytest.raises(HandsError, match="has no block, or more than one, that begins with: vrrp_instance SMB"):
        await (await machine.hands()).try_suggestion(SUGGESTION)
    assert left(machine) == ["keepalived.conf"]


async def test_the_service(machine: Machine) -> None:
    """Stopped and started; told what it is."""
    hands = await machine.hands()
    assert await hands.service_active("keepalived.service")
    await hands.run(ServiceCommand("keepalived1", "keepalived.service", start=False))
    assert not await hands.service_active("keepalived.service")
    await hands.run(ServiceCommand("keepalived1", "keepalived.service", start=True))
    assert await hands.service_active("keepalived.service")
    assert (machine.folder / "services").read_text() == (
        "--no-ask-password stop -- keepalived.service\n--no-ask-password start -- keepalived.service\n"
    )


@pytest.mark.parametrize("unit", ["ssh.service", "--force", "a;b", "$(id)", "x y"])
async def test_no_other_service(machine: Machine, unit: str) -> None:
    """Whatever a record says: only what starts keepalived is stopped and started."""
    with pytest.raises(HandsError, match=r"does not start keepalived|names no service"):
        await (await machine.hands()).run(ServiceCommand("keepalived1", unit, start=False))
    assert not (machine.folder / "services").exists()
    reply = await (await machine.channel()).ask("service kill keepalived.service", timeout=10)
    section = reply.section("service")
    assert section is not None
    assert section.status == 5


async def test_addresses_and_the_time(machine: Machine) -> None:
    """What a stopwatch begins with."""
    hands = await machine.hands()
    assert ip_address("127.0.0.1") in await hands.holds()
    first = await hands.date()
    assert 1_700_000_000 < first <= await hands.date()
    assert hands.elevated is False
    machine.command("date", "echo 1795371000.%N")
    with pytest.raises(HandsError, match="did not tell the time with its fractions"):
        await (await machine.hands()).date()
