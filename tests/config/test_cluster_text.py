"""The text of a cluster file: read back it says what it was made for, whatever a director calls itself."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.cluster_text import checked_text
from lvstop.config.load import parse_cluster
from lvstop.config.new_file import write_new
from lvstop.config.schema import NO_SSH_CONFIG, ClusterConfig, DirectorConfig, SshConfig
from lvstop.config.shipped import cluster_schema
from lvstop.config.values import parse_host, parse_name, parse_user

jsonschema: Any = import_module("jsonschema")
FILE = Path("/x/smb.yaml")
HOSTS = ["192.0.2.1", "fd00::1", "fe80::1%eth0", "lb1.example", "1e3", "0x10", "12", "1_0", "on", "null", "1:20:30"]


def config(*directors: DirectorConfig, **more: object) -> ClusterConfig:
    """A cluster of these directors."""
    return ClusterConfig("smb", directors, path=FILE, **more)  # type: ignore[arg-type]


def valid(text: str) -> None:
    """The schema takes it."""
    jsonschema.validate(yaml.safe_load(text), json.loads(cluster_schema().read_text()))


@pytest.mark.parametrize("host", [host for host in HOSTS if host != "1:20:30"])
def test_words_that_yaml_would_take_for_something_else(host: str) -> None:
    """Numbers, booleans, addresses with colons: they stay the words that they are, for the schema too."""
    director = DirectorConfig("no", host, user="123", port=2222, jump="ops@[fd00::9]:22,b")
    text = checked_text(config(director), FILE)
    valid(text)
    assert parse_cluster(text, FILE).directors == (director,)
    assert yaml.safe_load(text)["directors"][0]["host"] == host


def test_ssh_and_read_only(tmp_path: Path) -> None:
    """What was given on the command line; nothing of what was not."""
    ssh = SshConfig((tmp_path / "a key", Path.home() / "id"), tmp_path / "known", tmp_path / "config: #1")
    made = config(DirectorConfig("a", "b"), ssh=ssh, read_only=True)
    text = checked_text(made, FILE)
    valid(text)
    assert "~/id" in text
    assert parse_cluster(text, FILE) == made
    assert "ssh:" not in checked_text(config(DirectorConfig("a", "b")), FILE)
    without = config(DirectorConfig("a", "b"), ssh=SshConfig(config=NO_SSH_CONFIG))
    assert parse_cluster(checked_text(without, FILE), FILE).ssh.config == NO_SSH_CONFIG


def test_comments_stay_comments() -> None:
    """Whatever a director has put into them."""
    nasty = "x\nread_only: true\x1b[2J"
    director = DirectorConfig("a", "b")
    text = checked_text(config(director), FILE, heading=[nasty], remarks={"a": [nasty]})
    assert parse_cluster(text, FILE).read_only is False
    assert "\x1b" not in text
    assert text.count("# x read_only: true") == 2


def test_the_defaults_that_are_named_are_the_defaults() -> None:
    """Each of the lines that are commented out may be used as it stands, and changes nothing."""
    text = checked_text(config(DirectorConfig("a", "b")), FILE)
    used = "\n".join(
        line.removeprefix("#") if line.startswith("#") and ":" in line else line for line in text.split("\n")
    )
    assert used.count("\n") == text.count("\n")
    valid(used)
    assert parse_cluster(used, FILE) == parse_cluster(text, FILE)


@given(
    host=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,12}", fullmatch=True),
    user=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,8}\$?", fullmatch=True),
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True),
)
def test_any_director_reads_back(host: str, user: str, name: str) -> None:
    """Whatever a cluster file may say, this one says."""
    try:
        director = DirectorConfig(parse_name(name), parse_host(host), parse_user(user))
    except ValueError:
        return
    text = checked_text(config(director), FILE)
    valid(text)
    assert parse_cluster(text, FILE).directors == (director,)


def test_a_new_file_is_whole_and_replaces_nothing(tmp_path: Path) -> None:
    """Nor does anything else lie beside it afterwards."""
    file = tmp_path / "new" / "smb.yaml"
    write_new(file, "one\n")
    with pytest.raises(FileExistsError):
        write_new(file, "two\n")
    assert file.read_text() == "one\n"
    write_new(file, "three\n", replace=True)
    assert file.read_text() == "three\n"
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    write_new(link, "four\n", replace=True)
    assert (link.is_symlink(), file.read_text()) == (True, "four\n")
    assert [path.name for path in file.parent.iterdir()] == ["smb.yaml"]
    with pytest.raises(FileExistsError):
        write_new(link, "five\n")
