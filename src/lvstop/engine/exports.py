"""What the operator wants to keep: files in the folder `exports` of lvstop's state folder, for nobody else to read."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lvstop.actions.failover.outcome import FailoverOutcome
    from lvstop.actions.failover.plan import FailoverPlan


def write_private(folder: Path, name: str, text: str) -> Path:
    """Write a text to `<folder>/exports/<name>`. The file is there as a whole or not at all; missing folders are made.

    Args:
        folder: lvstop's state folder (`config.paths.state_folder`).

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    exports = folder / "exports"
    exports.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = exports / name
    # mkstemp makes it with mode 0600.
    handle, unfinished = tempfile.mkstemp(dir=exports, prefix=f".{name[:40]}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    finally:
        with contextlib.suppress(OSError):
            Path(unfinished).unlink()
    return path


def write_report(folder: Path, plan: "FailoverPlan", outcome: "FailoverOutcome") -> Path:
    """Write a failover's report as Markdown, and beside it the same as JSON. Returns the path of the former.

    Raises:
        OSError: one of them could not be written.
    """
    # not needed for the first frame
    from lvstop.actions.failover import report

    name = report.file_name(plan)
    document = json.dumps(report.document(plan, outcome), ensure_ascii=False, indent=2)
    write_private(folder, f"{name}.json", f"{document}\n")
    return write_private(folder, f"{name}.md", report.markdown(plan, outcome))
