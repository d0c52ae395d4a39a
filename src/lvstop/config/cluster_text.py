"""A cluster file as a person would write it: the text for what is known of a cluster, with comments. Pure.

`config.load` reads it back; `checked_text` proves it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lvstop.config.load import parse_cluster
from lvstop.config.nodes import reads_as_itself
from lvstop.config.paths import shown
from lvstop.config.schema import ClusterConfig, DirectorConfig, SshConfig
from lvstop.errors import ConfigError
from lvstop.plain import plain

_DEFAULTS = """
# Everything else has a default; take away the # in front of what is to be otherwise.
#interval: 1s                 # between two readings of the IPVS table
#privilege: auto              # or root, sudo, none
{read_only}
#failover: {{lever: auto}}      # or track-file, priority, fault, stop
#vips: []                     # only where keepalived cannot be asked
"""
_READ_ONLY = "#read_only: false             # true: nothing can change this cluster from here"
_PINNED = "read_only: true               # nothing can change this cluster from here"


def checked_text(
    config: ClusterConfig,
    path: Path,
    *,
    heading: Sequence[str] = (),
    remarks: Mapping[str, Sequence[str]] | None = None,
    schema: Path | None = None,
) -> str:
    """As `cluster_text`, and read back: what it says is `config`, and nothing else.

    Args:
        path: the file that it is for.

    Raises:
        ConfigError: it would not be read as it was meant.
    """
    text = cluster_text(config, heading=heading, remarks=remarks or {}, schema=schema)
    read = parse_cluster(text, path)
    meant = (config.name, config.directors, config.ssh, config.read_only)
    if (read.name, read.directors, read.ssh, read.read_only) != meant:
        raise ConfigError("the text that was made for this file does not say what it was made for", file=shown(path))
    return text


def cluster_text(
    config: ClusterConfig, *, heading: Sequence[str], remarks: Mapping[str, Sequence[str]], schema: Path | None
) -> str:
    """The text of a cluster file.

    Args:
        config: what it says; of everything but names, directors, `ssh` and `read_only` the default.
        heading: lines of comment at the top.
        remarks: lines of comment above directors, by their names.
        schema: the JSON Schema that editors check it with; None names none.
    """
    lines: list[str] = []
    if schema is not None:
        lines.append(f"# yaml-language-server: $schema={schema}")
    lines += [_comment(line) for line in heading]
    lines += [f"name: {_scalar(config.name)}", "", "directors:"]
    for director in config.directors:
        lines += [f"  {_comment(line)}" for line in remarks.get(director.name, ())]
        lines.append(f"  - {_director(director)}")
    lines += _ssh(config.ssh)
    defaults = _DEFAULTS.format(read_only=_PINNED if config.read_only else _READ_ONLY)
    return "".join(f"{line}\n" for line in lines) + defaults


def _comment(text: str) -> str:
    """One line, whatever a director has put into it."""
    line = " ".join(plain(text).split("\n"))
    return f"# {line}".rstrip()


def _director(director: DirectorConfig) -> str:
    values = [("name", director.name), ("host", director.host), ("user", director.user)]
    words = [f"{key}: {_scalar(value)}" for key, value in values if value is not None]
    if director.port is not None:
        words.append(f"port: {director.port}")
    if director.jump is not None:
        words.append(f"jump: {_scalar(director.jump)}")
    if director.netns is not None:
        words.append(f"netns: {_scalar(director.netns)}")
    return f"{{{', '.join(words)}}}"


def _ssh(ssh: SshConfig) -> Iterator[str]:
    words = []
    if ssh.identity_files:
        words.append(f"identity_files: [{', '.join(_scalar(shown(file)) for file in ssh.identity_files)}]")
    if ssh.known_hosts is not None:
        words.append(f"known_hosts: {_scalar(shown(ssh.known_hosts))}")
    if ssh.config is not None:
        words.append(f"config: {_scalar(shown(ssh.config))}")
    if words:
        yield from ("", "ssh:", *(f"  {word}" for word in words))


def _scalar(text: str) -> str:
    """`text` as YAML reads it back in the middle of a flow mapping: as it is where that is safe, else as JSON."""
    return text if reads_as_itself(text) else json.dumps(text, ensure_ascii=False)
