"""Writing a host key into known_hosts, as `ssh` does when a person has answered `yes`.

The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
"""

import hmac
import os
import secrets
from base64 import b64encode
from pathlib import Path

_DEFAULT_PORT = 22
_HASHED = "|1|"
"""How a hashed name begins (hostfile.h of OpenSSH, HASH_MAGIC)."""


def entry_name(host: str, port: int) -> str:
    """The name of a host in known_hosts: `host`, or `[host]:port` where the port is not 22."""
    name = host.lower()
    return name if port == _DEFAULT_PORT else f"[{name}]:{port}"


def remember(file: Path, name: str, public: str) -> None:
    """Append a line that knows `public` (algorithm and key) for the host `name`. Blocks.

    The name is hashed where the file's last name is (`HashKnownHosts`). A file and a folder that do not exist are made
    for nobody but the operator. One line is written with one call, so that two who write at once do not mix them.

    Raises:
        OSError: it cannot be written; then nothing of it is.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = file.read_text("utf-8", "replace") if file.exists() else ""
    last = next((line for line in reversed(before.splitlines()) if line.strip() and not line.startswith("#")), "")
    written = _hashed(name) if last.startswith(_HASHED) else name
    gap = "\n" if before and not before.endswith("\n") else ""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{gap}{written} {public}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _hashed(name: str) -> str:
    """`|1|SALT|HASH`, HMAC-SHA1 of the name (host_hash in hostfile.c of OpenSSH)."""
    salt = secrets.token_bytes(20)
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"{_HASHED}{b64encode(salt).decode()}|{b64encode(digest).decode()}"
