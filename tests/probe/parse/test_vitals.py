"""What machines say of themselves: processors, memory, backlog, connection tracking."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.vitals import CpuTimes, Memory, SoftnetCounters
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.vitals import (
    parse_cpu_times,
    parse_meminfo,
    parse_setting,
    parse_softnet,
    parse_table_size,
)

STAT = """\
cpu  10 1 20 300 4 0 50 6 0 0
cpu0 4 0 8 160 3 0 10 2 0 0
cpu3 6 1 12 140 1 0 40 4 0 0
intr 12345 0 0
ctxt 998
"""
MEMINFO = """\
MemTotal:        4015616 kB
MemFree:          911000 kB
MemAvailable:    3100000 kB
SwapTotal:        975868 kB
SwapFree:         975000 kB
HugePages_Total:       0
"""
_ZEROS = " ".join(["00000000"] * 9)
SOFTNET = f"""\
0000272d 00000000 00000001 {_ZEROS} 00000000 00000000 00000000
000034d9 000000ff ffffffff {_ZEROS} 00000007 00000000 00000000
"""


def test_values() -> None:
    """As Linux 6.1 prints them; a processor that is offline is missing, and the sum is not one."""
    assert parse_cpu_times(STAT) == Parsed(
        (CpuTimes(0, 4, 0, 8, 160, 3, 0, 10, 2), CpuTimes(3, 6, 1, 12, 140, 1, 0, 40, 4))
    )
    kib = 1024
    assert parse_meminfo(MEMINFO) == Parsed(Memory(4015616 * kib, 3100000 * kib, 975868 * kib, 975000 * kib))
    assert parse_softnet(SOFTNET) == Parsed((SoftnetCounters(0, 0, 1), SoftnetCounters(7, 255, 2**32 - 1)))
    assert parse_setting("262144\n", "nf_conntrack_max") == Parsed(262144)
    assert parse_table_size("IP Virtual Server version 1.2.1 (size=4096)") == 4096


def test_old_kernels() -> None:
    """Linux before 3.14 has no MemAvailable, before 5.10 no number in softnet_stat: lines count from 0 then."""
    old = "\n".join(line for line in MEMINFO.splitlines() if "Available" not in line)
    memory = parse_meminfo(old)
    assert memory.issues == ()
    assert memory.value is not None
    assert memory.value.available_bytes is None
    assert parse_softnet("00000001 00000002 00000003\n00000001 00000004 00000005\n") == Parsed(
        (SoftnetCounters(0, 2, 3), SoftnetCounters(1, 4, 5))
    )
    assert parse_cpu_times("cpu0 1 2 3 4 5 6 7 8\n") == Parsed((CpuTimes(0, 1, 2, 3, 4, 5, 6, 7, 8),))


@pytest.mark.parametrize(
    ("parse", "text", "line"),
    [
        (parse_cpu_times, "cpu0 1 2 3\n", 1),
        (parse_cpu_times, "cpu0 1 2 3 4 5 6 7 -8\n", 1),
        (parse_cpu_times, "", 0),
        (parse_meminfo, "MemTotal: many kB\n", 1),
        (parse_meminfo, "MemTotal: 12 MB\n", 1),
        (parse_meminfo, MEMINFO.replace("SwapFree", "SwapGone"), 0),
        (parse_softnet, "0000 zz 00\n", 1),
        (parse_softnet, "1 2\n", 1),
        (parse_softnet, "000000001 00000000 00000000\n", 1),
        (lambda text: parse_setting(text, "nf_conntrack_count"), "lots\n", 1),
        (lambda text: parse_setting(text, "nf_conntrack_count"), "", 0),
    ],
)
def test_what_is_not_understood_is_reported(parse: Callable[[str], Parsed[object]], text: str, line: int) -> None:
    """With its line, and nothing is made of it."""
    parsed = parse(text)
    assert parsed.value is None
    assert line in {issue.line_number for issue in parsed.issues}


def test_a_heading_without_a_size() -> None:
    """Nothing is guessed."""
    assert parse_table_size("IP Virtual Server version 1.2.1") is None
    assert parse_table_size("(size=)") is None


@given(st.text(alphabet=st.sampled_from("cpu0123456789 \n:MemTotalkBSwapFreAvib-abcdef\x00٣"), max_size=200))
def test_no_text_raises(text: str) -> None:
    """Whatever comes instead: a value or issues, and no value of nothing."""
    for parse in (parse_cpu_times, parse_meminfo, parse_softnet):
        parsed = parse(text)
        assert parsed.value or parsed.issues
    assert parse_setting(text, "x").value is not None or parse_setting(text, "x").issues
    parse_table_size(text)


@given(st.lists(st.tuples(*[st.integers(0, 2**63)] * 8), min_size=1, max_size=8))
def test_times_are_read_as_they_were_written(times: list[tuple[int, ...]]) -> None:
    """Any number of processors, each with any times."""
    text = "".join(f"cpu{number} {' '.join(map(str, each))} 0 0\n" for number, each in enumerate(times))
    expected = tuple(CpuTimes(number, *each) for number, each in enumerate(times))
    assert parse_cpu_times(f"cpu  0 0\n{text}intr 1\n") == Parsed(expected)
