"""The JSON schema that editors use says what the loader says."""

import json
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from lvstop.config.load import parse_cluster
from lvstop.config.schema import ClusterConfig, DirectorConfig, PrivilegeChoice, SshConfig
from lvstop.errors import ConfigError
from lvstop.model.failover import FailoverLever

# There are stubs, but nothing here is worth them.
jsonschema: Any = import_module("jsonschema")

DIRECTORS = "name: smb\ndirectors: [{name: a, host: 192.0.2.1}]\n"
GOOD = [
    DIRECTORS,
    "name: smb\ndirectors:\n- {name: a, host: c, user: ops, port: 22, jump: 'o@b:22,c'}\n- {name: b, host: '::1'}\n",
    "name: smb\ndirectors: [{name: a, host: local}, {name: b, host: local, netns: lb1}, {name: c, host: c}]\n",
    DIRECTORS + "interval: 500ms\nprivilege: none\nread_only: true\nfailover: {lever: stop}\nvips: [192.0.2.1]\n",
    DIRECTORS + "interval: 2\nfailover: {}\nssh: {}\nvips: ['::1']\n",
    DIRECTORS + "ssh: {identity_files: [~/.ssh/a], known_hosts: a, config: b, connect_timeout: 1s, login_timeout: 1}\n",
    DIRECTORS + "ssh: {keepalive_interval: 0.5, keepalive_count: 3}\n",
]
BAD = [
    "name: smb\n",
    "directors: [{name: a, host: b}]\n",
    "name: smb\ndirectors: []\n",
    "name: smb\ndirectors: a\n",
    "name: smb\ndirectors: [a]\n",
    "name: smb\ndirectors: [{name: a}]\n",
    "name: smb\ndirectors: [{name: a, host: local, user: ops}]\n",
    "name: smb\ndirectors: [{name: a, host: local, port: 22}]\n",
    "name: smb\ndirectors: [{name: a, host: local, jump: b}]\n",
    "name: smb\ndirectors: [{name: a, host: local, netns: a/b}]\n",
    "name: smb\ndirectors: [{name: a, host: b, netns: lb1}]\n",
    "name: smb\ndirectors: [{name: a, host: ops@b}]\n",
    "name: smb\ndirectors: [{name: a, host: b, port: 0}]\n",
    "name: smb\ndirectors: [{name: a, host: b, prot: 1}]\n",
    "name: smb\ndirectors: [{name: a, host: b, jump: 'a b'}]\n",
    "name: smb\ndirectors: [{name: a/b, host: b}]\n",
    DIRECTORS + "interval: soon\n",
    DIRECTORS + "interval: 0\n",
    DIRECTORS + "interval: [1s]\n",
    DIRECTORS + "read_only: maybe\n",
    DIRECTORS + "privilege: admin\n",
    DIRECTORS + "failover: stop\n",
    DIRECTORS + "failover: {lever: push}\n",
    DIRECTORS + "vips: [example.org]\n",
    DIRECTORS + "vips: [192.0.2.1/24]\n",
    DIRECTORS + "ssh: {identity_files: a}\n",
    DIRECTORS + "ssh: {keepalive_count: 0}\n",
    DIRECTORS + "ssh: {host_keys: no}\n",
    DIRECTORS + "vip: [192.0.2.1]\n",
    "- a\n",
]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (files("lvstop.config") / "cluster.schema.json").read_text("utf-8")
    loaded = json.loads(text)
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def accepted(schema: dict[str, Any]) -> Callable[[str], bool]:
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["ipv4", "ipv6"]))
    return lambda text: bool(validator.is_valid(yaml.safe_load(text)))


@pytest.mark.parametrize("text", GOOD)
def test_both_accept(accepted: Callable[[str], bool], text: str) -> None:
    parse_cluster(text, Path("x.yaml"))
    assert accepted(text)


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(accepted: Callable[[str], bool], text: str) -> None:
    with pytest.raises(ConfigError):
        parse_cluster(text, Path("x.yaml"))
    assert not accepted(text)


def test_keys_and_choices_are_the_same(schema: dict[str, Any]) -> None:
    names = {field.name for field in fields(ClusterConfig)} - {"path", "failover_lever"} | {"failover"}
    properties = schema["properties"]
    assert set(properties) == names
    assert set(schema["$defs"]["director"]["properties"]) == {field.name for field in fields(DirectorConfig)}
    assert set(schema["$defs"]["ssh"]["properties"]) == {field.name for field in fields(SshConfig)}
    assert properties["privilege"]["enum"] == list(PrivilegeChoice)
    assert properties["failover"]["properties"]["lever"]["enum"] == ["auto", *FailoverLever]
