"""Where a director is, as it is typed for `ssh`: `[user@]host[:port]`."""

from dataclasses import dataclass

from lvstop.config.schema import LOCAL
from lvstop.config.values import parse_host, parse_port, parse_user


@dataclass(frozen=True, slots=True)
class Target:
    """A place to connect to, `local` being this machine.

    `user` and `port` are None where they are left to the SSH configuration.
    """

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """As it is typed."""
        host = f"[{self.host}]" if ":" in self.host and self.port is not None else self.host
        user = "" if self.user is None else f"{self.user}@"
        return f"{user}{host}{'' if self.port is None else f':{self.port}'}"


def parse_target(text: str) -> Target:
    """Read `host`, `user@host`, `host:port`, `fd00::1`, `[fd00::1]:port`, any of them behind `ssh://`.

    Raises:
        ValueError: it is none of these; the text is a sentence.
    """
    user, at, place = text.strip().removeprefix("ssh://").rstrip("/").rpartition("@")
    host, port = place, ""
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")) or ":" not in host:
            raise ValueError(f"{text!r}: brackets are for an IPv6 address, as in [fd00::1]:22")
        port = rest.removeprefix(":") if rest else ""
        if rest == ":":
            raise ValueError(f"{text!r}: a port is missing")
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
        if not port:
            raise ValueError(f"{text!r}: a port is missing")
    if not host or (at and not user):
        raise ValueError(f"{text!r} is not [USER@]HOST[:PORT]")
    if host == LOCAL and (at or port):
        raise ValueError(f"{text!r}: local is this machine, which is not logged in to: it has no user and no port")
    return Target(parse_host(host), parse_user(user) if at else None, parse_port(port) if port else None)
