"""keepalived.data, the answer to SIGUSR1 (vrrp_data.c, vrrp_track.c, track_file.c of keepalived).

A free-form dump "whose format is not guaranteed": what is not known is passed over. It holds the VRRP password, too,
which is passed over as well.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final, TypeVar

from lvstop.model.address import IPAddress
from lvstop.model.vrrp import SyncGroup, VirtualAddress, VrrpInstance, VrrpSource, VrrpState, VrrpTrackFile
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.keepalived_words import STATES, read_epoch, read_virtual_address
from lvstop.probe.parse.numbers import read_float, read_unsigned

SOURCE: Final = "keepalived.data"

_LAST_SECTION: Final = "Interfaces"
"""Its heading is a reliable end of all that is read here: `dump_data_vrrp` of 2.0–2.4 writes that section last and
always, as every network namespace has `lo`. Sockpool, sync groups and track files are left out where there are none.
"""

_STATE_NAMES: Final = {state.value: state for state in STATES.values()}
_UNKNOWN_STATE: Final = "unknown"
"""How the dump calls states other than INIT, BACKUP, MASTER and FAULT."""

_TRACKING: Final = re.compile(r"(?P<name>.+), weight (?P<weight>-?[0-9]{1,10})(?P<reverse> reverse)?")
_TRACKING_WEIGHT: Final = "sync group tracking weight set"
_SIGNED: Final = re.compile(r"-?[0-9]{1,19}")
_MILLISECONDS: Final = "milli-sec"

T = TypeVar("T")

_Trackers = dict[str, list[tuple[str, int]]]
"""By the name of a track file: who tracks it, and with which weight."""


@dataclass(frozen=True, slots=True)
class KeepalivedData:
    """What the dump says of VRRP.

    Attributes:
        track_files: those that VRRP knows, with who tracks them; a weight that keepalived ignores, for its instance is
            in a sync group, is not among them (`vrrp_complete_instance` in vrrp.c).
        complete: the dump goes as far as its last section. Otherwise the last value of each kind may be cut short.
    """

    instances: tuple[VrrpInstance, ...]
    sync_groups: tuple[SyncGroup, ...]
    track_files: tuple[VrrpTrackFile, ...]
    complete: bool


NO_VRRP = KeepalivedData((), (), (), complete=True)
"""What a keepalived that runs no VRRP would say."""


@dataclass(slots=True)
class _Block:
    """One instance, group or file: its own line, its keys and the lists below some of them, all with line numbers."""

    number: int
    title: str
    values: dict[str, tuple[int, str]] = field(default_factory=dict)
    lists: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


# Up to 2.0 it is ` VRRP Track file = `.
_TITLES: Final = {
    "VRRP Topology": (" VRRP Instance = ",),
    "VRRP Sync groups": (" VRRP Sync Group = ",),
    "VRRP Track files": (" Track file = ", " VRRP Track file = "),
}


def parse_keepalived_data(text: str) -> Parsed[KeepalivedData]:
    """The instances, sync groups and track files of the dump, in its order."""
    issues = IssueLog(SOURCE)
    lines = text.split("\n")
    sections: set[str] = set()
    blocks: dict[str, list[_Block]] = {section: [] for section in _TITLES}
    _collect(lines[:-1], sections, blocks)
    complete = _LAST_SECTION in sections and not lines[-1]
    if not text.strip():
        issues.add(0, "", "the text is empty; a dump was expected")
    elif not complete:
        issues.add(0, "", f"the dump ends before its last section, {_LAST_SECTION}")
    by_instances: _Trackers = {}
    by_groups: _Trackers = {}
    instances: list[VrrpInstance] = []
    for block in blocks["VRRP Topology"]:
        reader = _Reader(block, issues)
        instance = reader.instance()
        if instance is not None and instance.name is not None:
            instances.append(instance)
            reader.note_tracked_files(instance.name, by_instances)
    groups: list[SyncGroup] = []
    for block in blocks["VRRP Sync groups"]:
        reader = _Reader(block, issues)
        group = reader.sync_group()
        if group is not None:
            groups.append(group)
            reader.note_tracked_files(group.name, by_groups)
    files = [_Reader(block, issues).track_file(by_instances, by_groups) for block in blocks["VRRP Track files"]]
    return Parsed(KeepalivedData(tuple(instances), tuple(groups), tuple(files), complete), issues.result())


def _collect(lines: Sequence[str], sections: set[str], blocks: dict[str, list[_Block]]) -> None:
    """Sort the lines of the sections that matter into blocks by their indentation: 1 title, 3 key, 5 list."""
    section, titles = "", None
    here: _Block | None = None
    items: list[tuple[int, str]] | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("------<"):
            section = line.strip("-<> ")
            sections.add(section)
            titles, here, items = _TITLES.get(section), None, None
        elif titles is None:
            continue
        elif line.startswith(titles):
            here, items = _Block(number, line.partition(" = ")[2]), None
            blocks[section].append(here)
        elif here is None or not line.startswith("   "):
            here = None
        elif line[3:4] != " ":
            key, separator, value = line[3:].partition(" = ")
            if separator:
                here.values.setdefault(key, (number, value))
            # Above a list it is `Virtual IP (2):` since 2.2, `Virtual IP :` in 2.1, `Virtual IP = 2` before.
            items = here.lists.setdefault(key.rstrip(":").partition("(")[0].strip(), [])
        elif items is not None and line.startswith("     "):
            items.append((number, line[5:]))


class _Reader:
    """Reads the values of one block. One that is missing is None; one that is unreadable is an issue and None."""

    def __init__(self, block: _Block, issues: IssueLog) -> None:
        self._block = block
        self._issues = issues

    def instance(self) -> VrrpInstance | None:
        """A VRRP instance; None without a name."""
        name = self._block.title.strip()
        if not name:
            self._issues.add(self._block.number, self._block.title, "expected an instance's name")
            return None
        vips = [*self._addresses("Virtual IP"), *self._addresses("Virtual IP Excluded")]
        # The last word, but for a firewall's rule that is set as well (`set nftable_set`).
        set_words = ["set" in item.split()[-3:] for _, item in self._block.lists.get("Virtual IP", [])]
        state = self._value("State", _state)
        return VrrpInstance(
            name=name,
            state=state,
            source=VrrpSource.KEEPALIVED,
            vips=tuple(vips),
            wanted_state=self._value("Wantstate", _state),
            vrid=self._value("Virtual Router ID", _up_to_255),
            version=self._value("VRRP Version", _up_to_255),
            interface=self._value("Interface", _interface),
            priority=self._value("Priority", _up_to_255),
            effective_priority=self._value("Effective priority", _up_to_255),
            # Only written while BACKUP; a master remembers it, and does not tell.
            master_priority=None if state is VrrpState.MASTER else self._value("Master priority", _up_to_255),
            preempt=self._value("Preempt", _enabled),
            preempt_delay=self._preempt_delay(),
            advert_interval=self._value("Advert interval", _seconds),
            last_transition=self._value("Last transition", _moment),
            sync_group=self._value("Sync group", str.strip),
            unicast_peers=self._peers(),
            vips_set=True if set_words and all(set_words) else None if any(set_words) or not set_words else False,
        )

    def _peers(self) -> tuple[IPAddress, ...]:
        """`ADDRESS min_ttl 0 max_ttl 255`, a line each; where adverts are multicast there is none."""
        found: list[IPAddress] = []
        for number, item in self._block.lists.get("Unicast Peer", []):
            try:
                found.append(ip_address(item.split()[0] if item.split() else ""))
            except ValueError:
                self._issues.add(number, item, "expected an address")
        return tuple(found)

    def _preempt_delay(self) -> float | None:
        """Only written where there is one."""
        if "Preempt delay" in self._block.values or "Preempt" not in self._block.values:
            return self._value("Preempt delay", _seconds)
        return 0.0

    def sync_group(self) -> SyncGroup | None:
        """A sync group: `NAME, STATE` and its members."""
        name, _, state = self._block.title.rpartition(", ")
        if not name or state not in (*_STATE_NAMES, _UNKNOWN_STATE):
            self._issues.add(self._block.number, self._block.title, "expected a sync group's name and state")
            return None
        members = tuple(member.strip() for _, member in self._block.lists.get("VRRP member instances", []))
        # the words stand there, or nothing does (`dump_sync_group`)
        weighted = _TRACKING_WEIGHT in self._block.lists
        return SyncGroup(name, _STATE_NAMES.get(state), members, weighted)

    def note_tracked_files(self, tracker: str, trackers: "_Trackers") -> None:
        """Add what an instance or a group tracks by itself: `NAME, weight N[ reverse]`."""
        for number, item in self._block.lists.get("Tracked files", []):
            match = _TRACKING.fullmatch(item)
            if match is None:
                self._issues.add(number, item, "expected a track file and its weight")
                continue
            weight = -int(match["weight"]) if match["reverse"] else int(match["weight"])
            trackers.setdefault(match["name"], []).append((tracker, weight))

    def track_file(self, by_instances: "_Trackers", by_groups: "_Trackers") -> VrrpTrackFile:
        """A track file. Its own list of instances says the same once more, groups taken apart into their members."""
        name = self._block.title.strip()
        return VrrpTrackFile(
            name=name,
            path=self._value("File", str.strip),
            status=self._value("Status", _signed),
            instances=tuple(by_instances.get(name, ())),
            groups=tuple(by_groups.get(name, ())),
        )

    def _value(self, key: str, read: Callable[[str], T | None]) -> T | None:
        """What `read` makes of the value of `key`; it raises ValueError where it cannot."""
        number, text = self._block.values.get(key, (0, ""))
        if not number:
            return None
        try:
            return read(text)
        except ValueError as error:
            self._issues.add(number, f"{key} = {text}", f"expected {error}")
            return None

    def _addresses(self, name: str) -> list[VirtualAddress]:
        found: list[VirtualAddress] = []
        for number, item in self._block.lists.get(name, []):
            address = read_virtual_address(item)
            if address is None:
                self._issues.add(number, item, "expected an address")
            else:
                found.append(address)
        return found


def _up_to_255(text: str) -> int:
    value = read_unsigned(text.strip(), 255)
    if value is None:
        raise ValueError("a number of 0–255")
    return value


def _signed(text: str) -> int:
    if _SIGNED.fullmatch(text.strip()) is None:
        raise ValueError("a number")
    return int(text)


def _state(text: str) -> VrrpState | None:
    name = text.strip()
    if name not in (*_STATE_NAMES, _UNKNOWN_STATE):
        raise ValueError("a state")
    return _STATE_NAMES.get(name)


def _interface(text: str) -> str | None:
    """`eth0`, or `vrrp.33, vmac on eth0`."""
    name = text.partition(",")[0].strip()
    if not name:
        raise ValueError("an interface")
    return None if name == "not configured" else name


def _enabled(text: str) -> bool:
    if text.strip() not in ("enabled", "disabled"):
        raise ValueError("enabled or disabled")
    return text.strip() == "enabled"


def _seconds(text: str) -> float:
    """`1 sec`, `500 milli-sec`, `1.5 secs`."""
    number, _, unit = text.strip().partition(" ")
    value = read_float(number)
    if value is None or unit not in ("sec", "secs", _MILLISECONDS):
        raise ValueError("a number of seconds")
    return value / 1000 if unit == _MILLISECONDS else value


def _moment(text: str) -> datetime | None:
    """`1795360365.023937 (Sun …)`, of which the number is the same in every version."""
    value = read_float(text.partition(" ")[0])
    if value is None:
        raise ValueError("seconds since the epoch")
    return read_epoch(value)
