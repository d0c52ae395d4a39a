"""Names for a cluster and its directors, where nobody has given any: what they are called on the spot. Pure."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from itertools import takewhile

from lvstop.analysis.vrrp import told_instances
from lvstop.model.director import DirectorSnapshot

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_NUMBERED = re.compile(r"[-._]*[0-9]*$")
_SAYS_NOTHING = frozenset({"localhost", "vi", "vrrp", "default", ""})
_FALLBACK = "cluster"


def director_names(hosts: Sequence[str], hostnames: Sequence[str | None]) -> tuple[str, ...]:
    """A name for each director: its own without its domain, else the host's that was typed; no two alike.

    Args:
        hosts: what was typed to reach them.
        hostnames: what they call themselves; None where that is not known.
    """
    names: list[str] = []
    for number, (host, hostname) in enumerate(zip(hosts, hostnames, strict=True), start=1):
        candidates = (_label(hostname or ""), _label(host), f"director{number}")
        name = next(each for each in candidates if each not in _SAYS_NOTHING)
        taken = name in names
        names.append(f"{name}-{number}" if taken else name)
    return tuple(names)


def cluster_name(directors: Sequence[DirectorSnapshot]) -> str:
    """A name for the cluster: that of its only sync group or VRRP instance, else what its directors' names share."""
    answering = [each for each in directors if each.answers]
    groups = {group.name for each in answering for group in each.sync_groups or ()}
    instances = {instance.name for each in answering for instance in told_instances(each) or ()}
    for found in (groups, instances):
        name = _only(found).lower()
        if _NUMBERED.sub("", name) not in _SAYS_NOTHING:
            return name
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*(each.name for each in directors), strict=False))
    shared = "".join(letters[0] for letters in alike)
    return _NUMBERED.sub("", shared).lower() or _FALLBACK


def _only(names: Iterable[str | None]) -> str:
    first, *others = {_fit(name or "") for name in names} or {""}
    return "" if others else first


def _label(host: str) -> str:
    """`lb1` of `lb1.example.org`; empty of an address."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return _fit(host.partition(".")[0])
    return ""


def _fit(text: str) -> str:
    """As a name may be: see `config.values.parse_name`."""
    return _UNFIT.sub("-", text).strip("._-")
