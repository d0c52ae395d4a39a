"""Single values of a file: each parser takes the text and raises ValueError with a sentence."""

import re
from ipaddress import ip_address
from pathlib import Path

from lvstop.config.schema import MAXIMUM_INTERVAL, MINIMUM_INTERVAL
from lvstop.model.address import IPAddress

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@\\-]*\$?")
_HOST = re.compile(r"[A-Za-z0-9_:][A-Za-z0-9._:%-]*")
_NETNS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")
_JUMP = re.compile(r"(?:[^\s@,]+@)?(?:\[[^\s\],]+\]|[A-Za-z0-9_][^\s@,:\[\]]*)(?::\d+)?")
_YES = ("true", "yes", "on")
_NO = ("false", "no", "off")


def parse_duration(text: str) -> float:
    """Seconds from `1s`, `500ms`, `10m`, `1h` or a plain number of seconds.

    Raises:
        ValueError: it is none of these, or zero.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration such as 500ms, 1s or 10m")
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds <= 0:
        raise ValueError(f"{text!r}: a duration must be longer than nothing")
    return seconds


def parse_interval(text: str) -> float:
    """The seconds between two readings."""
    seconds = parse_duration(text)
    if seconds < MINIMUM_INTERVAL:
        raise ValueError(f"{text!r} is too short: at least {MINIMUM_INTERVAL * 1000:g}ms")
    if seconds > MAXIMUM_INTERVAL:
        raise ValueError(f"{text!r} is too long: at most {MAXIMUM_INTERVAL / 3600:g}h")
    return seconds


def parse_name(text: str) -> str:
    """The name of a cluster or a director: it is typed in commands and becomes part of file names."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name: letters, digits, '.', '_' and '-', a letter or digit first")
    return text


def parse_host(text: str) -> str:
    """A name or address to connect to; `local` is this machine."""
    if "@" in text:
        raise ValueError(f"{text!r}: the user has a key of its own, user: {text.partition('@')[0]}")
    if text.startswith("["):
        raise ValueError(f"{text!r}: an IPv6 address is written without brackets; a port has a key of its own, port")
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is not a host name or address")
    if ":" in text:
        _require_address(text)
    return text


def _require_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an address; a port has a key of its own, port") from None


def parse_netns(text: str) -> str:
    """The name of a network namespace: that of a file in /run/netns (ip-netns(8))."""
    if not _NETNS.fullmatch(text):
        raise ValueError(f"{text!r} is not the name of a network namespace, as `ip netns list` tells them")
    return text


def parse_title(text: str) -> str:
    """What people call a thing: one line of anything that can be printed."""
    if not text.isprintable():
        raise ValueError(f"{text!r} cannot be printed in one line")
    return text


def parse_user(text: str) -> str:
    """A login name."""
    if not _USER.fullmatch(text):
        raise ValueError(f"{text!r} is not a user name")
    return text


def parse_port(text: str) -> int:
    """A TCP port."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise ValueError(f"{text!r} is not a port: a number from 1 to 65535")
    return int(text)


def parse_jump(text: str) -> str:
    """`[user@]host[:port]`, several with commas, or `none`."""
    for part in text.split(","):
        if not _JUMP.fullmatch(part.strip()):
            raise ValueError(f"{part.strip()!r} is not [user@]host[:port]")
    return text


def parse_address(text: str) -> IPAddress:
    """An IP address without a prefix length."""
    try:
        return ip_address(text)
    except ValueError:
        without = " without a prefix length" if "/" in text else ""
        raise ValueError(f"{text!r} is not an IPv4 or IPv6 address{without}") from None


def parse_boolean(text: str) -> bool:
    """true or false, in any of YAML's spellings."""
    word = text.lower()
    if word not in _YES + _NO:
        raise ValueError(f"{text!r} is neither true nor false")
    return word in _YES


def parse_path(text: str) -> Path:
    """A path; `~` is the operator's home directory."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"{text!r}: there is no such user's home directory") from None


def parse_count(text: str) -> int:
    """A number from 1 to 100."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 100):
        raise ValueError(f"{text!r} is not a number from 1 to 100")
    return int(text)
