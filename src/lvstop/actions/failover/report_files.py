"""Reports of failovers as files: where the operator wants one, and all of them in lvstop's state folder."""

import json
import os
from pathlib import Path

from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.report import document, file_name, markdown
from lvstop.actions.private import make_private
from lvstop.errors import LvstopError


class ReportError(LvstopError):
    """A report could not be written."""


def write_report(path: Path, plan: FailoverPlan, outcome: FailoverOutcome) -> None:
    """Write one report: JSON where the file's name ends with `.json`, else Markdown. No file is replaced.

    Raises:
        ReportError: it could not be written, or such a file is there already.
    """
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(_text(path, plan, outcome))
    except OSError as error:
        raise ReportError(f"the report {path} cannot be written: {error.strerror or error}") from error


def keep_reports(folder: Path, plan: FailoverPlan, outcome: FailoverOutcome) -> tuple[Path, ...]:
    """Keep a report as Markdown and as JSON in a folder of the operator's own, beside earlier ones.

    Returns:
        The files, Markdown first.

    Raises:
        ReportError: one of them could not be written.
    """
    try:
        make_private(folder)
        paths = _free(folder, file_name(plan))
        for path in paths:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(_text(path, plan, outcome))
    except OSError as error:
        raise ReportError(f"no report could be kept in {folder}: {error.strerror or error}") from error
    return paths


def _free(folder: Path, name: str) -> tuple[Path, ...]:
    """Names that nothing has: a failover that is finished after an interruption has two reports."""
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        paths = tuple(folder / f"{name}{suffix}{kind}" for kind in (".md", ".json"))
        if not any(path.exists() for path in paths):
            return paths
        number += 1


def _text(path: Path, plan: FailoverPlan, outcome: FailoverOutcome) -> str:
    if path.suffix == ".json":
        return json.dumps(document(plan, outcome), indent=2) + "\n"
    return markdown(plan, outcome)
