"""What `keepalived -t` says, behind a line `exit STATUS` (keepalived(8): 0 is a usable configuration)."""

import re
from typing import Final

from lvstop.model.sounding import ConfigCheck
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog, quote

SOURCE: Final = "keepalived -t"

SAID_LIMIT: Final = 50
"""Lines that are kept of what it says."""

_STATUS: Final = re.compile(r"exit ([0-9]{1,3})")


def parse_config_check(text: str) -> Parsed[ConfigCheck | None]:
    """Whether a configuration is usable, and what is said of it; None without a status."""
    issues = IssueLog(SOURCE)
    first, _, rest = text.lstrip("\n").partition("\n")
    match = _STATUS.fullmatch(first.strip())
    if match is None:
        issues.add(1, first, "expected the exit status")
        return Parsed(None, issues.result())
    # its processes read the same files one after the other, and each says the same
    said = list(dict.fromkeys(quote(line.strip()) for line in rest.split("\n") if line.strip()))
    if len(said) > SAID_LIMIT:
        said = [*said[:SAID_LIMIT], f"… and {len(said) - SAID_LIMIT} more lines"]
    return Parsed(ConfigCheck(int(match[1]) == 0, tuple(said)), issues.result())
