"""/proc/net/ip_vs_stats: totals of the whole table (`ip_vs_stats_show` in net/netfilter/ipvs/ip_vs_ctl.c)."""

from lvstop.model.ipvs import Counters
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_hex

SOURCE = "/proc/net/ip_vs_stats"

_HEADINGS = (
    ["Total", "Incoming", "Outgoing", "Incoming", "Outgoing"],
    ["Conns", "Packets", "Packets", "Bytes", "Bytes"],
)
_TOTALS_LINE = 3


def parse_ip_vs_stats(text: str) -> Parsed[Counters | None]:
    """Connections, packets and bytes since the module was loaded, or since `ipvsadm -Z`.

    All numbers are hexadecimal, however decimal they look, and wide ones overflow their columns. The line of rates
    below is left alone: it is the kernel's own smoothed estimate.
    """
    issues = IssueLog(SOURCE)
    lines = text.split("\n")
    if not text.strip():
        issues.add(0, "", "the text is empty; its heading was expected")
        return Parsed(None, issues.result())
    for line_number, (line, heading) in enumerate(zip(lines, _HEADINGS, strict=False), 1):
        if line.split() != heading:
            issues.add(line_number, line, f"expected the heading {' '.join(heading)}")
            return Parsed(None, issues.result())
    if len(lines) <= _TOTALS_LINE:
        issues.add(0, "", "the text ends before or within its totals")
        return Parsed(None, issues.result())
    line = lines[_TOTALS_LINE - 1]
    numbers = [number for word in line.split() if (number := read_hex(word)) is not None]
    if len(numbers) != 5 or len(line.split()) != 5:
        issues.add(_TOTALS_LINE, line, "expected five hexadecimal numbers")
        return Parsed(None, issues.result())
    return Parsed(Counters(*numbers), issues.result())
