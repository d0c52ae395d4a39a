"""`lvstop setup`: the least rights on a director, as a script to be read, or done there after a question."""

import argparse
import asyncio
import sys
from functools import partial

from lvstop.actions.rights.grant import Grant, GrantError, PublicKey, Role, parse_key
from lvstop.actions.rights.installer import authorized_line, installer, remover, sudoers
from lvstop.cli.changing import tell
from lvstop.cli.init_questions import Ask, agreed
from lvstop.cli.prompt import terminal_prompt, terminal_question
from lvstop.clock import Clock, SystemClock
from lvstop.config.schema import DirectorConfig, SshConfig
from lvstop.config.target import Target
from lvstop.transport.base import TransportError
from lvstop.transport.installed import HOME

EXIT_DONE, EXIT_FAILED = 0, 1


def run_setup(options: argparse.Namespace, *, read_only: bool) -> int:
    """Do what the arguments say; the exit status is in the help.

    Args:
        read_only: lvstop may change nothing: it prints, and installs nothing.
    """
    if read_only and options.apply:
        tell("lvstop: lvstop was started with --read-only: without --apply the script is printed")
        return EXIT_FAILED
    try:
        grant = _grant(options)
    except GrantError as error:
        parser: argparse.ArgumentParser = options.parser
        parser.error(str(error))
    script = remover(grant) if options.remove else installer(grant)
    if not options.apply:
        sys.stdout.write(script)
        if sys.stdout.isatty():
            tell("\nThat is the script: put it into a file, read it, and run it as root on each director.")
        return EXIT_DONE
    tell("\n".join(_what(grant, options.apply, remove=options.remove)))
    return asyncio.run(_apply(script, options.apply, SystemClock(), terminal_question(), yes=options.yes))


def _grant(options: argparse.Namespace) -> Grant:
    role = Role(options.role)
    return Grant(role, options.user or f"lvstop-{role}", _key(options), tuple(options.track_file))


def _key(options: argparse.Namespace) -> PublicKey | None:
    if options.key is None:
        return None
    try:
        return parse_key(options.key.read_text("utf-8", "replace"))
    except OSError as error:
        raise GrantError(f"{options.key} cannot be read: {error.strerror or error}") from error


def _what(grant: Grant, targets: list[Target], *, remove: bool) -> list[str]:
    """What is going to be there, or gone."""
    where = f"on {', '.join(str(target) for target in targets)}"
    if remove:
        return [
            f"Takes the rights of {grant.user} away {where}: /etc/sudoers.d/{grant.sudoers_file}, and {HOME} if nobody",
            "else has any.",
        ]
    lines = [
        f"Makes {grant.user} {grant.role} {where}:",
        f"  {HOME}/  lvstop's programs, and `director`, which starts them",
        f"  /etc/sudoers.d/{grant.sudoers_file}",
        *(f"    {line}" for line in sudoers(grant).splitlines() if not line.startswith("#")),
    ]
    if grant.role is Role.OPERATOR:
        lines.append(f"  {HOME}/files  files that may be changed: {', '.join(grant.files) or 'none'}")
    if grant.key is not None:
        lines += [f"  ~{grant.user}/.ssh/authorized_keys", f"    {authorized_line(grant, grant.key)}"]
    lines.append(f"The login {grant.user} is made where there is none.")
    return lines


async def _apply(script: str, targets: list[Target], clock: Clock, ask: Ask | None, *, yes: bool) -> int:
    from lvstop.engine.rights import run_as_root

    if not yes and not await agreed(ask, "\nDo that?"):
        tell(
            "nothing was done"
            if ask is not None
            else "nobody can be asked here: --yes does it, without --apply it is printed"
        )
        return EXIT_FAILED
    worst = EXIT_DONE
    for target in targets:
        director = DirectorConfig(target.host, target.host, target.user, target.port)
        try:
            await run_as_root(script, director, SshConfig(), clock, terminal_prompt(), partial(_tell_of, target))
        except TransportError as error:
            tell(f"{target}: {error.fault.summary}{f' → {error.fault.remedy}' if error.fault.remedy else ''}")
            worst = EXIT_FAILED
    return worst


def _tell_of(target: Target, line: str) -> None:
    tell(f"{target}: {line}")
