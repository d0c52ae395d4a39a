"""Cluster files: what is read, and how mistakes are told."""

from ipaddress import ip_address
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.config.load import load_cluster_file, load_cluster_files, parse_cluster
from lvstop.config.schema import (
    ClusterConfig,
    DirectorConfig,
    PrivilegeChoice,
    SshConfig,
)
from lvstop.errors import ConfigError
from lvstop.model.failover import FailoverLever

PATH = Path("/etc/clusters/smb.yaml")
MINIMAL = "name: smb\ndirectors: [{name: a, host: 192.0.2.1}]\n"


EVERYTHING = """\
name: smb
directors:
  - {name: keepalived1, host: 172.26.127.23, user: ops}
  - name: keepalived2
    host: lvs2.example.org
    user: root
    port: 2222
    jump: ops@bastion:2200,inner
ssh:
  identity_files: [~/.ssh/id_ed25519, /etc/key]
  known_hosts: ~/.ssh/known_hosts
  config: ~/.ssh/config
  connect_timeout: 500ms
  login_timeout: 1m
  keepalive_interval: 2
  keepalive_count: 7
privilege: sudo
interval: 2.5s
read_only: true
mask_clients: true
failover: {lever: track-file}
vips: [172.26.127.20, "2001:db8::10"]
"""


def load(text: str) -> ClusterConfig:
    return parse_cluster(dedent(text), PATH)


def mistake(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return caught.value


def test_a_file_with_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    file = tmp_path / "smb.yaml"
    file.write_text(EVERYTHING)
    assert load_cluster_file(file) == ClusterConfig(
        name="smb",
        directors=(
            DirectorConfig("keepalived1", "172.26.127.23", "ops"),
            DirectorConfig("keepalived2", "lvs2.example.org", "root", 2222, "ops@bastion:2200,inner"),
        ),
        ssh=SshConfig(
            identity_files=(Path("/home/ops/.ssh/id_ed25519"), Path("/etc/key")),
            known_hosts=Path("/home/ops/.ssh/known_hosts"),
            config=Path("/home/ops/.ssh/config"),
            connect_timeout=0.5,
            login_timeout=60.0,
            keepalive_interval=2.0,
            keepalive_count=7,
        ),
        privilege=PrivilegeChoice.SUDO,
        interval=2.5,
        read_only=True,
        mask_clients=True,
        failover_lever=FailoverLever.TRACK_FILE,
        vips=(ip_address("172.26.127.20"), ip_address("2001:db8::10")),
        path=file,
    )


def test_what_is_not_said_has_the_default() -> None:
    assert load(MINIMAL) == ClusterConfig("smb", (DirectorConfig("a", "192.0.2.1"),), path=PATH)


@pytest.mark.parametrize(
    ("text", "lever"),
    [
        ("{lever: auto}", None),
        ("{}", None),
        ("{lever: priority}", FailoverLever.PRIORITY),
        ("{lever: fault}", FailoverLever.FAULT),
        ("{lever: stop}", FailoverLever.STOP),
    ],
)
def test_levers(text: str, lever: FailoverLever | None) -> None:
    """`auto` is the default, and names none."""
    assert load(f"{MINIMAL}failover: {text}\n").failover_lever is lever


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("500ms", 0.5), ("10m", 600), ("1h", 3600), ("2", 2), ("0.2s", 0.2), ("1.5 s", 1.5)],
)
def test_durations(text: str, seconds: float) -> None:
    assert load(f"{MINIMAL}interval: {text}\n").interval == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("privilage: sudo", "smb.yaml:3: privilage: there is no such key; did you mean privilege?"),
        ("interval: fast", "smb.yaml:3: interval: 'fast' is not a duration such as 500ms, 1s or 10m"),
        ("interval: 100ms", "smb.yaml:3: interval: '100ms' is too short: at least 200ms"),
        ("interval: 2h", "smb.yaml:3: interval: '2h' is too long: at most 1h"),
        ("interval: 0", "smb.yaml:3: interval: '0': a duration must be longer than nothing"),
        ("interval: -1s", "smb.yaml:3: interval: '-1s' is not a duration"),
        ("interval: [1s]", "smb.yaml:3: interval: a single value is expected, not a list"),
        ("interval:", "smb.yaml:3: interval: a value is missing"),
        ("privilege: sodu", "smb.yaml:3: privilege: 'sodu' is none of auto, root, sudo, none; did you mean sudo?"),
        ("failover: {lever: restart}", "smb.yaml:3: failover.lever: 'restart' is none of auto, track-file"),
        ("failover: stop", "smb.yaml:3: failover: a mapping with lever is expected, not a single value"),
        ("failover: {levr: stop}", "smb.yaml:3: failover.levr: there is no such key; did you mean lever?"),
        ("read_only: maybe", "smb.yaml:3: read_only: 'maybe' is neither true nor false"),
        ("mask_clients: some", "smb.yaml:3: mask_clients: 'some' is neither true nor false"),
        ("vips: 192.0.2.9", "smb.yaml:3: vips: a list is expected, not a single value"),
        ("vips:\n- 192.0.2.9\n- 192.0.2.300", "smb.yaml:5: vips[2]: '192.0.2.300' is not an IPv4 or IPv6 address"),
        ("vips: [192.0.2.9/24]", "smb.yaml:3: vips[1]: '192.0.2.9/24' is not an IPv4 or IPv6 address"),
        ("ssh:\n  knownhosts: x", "smb.yaml:4: ssh.knownhosts: there is no such key; did you mean known_hosts?"),
        ("ssh: {identity_files: ~/.ssh/id}", "smb.yaml:3: ssh.identity_files: a list is expected"),
        ("ssh: {keepalive_count: 0}", "smb.yaml:3: ssh.keepalive_count: '0' is not a number from 1 to 100"),
        ("ssh: {connect_timeout: soon}", "smb.yaml:3: ssh.connect_timeout: 'soon' is not a duration"),
        ("ssh: {config: ~nobody-at-all/x}", "smb.yaml:3: ssh.config: '~nobody-at-all/x': there is no such user"),
        ("name: other", "smb.yaml:3: name: is given twice, first in line 1"),
        ("? [a]\n: b", "smb.yaml:3: ?: there is no such key"),
        ("- x", "smb.yaml:3: this is not YAML"),
        ("a: 'x", "this is not YAML"),
    ],
)
def test_mistakes_name_file_line_and_key(more: str, says: str) -> None:
    error = mistake(MINIMAL + more + "\n")
    assert says in str(error)
    assert error.file == "/etc/clusters/smb.yaml"


@pytest.mark.parametrize(
    ("directors", "says"),
    [
        ("[]", "directors: a cluster has at least one director"),
        ("keepalived1", "directors: a list is expected, not a single value"),
        ("[keepalived1]", "directors[1]: a mapping with name, host, user, port, jump, netns is expected"),
        ("[{name: a}]", "directors[1]: host: is missing"),
        ("[{host: a}]", "directors[1]: name: is missing"),
        ("[{name: a, host: b, prot: 22}]", "directors[1].prot: there is no such key; did you mean port?"),
        ("[{name: a, host: b, port: 70000}]", "directors[1].port: '70000' is not a port: a number from 1 to 65535"),
        ("[{name: a, host: b, port: ssh}]", "directors[1].port: 'ssh' is not a port"),
        ("[{name: a b, host: b}]", "directors[1].name: 'a b' is not a name"),
        ("[{name: ../a, host: b}]", "directors[1].name: '../a' is not a name"),
        ("[{name: a, host: ops@b}]", "directors[1].host: 'ops@b': the user has a key of its own, user: ops"),
        ("[{name: a, host: 'b:22'}]", "directors[1].host: 'b:22' is not an address; a port has a key of its own"),
        ("[{name: a, host: '-oProxyCommand=x'}]", "directors[1].host: '-oProxyCommand=x' is not a host name"),
        (
            "[{name: a, host: local, user: ops}]",
            "directors[1].user: `host: local` is this machine: nothing is",
        ),
        ("[{name: a, host: local, port: 22}]", "directors[1].port: `host: local` is this machine"),
        ("[{name: a, host: local, jump: b}]", "directors[1].jump: `host: local` is this machine"),
        ("[{name: a, host: b, netns: lb1}]", "directors[1].netns: only a director with `host: local` can be found in"),
        ("[{name: a, host: local, netns: ../a}]", "directors[1].netns: '../a' is not the name of a network namespace"),
        ("[{name: a, host: b, user: 'x y'}]", "directors[1].user: 'x y' is not a user name"),
        ("[{name: a, host: b, jump: 'x y'}]", "directors[1].jump: 'x y' is not [user@]host[:port]"),
        ("[{name: a, host: b}, {name: a, host: c}]", "directors[2]: there are two directors called a"),
    ],
)
def test_mistakes_in_directors(directors: str, says: str) -> None:
    assert f"smb.yaml:2: {says}" in str(mistake(f"name: smb\ndirectors: {directors}\n"))


def test_several_mistakes_are_told_together() -> None:
    error = mistake("name: smb\ninterval: fast\ndirectors: [{name: a, hots: b}]\nvip: []\n")
    assert str(error).splitlines() == [
        "/etc/clusters/smb.yaml: 3 mistakes:",
        "  /etc/clusters/smb.yaml:2: interval: 'fast' is not a duration such as 500ms, 1s or 10m",
        "  /etc/clusters/smb.yaml:3: directors[1].hots: there is no such key; did you mean host?",
        "  /etc/clusters/smb.yaml:4: vip: there is no such key; did you mean vips?",
    ]
    assert error.line == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("named: smb\ndirectors: [{name: a, host: b}]\n", "1: named: there is no such key; did you mean name?"),
        ("Name: smb\ndirectors: [{name: a, host: b}]\n", "1: Name: there is no such key; did you mean name?"),
        (
            "name: smb\ndirectors: [{name: a, hostname: b}]\n",
            "2: directors[1].hostname: there is no such key; did you mean",
        ),
        ("name: smb\ndirectors: [{name: a, hostname: b}]\n", "did you mean host?"),
        ("name: smb\ndirectors: [{name: a, host: '[fd00::1]'}]\n", "an IPv6 address is written without brackets"),
        ("name: smb\n\tdirectors: []\n", "2: this is not YAML: there is a tab; lines are indented with blanks"),
    ],
)
def test_one_mistake_is_one_complaint(text: str, says: str) -> None:
    """A key that is misspelt is not missing as well, and each says what would mend it."""
    said = str(mistake(text))
    assert says in said
    assert "mistakes" not in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n", "mask_clients is expected, not a list"),
        ("name: a\n", "directors: is missing"),
        ("directors: [{name: a, host: b}]\n", "name: is missing"),
        ("--- a\n--- b\n", "this is not YAML"),
        ("\x00", "this is not YAML"),
        ("name: &a [*a]\ndirectors: *a\n", "name: a single value is expected, not a list"),
    ],
)
def test_files_that_are_no_cluster(text: str, says: str) -> None:
    assert says in str(mistake(text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.yaml: cannot be read: No such file or directory"):
        load_cluster_file(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_cluster_file(tmp_path / "latin.yaml")


def test_two_clusters_of_one_name(tmp_path: Path) -> None:
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text(MINIMAL)
    with pytest.raises(ConfigError, match=r"b\.yaml: the cluster smb is already defined in .*a\.yaml"):
        load_cluster_files(files)
    files[1].write_text(MINIMAL.replace("smb", "web"))
    assert [cluster.name for cluster in load_cluster_files(files)] == ["smb", "web"]


yaml_pieces = ["name: ", "directors:", "- ", "\n", "  ", "{", "}", "[", "]", ": ", "a", "ssh:", "&x ", "*x", "1s", "'"]
yaml_like = st.lists(st.sampled_from(yaml_pieces)).map("".join)


@settings(deadline=None)
@given(st.one_of(st.text(), yaml_like, yaml_like.map(lambda text: MINIMAL + text)))
def test_any_text_is_a_cluster_or_a_config_error(text: str) -> None:
    try:
        assert parse_cluster(text, PATH).directors
    except ConfigError as error:
        assert error.file == "/etc/clusters/smb.yaml"  # noqa: PT017
