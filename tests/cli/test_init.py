"""`lvstop init`: a pair behind real SSH servers that nobody has met, and an operator who answers or is not there."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml

from lvstop.cli.main import main
from lvstop.config.load import load_cluster_file
from lvstop.config.shipped import cluster_schema
from lvstop.demo.world.conf import ClusterConf
from support.demo_pair import pair
from support.meeting import FIRST, SECOND, Meeting, meeting
from support.relay import relay

# There are stubs, but nothing here is worth them.
jsonschema: Any = import_module("jsonschema")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
async def met(tmp_path: Path) -> AsyncIterator[Meeting]:
    """The usual pair."""
    folder = tmp_path / "demo"
    folder.mkdir()
    async with meeting(folder) as found:
        yield found


def another_pair(**changes: object) -> ClusterConf:
    """The usual pair, whose second director has another VRRP instance."""
    conf = pair()
    first, second = conf.directors
    (instance,) = second.keepalived.instances
    keepalived = replace(second.keepalived, instances=(replace(instance, **changes),))  # type: ignore[arg-type]
    return replace(conf, directors=(first, replace(second, keepalived=keepalived)))


# the file


async def test_two_yeses_make_a_cluster_file(met: Meeting, capsys: Capture) -> None:
    """Both keys with their fingerprints, what was found, the file, and the doctor's report by it."""
    met.answers = ["yes", "yes"]
    assert await met.init() == 0, met.said
    for number in (0, 1):
        assert f"ssh-ed25519  {met.key(number).get_fingerprint()}" in met.said
    assert "SMB MASTER VRID 20 on ens4 for 172.26.127.20" in met.said
    assert "✔ a pair: SMB (VRID 20) with 172.26.127.20" in met.said
    assert "track files (FILE_CHECK) for 2 of 8 real servers" in met.said
    assert "Failover by stopping keepalived" in met.said
    assert "written: ~/.config/lvstop/clusters/smb.yaml" in met.said
    assert met.known_hosts.read_text().splitlines() == met.lines()
    found = load_cluster_file(met.file)
    assert [(each.name, each.host, each.user, each.port) for each in found.directors] == [
        ("keepalived1", FIRST, "root", None),
        ("keepalived2", SECOND, "root", None),
    ]
    text = met.file.read_text()
    jsonschema.validate(yaml.safe_load(text), json.loads(cluster_schema().read_text()))
    assert text.startswith(f"# yaml-language-server: $schema={cluster_schema()}\n")
    assert "  # keepalived 2.2.7, Linux" in text
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("smb/")] == [
        f"smb/keepalived1 ({FIRST})",
        f"smb/keepalived2 ({SECOND})",
    ]


async def test_the_command_line_writes_what_every_command_takes(met: Meeting, capsys: Capture) -> None:
    """Without anybody to ask, by fingerprints that were compared; then without naming the file."""
    words = ["-F", str(met.ssh_config), "-i", str(met.folder / "client_key"), "--name", "lan"]
    words += [word for number in (0, 1) for word in ("--host-key", met.key(number).get_fingerprint())]
    assert await asyncio.to_thread(main, ["init", f"root@{FIRST}", f"root@{SECOND}", *words]) == 0
    assert "is trusted, as --host-key says" in capsys.readouterr().err
    assert [path.name for path in met.written()] == ["lan.yaml"]
    assert await asyncio.to_thread(main, ["check"]) in (0, 1)
    assert await asyncio.to_thread(main, ["status"]) == 0
    assert "● lan  OK" in capsys.readouterr().out


@pytest.mark.parametrize(("user", "words"), [("ops", "root through sudo"), ("noc", "no root, and no sudo")])
async def test_what_a_login_may_do_is_said(met: Meeting, user: str, words: str) -> None:
    """On the desk and in the file; whoever may change nothing is told so beforehand."""
    met.user = user
    met.know(met.lines())
    assert await met.init(name="smb") == 0
    text = met.file.read_text()
    assert f"login: {words}" in met.said
    assert text.count(words) == 2
    assert ("No drain with this login" in text) is (user == "noc")
    assert ("keeps lvstop from trying sudo" in text) is (user == "noc")
    assert ("✔ a pair" in met.said, "? perhaps a pair" in met.said) == (user != "noc", user == "noc")


async def test_read_only_is_pinned(met: Meeting) -> None:
    """Where the operator says so."""
    met.know(met.lines())
    await met.init(read_only=True)
    assert load_cluster_file(met.file).read_only is True


async def test_standard_output(met: Meeting, capsys: Capture) -> None:
    """`-o -` prints the file and nothing else, and writes none."""
    met.know(met.lines())
    assert await met.init(output=Path("-")) == 0
    out, err = capsys.readouterr()
    assert yaml.safe_load(out)["name"] == "smb"
    assert out.startswith("# yaml-language-server")
    assert f"smb/keepalived2 ({SECOND})" in err
    assert met.written() == []


# host keys


async def test_the_fingerprint_is_a_yes(met: Meeting) -> None:
    """Copied from the console; anything that is neither is asked again."""
    met.answers = ["maybe", met.key(0).get_fingerprint(), met.key(1).get_fingerprint()]
    assert await met.init() == 0
    assert "Type yes, no, or the fingerprint" in met.said
    assert met.known_hosts.read_text().splitlines() == met.lines()


@pytest.mark.parametrize("answer", ["no", "", None, "SHA256:" + "A" * 43])
async def test_no_writes_nothing(met: Meeting, answer: str | None) -> None:
    """Enter alone is a no, and so is another key's fingerprint."""
    met.answers = [answer]
    assert await met.init() == 1
    assert "No cluster file was written." in met.said
    assert (met.written(), met.known_hosts.exists(), met.asked) == ([], False, 1)


async def test_what_was_trusted_before_a_no_is_said(met: Meeting) -> None:
    """The first director's key is known from then on, and nothing else is written."""
    met.answers = ["yes", "no"]
    assert await met.init() == 1
    assert met.known_hosts.read_text().splitlines() == met.lines()[:1]
    assert "was written into ~/.ssh/known_hosts.\nNo cluster file was written." in met.said
    assert met.written() == []


async def test_lines_that_cannot_be_read_are_told(met: Meeting) -> None:
    """A key whose line in known_hosts is damaged looks as if it were not known."""
    met.know([met.name(0)])
    met.answers = ["no"]
    assert await met.init() == 1
    assert f"{met.known_hosts}:1 could not be read: its key may stand there." in met.said


async def test_nobody_to_ask_is_no(met: Meeting) -> None:
    """Refused with the fingerprint, the command that would ask, and the option."""
    assert await met.init(ask=False) == 1
    assert met.key(0).get_fingerprint() in met.said
    assert "→ ssh -F" in met.said
    assert "--host-key SHA256:…" in met.said
    assert (met.written(), met.known_hosts.exists()) == ([], False)


async def test_one_fingerprint_vouches_for_one_key(met: Meeting) -> None:
    """The other director is still unknown."""
    vouched = frozenset({met.key(0).get_fingerprint()})
    assert await met.init(ask=False, fingerprints=vouched) == 1
    assert met.known_hosts.read_text().splitlines() == met.lines()[:1]


async def test_new_keys_can_be_accepted_unseen(met: Meeting) -> None:
    """By the one option that says so; each is told."""
    assert await met.init(ask=False, accept_new=True) == 0
    assert met.said.count("is trusted, unseen (--accept-new-host-keys)") == 2


@pytest.mark.parametrize("ask", [True, False])
async def test_a_changed_key_is_refused_whatever_is_asked_for(met: Meeting, ask: bool) -> None:
    """Both fingerprints, where the other one is known, what to do; nothing is written, and nobody is asked."""
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    before = met.know([met.lines()[0], f"{met.name(1)} {stranger.export_public_key().decode().strip()}"])
    assert await met.init(ask=ask, accept_new=True, incomplete=True, force=True) == 1
    assert met.key(1).get_fingerprint() in met.said
    assert f"{stranger.get_fingerprint()} (~/.ssh/known_hosts:2)" in met.said
    assert "→ ssh-keygen -R" in met.said
    assert (met.written(), met.known_hosts.read_text(), met.asked) == ([], before, 0)


async def test_ipv6_and_ports(met: Meeting) -> None:
    """`[address]:port` as it is typed; known_hosts and the cluster file have it as they want it."""
    ports = [int(met.name(number).rpartition(":")[2]) for number in (0, 1)]
    async with relay(ports[0], address="::1") as first, relay(ports[1], address="::1") as second:
        hosts = [f"[::1]:{each.port}" for each in (first, second)]
        assert await met.init(*hosts, ask=False, accept_new=True) == 0, met.said
        keys = [line.partition(" ")[2] for line in met.lines()]
        assert met.known_hosts.read_text().splitlines() == [
            f"{host} {key}" for host, key in zip(hosts, keys, strict=True)
        ]
        found = load_cluster_file(met.file).directors
        assert [(each.host, each.port) for each in found] == [("::1", first.port), ("::1", second.port)]


# files that are there


async def test_a_file_that_is_there_stays(met: Meeting) -> None:
    """Before anybody is asked anything where its name is known, else at the end; --force replaces it."""
    met.know(met.lines())
    met.file.parent.mkdir(parents=True)
    met.file.write_text("mine\n")
    for more in ({"name": "smb"}, {"output": met.file}):
        met.said = ""
        assert await met.init(**more) == 1
        assert "connecting" not in met.said
        assert "smb.yaml: exists already" in met.said
    assert await met.init() == 1
    assert met.file.read_text() == "mine\n"
    assert await met.init(force=True) == 0
    assert load_cluster_file(met.file).name == "smb"
    assert [path.name for path in met.file.parent.iterdir()] == ["smb.yaml"]


async def test_two_files_with_one_name_would_stop_every_command(met: Meeting) -> None:
    """So the second one is not written."""
    met.know(met.lines())
    met.file.parent.mkdir(parents=True)
    (met.file.parent / "old.yaml").write_text("name: smb\ndirectors: [{name: a, host: b}]\n")
    assert await met.init(name="smb") == 1
    assert "old.yaml: describes a cluster smb already" in met.said
    assert not met.file.exists()


async def test_a_file_elsewhere_is_named_in_the_end(met: Meeting, tmp_path: Path) -> None:
    """With `-c`, as it will not be found by itself; its folder is made."""
    met.know(met.lines())
    file = tmp_path / "new" / "lan.yaml"
    assert await met.init(output=file) == 0
    assert f"Look at it: lvstop -c {file}" in met.said
    assert load_cluster_file(file).name == "smb"


# which directors


@pytest.mark.parametrize("answer", ["yes", f"root@{SECOND}", None])
async def test_the_peer_is_found_by_its_unicast_address(met: Meeting, answer: str | None) -> None:
    """Proposed where somebody can say that he reaches it otherwise, taken where nobody can."""
    met.know(met.lines())
    port = met.name(1).rpartition(":")[2]
    with met.ssh_config.open("a") as file:
        file.write(f"Host 192.168.66.24\n  HostName 127.0.0.1\n  Port {port}\n")
    met.answers = [answer] if answer else []
    assert await met.init(FIRST, ask=answer is not None) == 0, met.said
    assert "Its VRRP peer is 192.168.66.24." in met.said
    hosts = [each.host for each in load_cluster_file(met.file).directors]
    assert hosts == [FIRST, SECOND if answer and "@" in answer else "192.168.66.24"]


async def test_a_peer_that_is_out_of_reach_is_to_be_named(met: Meeting) -> None:
    """VRRP knows an address of a network that only the directors are in."""
    met.know(met.lines())
    with met.ssh_config.open("a") as file:
        file.write("Host 192.168.66.24\n  HostName 127.0.0.1\n  Port 1\n")
    assert await met.init(FIRST, ask=False) == 1
    assert f"lvstop init root@{FIRST} [USER@]HOST" in met.said
    assert met.written() == []


async def test_several_peers_have_to_be_named(tmp_path: Path) -> None:
    """Nobody chooses among them."""
    folder = tmp_path / "demo"
    folder.mkdir()
    conf = pair()
    first, second = conf.directors
    (instance,) = first.keepalived.instances
    peers = (*instance.peers, ip_address("192.168.66.77"))
    keepalived = replace(first.keepalived, instances=(replace(instance, peers=peers),))
    crowd = replace(conf, directors=(replace(first, keepalived=keepalived), second))
    async with meeting(folder, crowd) as met:
        met.know(met.lines())
        assert await met.init(FIRST) == 1
        assert "several VRRP peers, 192.168.66.24 and 192.168.66.77; name all" in met.said


async def test_without_privilege_the_peer_has_to_be_named(met: Meeting) -> None:
    """Where keepalived cannot be asked nobody knows it."""
    met.know(met.lines())
    met.user = "noc"
    assert await met.init(FIRST, ask=False) == 1
    assert f"name both: lvstop init noc@{FIRST} HOST" in met.said
    met.answers = [f"noc@{SECOND}"]
    assert await met.init(FIRST, name="smb") == 0
    assert len(load_cluster_file(met.file).directors) == 2


async def test_the_same_machine_twice_is_refused(met: Meeting) -> None:
    """By two names, too."""
    met.know(met.lines())
    port = met.name(0).rpartition(":")[2]
    assert await met.init(FIRST, f"127.0.0.1:{port}") == 1
    assert f"root@{FIRST} and root@127.0.0.1:{port} lead to the same machine" in met.said
    assert await met.init(FIRST, FIRST) == 1
    assert "given twice" in met.said
    assert met.written() == []


async def test_a_director_that_does_not_answer(met: Meeting) -> None:
    """Refused; written where the operator says so, with what is not known in its place; exit 4."""
    met.know(met.lines())
    assert await met.init(FIRST, "127.0.0.1:1", ask=False) == 1
    assert "✖ root@127.0.0.1:1  127.0.0.1 port 1 refused the connection" in met.said
    assert "--incomplete writes it all the same" in met.said
    met.answers = ["n"]
    assert await met.init(FIRST, "127.0.0.1:1") == 1
    assert met.written() == []
    met.answers = ["y"]
    assert await met.init(FIRST, "127.0.0.1:1") == 4
    assert "# NOT EXAMINED, root@127.0.0.1:1: 127.0.0.1 port 1 refused" in met.file.read_text()
    assert [each.name for each in load_cluster_file(met.file).directors] == ["keepalived1", "director2"]
    assert await met.init(FIRST, "127.0.0.1:1", ask=False, incomplete=True, force=True) == 4


async def test_nobody_who_answers_is_no_cluster(met: Meeting) -> None:
    """Whatever is asked for: nothing would be known of it."""
    assert await met.init("127.0.0.1:1", "127.0.0.1:2", incomplete=True) == 1
    assert "no director could be examined" in met.said
    assert met.written() == []


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"vrid": 30}, "SMB has VRID 20 on keepalived1 and 30 on keepalived2."),
        ({"peers": ()}, "SMB speaks unicast on keepalived1 and multicast on keepalived2."),
    ],
    ids=["VRID", "multicast"],
)
async def test_two_that_are_no_pair(tmp_path: Path, changes: dict[str, object], doubt: str) -> None:
    """Warned of, and asked about; where nobody can be asked the doubt stands in the file, and exit 4."""
    folder = tmp_path / "demo"
    folder.mkdir()
    async with meeting(folder, another_pair(**changes)) as met:
        met.know(met.lines())
        met.answers = ["no"]
        assert await met.init() == 1
        assert f"▲ {doubt}" in met.said
        assert met.written() == []
        assert await met.init(ask=False) == 4
        assert f"#   DOUBT: {doubt}" in met.file.read_text()


# arguments


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "required"),
        (["root@"], "root@"),
        (["lb1:ssh"], "ssh"),
        (["[fd00::1"], "fd00"),
        (["a", "b", "--host-key", "MD5:00"], "MD5:00"),
        (["a", "b", "--name", "x y"], "x y"),
        (["a", "b", "--jump", "@"], "@"),
        (["a", "b", "--colour"], "--colour"),
    ],
)
def test_wrong_usage(words: list[str], complaint: str, capsys: Capture) -> None:
    """Exit 2, the usage and what was wrong."""
    with pytest.raises(SystemExit) as leaving:
        main(["init", *words])
    out, err = capsys.readouterr()
    assert (leaving.value.code, out) == (2, "")
    assert err.startswith("usage: lvstop init")
    assert complaint in err.splitlines()[-1]


def test_help_has_examples_and_exit_statuses(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are to be typed, a line each, and none of them torn on a terminal of the usual width."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as leaving:
        main(["init", "--help"])
    assert leaving.value.code == 0
    out = capsys.readouterr().out
    assert "\n  lvstop init ops@lb1 ops@lb2\n" in out
    assert "\nExit status:\n  0  the file is written" in out
    assert all(len(line) <= 80 for line in out.splitlines())
