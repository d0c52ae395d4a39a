"""`journalctl --output=short-unix` (systemd's logs-show.c)."""


def short_unix(epoch: float, host: str, identifier: str, pid: int, message: str) -> str:
    """`1795360229.970095 keepalived1 Keepalived_vrrp[899]: (SMB) Entering MASTER STATE`."""
    return f"{epoch:.6f} {host} {identifier}[{pid}]: {message}"
