"""Files of /proc that tell how a machine fares. All of them may be read by everybody."""

import re

from lvstop.model.vitals import CpuTimes, Memory, SoftnetCounters
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_unsigned

_CPU = re.compile(r"cpu\d", re.ASCII)
_TIMES = re.compile(r"cpu\d{1,6}(?: \d{1,20}){8,}\s*", re.ASCII)
_CPU_FIELDS = 8
_KIB = 1024
_MEMORY = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")
_SOFTNET = re.compile(r"[0-9a-fA-F]{1,8}(?: [0-9a-fA-F]{1,8}){2,}")
_DROPPED, _SQUEEZED, _NUMBER = 1, 2, 12
_TABLE_SIZE = re.compile(r"\(size=(\d{1,10})\)", re.ASCII)


def parse_cpu_times(text: str) -> Parsed[tuple[CpuTimes, ...] | None]:
    """/proc/stat (proc_stat(5)): `cpuN` and ten times a line. Lines about other things, and the sum, are passed over.

    Kernels before 2.6.33 have fewer than ten times; the first eight are needed.
    """
    log = IssueLog("/proc/stat")
    found: list[CpuTimes] = []
    for line_number, line in enumerate(text.split("\n"), 1):
        if _CPU.match(line) is None:
            continue
        if _TIMES.fullmatch(line) is None:
            log.add(line_number, line, "expected at least eight times of a processor")
            continue
        name, *words = line.split()
        found.append(CpuTimes(int(name[3:]), *map(int, words[:_CPU_FIELDS])))
    if not found:
        log.add(0, "", "expected a line for each processor")
    return Parsed(tuple(found) or None, log.result())


def parse_meminfo(text: str) -> Parsed[Memory | None]:
    """/proc/meminfo (proc_meminfo(5)): `NAME: N kB` a line; four are used. MemAvailable came with Linux 3.14."""
    log = IssueLog("/proc/meminfo")
    values: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, _, rest = line.partition(":")
        if name not in _MEMORY:
            continue
        words = rest.split()
        value = read_unsigned(words[0]) if len(words) == 2 and words[1] == "kB" else None
        if value is None:
            log.add(number, line, "expected a number of kB")
        else:
            values[name] = value * _KIB
    if not {"MemTotal", "SwapTotal", "SwapFree"} <= values.keys():
        log.add(0, "", "expected MemTotal, SwapTotal and SwapFree")
        return Parsed(None, log.result())
    memory = Memory(values["MemTotal"], values.get("MemAvailable"), values["SwapTotal"], values["SwapFree"])
    return Parsed(memory, log.result())


def parse_softnet(text: str) -> Parsed[tuple[SoftnetCounters, ...] | None]:
    """/proc/net/softnet_stat: a line for each processor that is online, hexadecimal numbers (`softnet_seq_show`).

    The thirteenth is the processor's number, from Linux 5.10 on; before, lines count from 0.
    """
    log = IssueLog("/proc/net/softnet_stat")
    found: list[SoftnetCounters] = []
    for place, line in enumerate(text.split("\n")):
        if not line.strip():
            continue
        if _SOFTNET.fullmatch(line.strip()) is None:
            log.add(place + 1, line, "expected hexadecimal numbers, at least three")
            continue
        words = line.split()
        number = int(words[_NUMBER], 16) if len(words) > _NUMBER else place
        found.append(SoftnetCounters(number, int(words[_DROPPED], 16), int(words[_SQUEEZED], 16)))
    if not found:
        log.add(0, "", "expected a line for each processor")
    return Parsed(tuple(found) or None, log.result())


def parse_setting(text: str, source: str) -> Parsed[int | None]:
    """A file below /proc/sys that holds one number, for example nf_conntrack_count."""
    log = IssueLog(source)
    value = read_unsigned(text.strip())
    if value is None:
        log.add(1 if text.strip() else 0, text, "expected one number")
    return Parsed(value, log.result())


def parse_table_size(heading: str) -> int | None:
    """Buckets of the hash table of connections, from the first line of /proc/net/ip_vs (`ip_vs_info_seq_show`)."""
    match = _TABLE_SIZE.search(heading)
    return None if match is None else int(match[1])
