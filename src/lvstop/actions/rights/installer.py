"""The scripts that give a director these rights and take them away: whole, to be read before they are run. Pure."""

import hashlib
import shlex
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from lvstop.actions import programs as changing
from lvstop.actions.rights.grant import Grant, PublicKey, Role, programs_of
from lvstop.probe import programs as reading
from lvstop.transport.installed import DIRECTOR, HOME, digest

_TITLES: Final = {
    Role.NOC: "Lets {user} see everything that lvstop shows of this director, and change nothing.",
    Role.OPERATOR: "Lets {user} see everything that lvstop shows of this director, and do what its actions do.",
}
_SUDOERS: Final = """\
# What {user} may do here as {role} of lvstop. Each call is named to the letter: sudo takes no other argument.
Defaults!{director} !requiretty
{user} ALL=(root) NOPASSWD: {calls}
"""


def installer(grant: Grant) -> str:
    """A POSIX shell script, for root on a director."""
    return _filled(
        _text("install"),
        TITLE=_TITLES[grant.role].format(user=grant.user),
        FILES="\n".join(_installed(grant)),
        GRANTED=sudoers(grant).rstrip("\n"),
        KEY="" if grant.key is None else _authorize(grant, grant.key),
        **_names(grant),
    )


def remover(grant: Grant) -> str:
    """A POSIX shell script that takes it away again."""
    return _filled(_text("remove"), **_names(grant))


def sudoers(grant: Grant) -> str:
    """What sudo may start for the login, sudoers(5)."""
    calls = ", ".join(f"{DIRECTOR} {name}" for name in grant.as_root)
    return _SUDOERS.format(user=grant.user, role=grant.role, director=DIRECTOR, calls=calls)


def authorized_line(grant: Grant, key: PublicKey) -> str:
    """The line of authorized_keys that binds a key to the role: no shell, no forwarding, no terminal."""
    return f'restrict,command="{DIRECTOR} gate {grant.role}" {key.text}'


@cache
def director_script() -> str:
    """The script that starts the programs. It is the same for every role: other files say who may what."""
    everything = programs_of(Role.OPERATOR)
    return _filled(
        _text("director"),
        HOME=HOME,
        ABOUT="\n".join(f"{program.name} {digest(program)}" for program in everything),
        READING=" ".join(sorted(program.name for program in reading.catalogue())),
        CHANGING=" ".join(sorted(program.name for program in changing.catalogue() - reading.catalogue())),
    )


def _installed(grant: Grant) -> Iterator[str]:
    # all of them, so that who is granted less afterwards takes nothing from who was granted more
    for program in programs_of(Role.OPERATOR):
        yield _put("644", f'"$home/{program.name}.sh"', program.script)
    yield _put("755", '"$home/director"', director_script())
    if grant.role is Role.OPERATOR:
        listed = "".join(f"{path}\n" for path in grant.files)
        yield _put("644", '"$home/files"', listed)
    else:
        yield '[ -e "$home/files" ] || put 644 "$home/files" </dev/null'


def _put(mode: str, path: str, text: str) -> str:
    end = _end(text)
    return f"put {mode} {path} <<'{end}'\n{text.rstrip(chr(10))}\n{end}" if text else f"put {mode} {path} </dev/null"


def _authorize(grant: Grant, key: PublicKey) -> str:
    """As the login itself: root follows no link in a home that is somebody else's."""
    return _filled(_text("authorize"), LINE=shlex.quote(authorized_line(grant, key)), BLOB=key.blob, **_names(grant))


def _names(grant: Grant) -> dict[str, str]:
    return {
        "HOME": HOME,
        "USER": grant.user,
        "ROLE": grant.role,
        "SUDOERS": grant.sudoers_file,
        "END": _end(sudoers(grant)),
    }


def _end(text: str) -> str:
    """A line that the text does not hold."""
    return f"END-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _filled(text: str, **values: str) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")
