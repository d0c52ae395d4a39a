"""Who may ask: names under which the server is known, and pages that may open a session.

A page of somebody else's can have a browser ask any address, loopback included. What it cannot do is lie about the name
in the address (`Host`), which after DNS rebinding is its own, or about where it comes from (`Origin`).
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lvstop.errors import LvstopError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class AddressError(LvstopError):
    """An address at which nothing can be served."""


def is_loopback(host: str) -> bool:
    """Nobody but this machine reaches it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Guard:
    """What is let in.

    Attributes:
        url: where watchers find the page, without a path: `http://127.0.0.1:8000`.
        hosts: values of the header `Host`, in lower case; without a port where it is the usual one.
        origins: values of the header `Origin`.
    """

    url: str
    hosts: frozenset[str]
    origins: frozenset[str]

    def knows(self, host: str | None) -> bool:
        """The request names this server."""
        return host is not None and host.lower() in self.hosts

    def lets_in(self, origin: str | None) -> bool:
        """The page that opens a session is this server's own. Every browser says where it comes from."""
        return origin is not None and origin.lower() in self.origins


def guard_of(host: str, port: int, url: str | None) -> Guard:
    """The guard of a server.

    Args:
        host, port: where it listens.
        url: where watchers find it instead, if something stands in front of it.

    Raises:
        AddressError: the URL is none, or has a path: the page asks for addresses below the root.
    """
    names = _LOOPBACK_NAMES if is_loopback(host) else (_in_url(host),)
    places = {_origin("http", name, port) for name in names}
    own = _origin("http", _in_url(host), port) if url is None else _checked(url)
    origins = frozenset(places | {own})
    return Guard(own, frozenset(place.partition("://")[2] for place in origins), origins)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()


def _origin(scheme: str, host: str, port: int | None) -> str:
    usual = port is None or port == _DEFAULT_PORTS[scheme]
    return f"{scheme}://{host}" if usual else f"{scheme}://{host}:{port}"


def _checked(url: str) -> str:
    complaint = f"{url!r} is no URL of a server, such as https://wall.example.org"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"{complaint}: {error}") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise AddressError(complaint)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise AddressError(f"{complaint}: it cannot have a path")
    return _origin(parts.scheme, _in_url(parts.hostname), port)
