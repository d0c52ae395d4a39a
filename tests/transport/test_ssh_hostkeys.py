"""known_hosts is read at each attempt, and parsed once for all that say the same."""

import os

import asyncssh
import pytest

from lvstop.clock import SystemClock
from lvstop.model.director import FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.ssh import SshTransport
from lvstop.transport.ssh.hostkeys import HostKeys
from support.ssh_server import SshServer


async def test_connections_share_what_the_files_say(server: SshServer) -> None:
    """Each keeps it for as long as it lasts: a hundred directors would keep each other's keys a hundred times."""
    files = [server.known_hosts, server.folder / "nothing"]
    one, other = HostKeys.read(files), HostKeys.read(files)
    (kept,), (again,) = (each.trusted("127.0.0.1", server.port)[0] for each in (one, other))
    assert kept is again


async def test_known_hosts_that_change_are_read_anew(server: SshServer) -> None:
    """Whatever their date and size say: a key that was taken out of them counts no more."""
    transport = SshTransport(server.director(), server.ssh(), programs=frozenset(), clock=SystemClock())
    good, moment = server.known_hosts.read_text(), server.known_hosts.stat()
    await transport.connect()
    await transport.close()
    stranger = server.known_hosts_line(asyncssh.generate_private_key("ssh-ed25519"))
    assert len(stranger) == len(good)
    server.known_hosts.write_text(stranger)
    os.utime(server.known_hosts, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    with pytest.raises(TransportError) as caught:
        await transport.connect()
    assert caught.value.fault.kind is FaultKind.HOST_KEY_CHANGED
