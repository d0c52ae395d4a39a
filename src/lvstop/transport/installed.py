"""Programs that `lvstop setup` has installed on a director, so that a login needs no right to run a shell as root.

They are called by name instead of being sent, and only where their text is to the byte what would have been sent.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import Program, TransportError

HOME: Final = "/opt/lvstop"
"""Where `lvstop setup` installs them: on every Linux nobody but root can write there."""

DIRECTOR: Final = f"{HOME}/director"
"""What sudoers and authorized_keys name."""

ABOUT: Final = (DIRECTOR, "about")
"""What they are asked for by."""

_LINE = re.compile(r"([a-z_]{1,32}) ([0-9a-f]{64})")
_GATE = re.compile(r"gate ([a-z]{1,32})")


def digest(program: Program) -> str:
    """SHA-256 of a program's text, in hexadecimal."""
    return hashlib.sha256(program.script.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Installed:
    """What a director says of its installed programs.

    Attributes:
        digests: by the name of the program; empty where none is installed.
        role: what the key of this login is bound to by a forced command; empty where it is not bound, and may run
            whatever its login may.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    role: str = ""

    def has(self, program: Program) -> bool:
        """This program is there, with the same text.

        Raises:
            TransportError: it is not, and this login cannot be sent any other.
        """
        found = self.digests.get(program.name)
        if found == digest(program):
            return True
        if not self.role:
            return False
        if found is None:
            summary = f"this key is bound to the role {self.role}, which does not run the program {program.name}"
            raise TransportError(Fault(FaultKind.FORBIDDEN, summary))
        summary = f"the programs that this key is bound to (role {self.role}) are those of another version of lvstop"
        remedy = f"install those of this one: `lvstop setup {self.role}`"
        raise TransportError(Fault(FaultKind.FORBIDDEN, summary, remedy))

    def call(self, program: Program, *, nonce: str, elevated: bool) -> tuple[tuple[str, ...], bytes]:
        """How `program` is started: the command, and what it is given first on its standard input.

        Raises:
            TransportError: as `has`.
        """
        by_name = self.has(program)
        command = (DIRECTOR, program.name) if by_name else ("sh", "-s", "--", nonce)
        first = f"{nonce}\n".encode() if by_name else program.script.encode()
        return (("sudo", "-n", "--", *command) if elevated else command), first


NOTHING_INSTALLED: Final = Installed()


def parse_about(text: str) -> Installed:
    """The answer to `about`; whatever is not understood counts as nothing installed."""
    digests: dict[str, str] = {}
    role = ""
    for line in text.splitlines():
        if found := _LINE.fullmatch(line):
            digests[found[1]] = found[2]
        elif bound := _GATE.fullmatch(line):
            role = bound[1]
    return Installed(digests, role) if digests else NOTHING_INSTALLED
