"""How parsers report what they could not understand: every line, shortened, harmless to print, and not without end."""

from lvstop.model.director import ParseIssue
from lvstop.probe.parse.mask import mask_secrets

ISSUE_LIMIT = 100
"""Issues kept of one text; the lines beyond are counted in a last one."""

TEXT_LIMIT = 200
"""Characters of a line that an issue shows."""

# Masking works on more than is shown: a secret's name may stand before the part that is cut off.
_MASKED_LENGTH = 4096


def quote(text: str) -> str:
    """`text` as an issue shows it: secrets masked, control characters replaced, shortened."""
    masked = mask_secrets(text[:_MASKED_LENGTH])
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in masked)
    return printable if len(printable) <= TEXT_LIMIT else printable[: TEXT_LIMIT - 1] + "…"


class IssueLog:
    """Collects the issues of one text.

    Attributes:
        source: what the text is, e.g. `/proc/net/ip_vs`.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._issues: list[ParseIssue] = []
        self._omitted = 0

    def add(self, line_number: int, text: str, reason: str) -> None:
        """Report the line `line_number` (1-based; 0 for the text as a whole)."""
        if len(self._issues) < ISSUE_LIMIT:
            self._issues.append(ParseIssue(self.source, line_number, quote(text), reason))
        else:
            self._omitted += 1

    def result(self) -> tuple[ParseIssue, ...]:
        """The issues by line number; where there were too many, the last one says how many more."""
        ordered = sorted(self._issues, key=lambda issue: issue.line_number)
        if self._omitted:
            ordered.append(ParseIssue(self.source, 0, "", f"… and {self._omitted} more lines"))
        return tuple(ordered)
