"""Records of changes on a director: read by the program in a real shell, from a folder of the test's own."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lvstop.probe import programs
from lvstop.probe.lanes import section_error, section_text
from lvstop.transport.base import Program, Reply
from support.local_transport import LocalTransport

PLACE = "/var/lib/lvstop/changes"
STAT = """# whoever runs the test, its files are OWNER's
echo stat >>RAN
format=$(printf '%s' "$2" | sed 's/%u/OWNER/')
shift 2
exec /usr/bin/stat -c "$format" "$@\""""


class Machine:
    """A director's folder of records, and what is run there.

    Attributes:
        records: the folder.
        ran: which commands were run, one a line.
    """

    def __init__(self, folder: Path) -> None:
        self.records = folder / "lvstop" / "changes"
        self.ran = folder / "ran"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.ran.touch()
        self.ran.chmod(0o666)
        self.owned_by(0)
        self.command("head", 'echo head >>RAN; exec /usr/bin/head "$@"')

    def command(self, name: str, script: str) -> None:
        """Put a command in front of the machine's own."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n".replace("RAN", str(self.ran)))
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)

    def owned_by(self, uid: int) -> None:
        """Whose all files are."""
        self.command("stat", STAT.replace("OWNER", str(uid)))

    def keep(self, name: str, text: str, mode: int = 0o644) -> Path:
        """A record."""
        self.make()
        path = self.records / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def make(self) -> None:
        """The folder, as root would make it."""
        for folder in (self.records.parent, self.records):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)

    async def ask(self) -> Reply:
        """What the program answers."""
        program = Program("facts", programs.facts().script.replace(PLACE, str(self.records)))
        transport = LocalTransport({"PATH": f"{self.bin}:/usr/bin:/bin"})
        channel = await transport.open(program, elevated=False, timeout=10)
        reply = await channel.ask("changes", timeout=10)
        await channel.close()
        return reply

    async def lines(self) -> list[str]:
        """What it answers where all is well."""
        text = section_text(await self.ask(), "changes")
        assert text is not None
        return text.splitlines()

    async def refusal(self) -> str:
        """What it says where nothing is believed."""
        return section_error(await self.ask(), "changes").replace(str(self.records.parent), "LVSTOP")


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A folder that other logins may enter, too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Machine(Path(folder))


async def test_where_nothing_was_ever_changed_nothing_is_run(machine: Machine) -> None:
    """No folder is an answer: there are no records. It costs the director no process."""
    assert PLACE in programs.facts().script
    assert await machine.lines() == []
    assert machine.ran.read_text() == ""


async def test_without_records_the_folder_is_looked_at(machine: Machine) -> None:
    """A couple of processes where everything was restored."""
    machine.make()
    assert await machine.lines() == []
    assert machine.ran.read_text().split() == ["stat", "stat"]


async def test_records_are_told_one_a_line(machine: Machine) -> None:
    """By name; a file without a newline at its end is one as well, and nothing else in the folder is looked at."""
    machine.keep("b.json", '{"id":"b"}')
    machine.keep("a.json", '{"id":"a"}\n')
    machine.keep("c.json.new", '{"id":"c"')
    machine.keep(".d.json", "{}")
    assert [line for line in await machine.lines() if line] == ['{"id":"a"}', '{"id":"b"}']


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757, 0o1777])
@pytest.mark.parametrize("which", ["records", "parent"])
async def test_a_folder_that_others_may_write_to_is_not_believed(machine: Machine, mode: int, which: str) -> None:
    """Anybody could put a record there, and what it says would be done by root one day."""
    machine.keep("a.json", "{}")
    (machine.records if which == "records" else machine.records.parent).chmod(mode)
    assert "is not a folder that only root can write to" in await machine.refusal()


async def test_a_folder_of_somebody_elses_is_not_believed(machine: Machine) -> None:
    """Its owner could exchange the files in it."""
    machine.keep("a.json", "{}")
    machine.owned_by(1000)
    assert await machine.refusal() == (
        "LVSTOP is not a folder that only root can write to: 1000 755 directory (exit status 7)"
    )


@pytest.mark.parametrize("dangling", [False, True])
async def test_a_link_is_no_folder(machine: Machine, dangling: bool) -> None:
    """Not even one that leads nowhere: somebody has put it there."""
    machine.make()
    machine.records.rmdir()
    machine.records.symlink_to("/nowhere" if dangling else "/usr")
    assert "LVSTOP/changes is not a folder" in await machine.refusal()


async def test_files_that_others_can_have_written_are_not_read(machine: Machine) -> None:
    """A link, a second name, a mode: each is said in a line of its own, and the others are told all the same."""
    machine.keep("a.json", '{"id":"a"}')
    machine.keep("b.json", "SECRET", 0o664)
    machine.keep("c.json", "SECRET", 0o646)
    machine.keep("d.json", "SECRET", 0o4644)
    machine.keep("e.json", "")
    (machine.records / "f.json").symlink_to(machine.keep("target", "SECRET"))
    (machine.records / "g.json").hardlink_to(machine.keep("other", "SECRET"))
    (machine.records / "h.json").mkdir()
    lines = [line for line in await machine.lines() if line]
    assert lines[0] == '{"id":"a"}'
    assert "SECRET" not in "".join(lines)
    complaints = [
        line.removeprefix(f"{machine.records}/").partition(" is not a plain file of root's alone: ")
        for line in lines[1:]
    ]
    assert [(name, what) for name, _, what in complaints] == [
        ("b.json", "0 1 664 regular file"),
        ("c.json", "0 1 646 regular file"),
        ("d.json", "0 1 4644 regular file"),
        ("e.json", "0 1 644 regular empty file"),
        ("f.json", "0 1 777 symbolic link"),
        ("g.json", "0 2 644 regular file"),
        ("h.json", complaints[-1][2]),
    ]
    assert complaints[-1][2].endswith("directory")


async def test_many_and_long_records_are_cut(machine: Machine) -> None:
    """However many there are and however long: the answer stays one that is read."""
    for number in range(203):
        machine.keep(f"{number:03}.json", f'{{"id":"{number}"}}')
    machine.keep("000.json", "x" * 1_048_577)
    lines = [line for line in await machine.lines() if line]
    assert lines[0] == "of 203 records only 200 are read"
    assert lines[1] == "x" * 1_048_576
    assert lines[2:] == [f'{{"id":"{number}"}}' for number in range(1, 200)]


async def test_all_records_together_have_a_limit(machine: Machine) -> None:
    """Well below the largest answer that a channel takes."""
    for number in range(18):
        machine.keep(f"{number:02}.json", "x" * 1_000_000)
    lines = [line for line in await machine.lines() if line]
    assert [line[:1] for line in lines[:16]] == ["x"] * 16
    assert [line.partition(" ")[2] for line in lines[16:]] == ["is not read: the records are too long"] * 2


@pytest.mark.parametrize("part", ["records", "parent", "file"])
async def test_what_this_login_may_not_read_is_not_taken_for_nothing(machine: Machine, part: str) -> None:
    """Unknown is not none: where an administrator has closed the folder, a plain user is told so."""
    path = machine.keep("a.json", "{}")
    closed = {"records": machine.records, "parent": machine.records.parent, "file": path}[part]
    closed.chmod(0o700 if closed.is_dir() else 0o600)
    if os.getuid() == 0:
        machine.command("sh", 'exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh "$@"')
    else:
        closed.chmod(0)
    if part == "file":
        (line,) = [line for line in await machine.lines() if line]
        assert line.endswith("a.json may not be read by this login")
    else:
        assert "may not be read by this login (exit status 6)" in await machine.refusal()
    closed.chmod(0o755)
