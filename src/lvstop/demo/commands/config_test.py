"""`keepalived -t`: whether it would take a configuration (parser.c, main.c and track_file.c of keepalived 2.2)."""

from collections.abc import Iterator
from typing import Final

from lvstop.demo.commands import Said
from lvstop.demo.commands.conf_text import is_balanced, lines_of, words_of

_INVALID: Final = 5
"""KEEPALIVED_EXIT_CONFIG_TEST."""

_VRRP_BLOCKS: Final = frozenset(
    ("unicast_peer", "authentication", "track_interface", "track_file", "virtual_ipaddress")
)
_KNOWN: Final = {
    "global_defs": frozenset(
        ("router_id", "lvs_flush", "lvs_flush_onstop", "enable_dbus", "lvs_sync_daemon", "enable_script_security")
    ),
    "track_file": frozenset(("file", "weight", "init_file")),
    "vrrp_track_file": frozenset(("file", "weight", "init_file")),
    "vrrp_sync_group": frozenset(("group", "track_file", "sync_group_tracking_weight")),
    "vrrp_instance": _VRRP_BLOCKS
    | frozenset(
        ("state", "interface", "virtual_router_id", "priority", "advert_int", "version", "nopreempt", "preempt_delay")
    )
    | frozenset(("garp_master_delay", "garp_master_repeat", "unicast_src_ip", "mcast_src_ip")),
    "virtual_server": None,
}
"""What may stand in a block; None: this is not looked at."""


def config_test(text: str, path: str) -> Said:
    """What it says of a file, whose name is `path`, and its exit status."""
    complaints = [*_unknown(text, path), *_untracked(text, path)]
    if not is_balanced(text):
        complaints.append(f"({path}: Line {len(text.splitlines())}) There are unmatched braces in the configuration")
    return Said("".join(f"{each}\n" for each in complaints), _INVALID if complaints else 0)


def _unknown(text: str, path: str) -> Iterator[str]:
    for number, line in enumerate(lines_of(text), 1):
        if not line.words or line.words[0] in "{}":
            continue
        block = line.title.partition(" ")[0]
        known = _KNOWN.get(block, frozenset())
        word = line.words[0]
        if (line.depth == 0 and word not in _KNOWN) or (line.depth == 1 and known is not None and word not in known):
            yield f"({path}: Line {number}) Unknown keyword '{word}'"


def _untracked(text: str, path: str) -> Iterator[str]:
    """Files that are tracked before they are declared; keepalived reads once from the top."""
    declared: set[str] = set()
    inside = ""
    for number, line in enumerate(lines_of(text), 1):
        kind, _, name = line.title.partition(" ")
        if line.opens and kind in ("track_file", "vrrp_track_file"):
            declared.add(name)
        if line.depth == 1:
            inside = words_of(line.text)[0] if line.words else inside
        if line.depth == 2 and inside == "track_file" and line.words[0] not in ("}", "{", *declared):
            yield f"({path}: Line {number}) ({name}) track file {line.words[0]} not found, ignoring..."
