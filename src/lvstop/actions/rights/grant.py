"""Who may do what on a director, as `lvstop setup` grants it."""

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lvstop.actions import programs as changing
from lvstop.probe import programs as reading
from lvstop.transport.base import Program

AS_ROOT: Final = ("conns", "facts", "journal", "moves", "sound")
"""Programs that read as root, where the login is not: see each. The others need no privilege."""

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_KEY = re.compile(
    r"(?P<kind>ssh-[a-z0-9]+|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) (?P<blob>[A-Za-z0-9+/]+=*)(?: (?P<comment>.*))?"
)


class Role(StrEnum):
    """`noc` sees everything and changes nothing; `operator` also does what lvstop's actions do, and nothing else."""

    NOC = "noc"
    OPERATOR = "operator"


class GrantError(ValueError):
    """Something that nobody can be granted, and why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One line of a public key file: sshd(8), AUTHORIZED_KEYS FILE FORMAT, without options."""

    kind: str
    blob: str
    comment: str = ""

    @property
    def text(self) -> str:
        """The line, with a comment that is nothing but printable."""
        comment = "".join(letter for letter in self.comment if letter.isprintable())
        return f"{self.kind} {self.blob} {comment}".rstrip()


@dataclass(frozen=True, slots=True)
class Grant:
    """What is installed.

    Attributes:
        user: the login on the director.
        key: bound to the role by a forced command; None where another line of authorized_keys, or a certificate, is.
        files: absolute paths of track files that an operator may change; none are the operator's by themselves.
    """

    role: Role
    user: str
    key: PublicKey | None = None
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _USER.fullmatch(self.user):
            raise GrantError(f"{self.user!r} is no name of a login: small letters, digits, - and _")
        if self.user == "root":
            raise GrantError("root has all rights, and none can be taken from him")
        for path in self.files:
            if not path.startswith("/") or not path.isprintable() or ".." in path.split("/"):
                raise GrantError(f"{path!r} is no absolute path of a file")
        if self.files and self.role is Role.NOC:
            raise GrantError("who may only look changes no track file")

    @property
    def programs(self) -> tuple[Program, ...]:
        """What may be run, by name."""
        return programs_of(self.role)

    @property
    def sudoers_file(self) -> str:
        """The name of a file in /etc/sudoers.d. No two logins have the same, but for `x` and `lvstop-x`."""
        return f"lvstop-{self.user.removeprefix('lvstop-')}"

    @property
    def as_root(self) -> tuple[str, ...]:
        """Names of those that sudo may start."""
        return (*AS_ROOT, "act") if self.role is Role.OPERATOR else AS_ROOT


def programs_of(role: Role) -> tuple[Program, ...]:
    """The programs of a role."""
    found = reading.catalogue() | changing.catalogue() if role is Role.OPERATOR else reading.catalogue()
    return tuple(sorted(found, key=lambda program: program.name))


def parse_key(text: str) -> PublicKey:
    """A line of a public key file.

    Raises:
        GrantError: it is none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise GrantError("a public key is one line, as ssh-keygen writes it into a .pub file")
    if "PRIVATE KEY" in text:
        raise GrantError("that is a private key; the .pub file beside it is meant")
    found = _KEY.fullmatch(lines[0])
    if found is None:
        raise GrantError("that is no public key as ssh-keygen writes it")
    try:
        blob = base64.b64decode(found["blob"], validate=True)
    except binascii.Error:
        raise GrantError("that is no public key: its middle is no base64") from None
    if not blob[4:].startswith(found["kind"].encode()):
        raise GrantError(f"that is no public key of the kind {found['kind']}")
    return PublicKey(found["kind"], found["blob"], found["comment"] or "")
