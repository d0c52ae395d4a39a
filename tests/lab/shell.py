"""Running the machine's own commands."""

import os
import shlex
import subprocess
from collections.abc import Sequence

from lab.errors import CommandError, LabError

MINUTE = 60.0


def run(
    argv: Sequence[str],
    *,
    check: bool = True,
    timeout: float = MINUTE,
    stdin: str | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it said, as text.

    `env` is added to this process's environment; without `stdin` the command reads from /dev/null. Raises
    CommandError for a status other than 0 (unless `check` is false) and LabError when the command does not exist or
    takes longer than `timeout` seconds.
    """
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL if stdin is None else None,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={**os.environ, **env} if env else None,
        )
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{shlex.join(argv)}: no end after {timeout:g} s") from error
    if check and done.returncode != 0:
        raise CommandError(shlex.join(argv), done.returncode, done.stdout + done.stderr)
    return done


def ip(netns: str | None, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `ip` in a network namespace (None: the machine's own)."""
    return run(["ip", *(["-n", netns] if netns else []), *words])
