"""Two directors behind one sshd on loopback, whose kernel's table is a file, and a cluster file that leads to them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.asked import Table
from benchmarks.frames import Frames
from benchmarks.sshd import Server, sshd

_TABLE = "/proc/net/ip_vs"

_FORCED = """\
#!/bin/sh
# Programs arrive as they are and read {file} in place of the kernel's table.
case $SSH_ORIGINAL_COMMAND in
*'sh -s '*) sed -u 's,{table},{file},g' | sh -c "$SSH_ORIGINAL_COMMAND" ;;
*) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
"""

_CLUSTER = """\
name: bench
interval: {interval}
directors:
  - {{name: keepalived1, host: {server.host}, port: {server.port}, user: {server.user}}}
  - {{name: keepalived2, host: {server.host}, port: {server.port}, user: {server.user}}}
ssh:
  identity_files: [{server.client_key}]
  known_hosts: {server.known_hosts}
  config: {server.ssh_config}
"""


class Pair:
    """The directors. They are one machine, which serves the same table twice."""

    def __init__(self, server: Server, table: Table) -> None:
        self.server = server
        self.table = table

    def cluster_file(self, interval: float) -> Path:
        """A cluster file with both."""
        path = self.server.folder / "bench.yaml"
        path.write_text(_CLUSTER.format(server=self.server, interval=interval))
        return path


@contextmanager
def pair(rows: int, changing: float) -> Iterator[Pair]:
    """Two directors with a table of `rows` real servers, of which `changing` change at each step.

    Raises:
        NoServerError: there is no sshd here.
    """
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name, sshd(Path(name)) as server:
        table = Table(server.folder, Frames(rows, changing))
        forced = server.folder / "forced"
        forced.write_text(_FORCED.format(table=_TABLE, file=table.path))
        forced.chmod(0o755)
        keys = server.folder / "authorized_keys"
        keys.write_text(f'command="{forced}" {keys.read_text()}')
        yield Pair(server, table)
