"""keepalived.json, the answer to the JSON signal (vrrp_json.c): a list of instances, or from json_version 2 a mapping.

Up to 2.3.4 the writer leaves control characters raw, and the dump holds the VRRP password. It is never looked at here,
and no issue quotes the text.
"""

import json
from collections.abc import Mapping
from typing import Final

from lvstop.model.vrrp import AdvertErrors, VirtualAddress, VrrpCounters, VrrpInstance, VrrpSource, VrrpState
from lvstop.plain import plain_values
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.keepalived_words import STATES, read_epoch, read_virtual_address

SOURCE: Final = "keepalived.json"


def is_complete(text: str) -> bool:
    """The dump is written whole. Before 2.4.4 the file appears under its name while it is still being written."""
    return isinstance(_load(text), list | dict)


def parse_keepalived_json(text: str) -> Parsed[tuple[VrrpInstance, ...]]:
    """The instances, in the order of keepalived's configuration. Addresses include `virtual_ipaddress_excluded`."""
    issues = IssueLog(SOURCE)
    if not text.strip():
        issues.add(0, "", "the text is empty; a JSON document was expected")
        return Parsed((), issues.result())
    document = _load(text)
    entries = document.get("vrrp") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        reason = "no whole JSON document" if document is None else "neither a list of instances nor a mapping with vrrp"
        issues.add(0, "", reason)
        return Parsed((), issues.result())
    instances: list[VrrpInstance] = []
    for position, entry in enumerate(entries, 1):
        data = entry.get("data") if isinstance(entry, dict) else None
        name = data.get("iname") if isinstance(data, dict) else None
        if not isinstance(entry, dict) or not isinstance(data, dict) or not isinstance(name, str) or not name:
            issues.add(0, f"entry {position}", "expected an instance with data and a name")
            continue
        instances.append(_instance(name, _Fields(data, name, issues), _Fields(entry, name, issues)))
    return Parsed(tuple(instances), issues.result())


def _load(text: str) -> object:
    """The document, or None where the text is none (so is `null`)."""
    try:
        document: object = json.loads(text, strict=False, object_hook=plain_values)
    except (ValueError, RecursionError):
        return None
    return document


class _Fields:
    """Typed access to one JSON object. A field that is missing is None; one of another type is an issue and None."""

    def __init__(self, values: Mapping[str, object], instance: str, issues: IssueLog) -> None:
        self._values = values
        self._instance = instance
        self._issues = issues

    def bad(self, name: str, expected: str) -> None:
        """Report the field `name`; its value may be anything, so it is not quoted."""
        self._issues.add(0, f"{self._instance}: {name}", f"expected {expected}")

    def integer(self, name: str, maximum: int = 2**64 - 1) -> int | None:
        """A number of 0–`maximum`."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
            self.bad(name, f"a number of 0–{maximum}")
            return None
        return value

    def decimal(self, name: str) -> float | None:
        """A number that is not negative."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**63:
            self.bad(name, "a number")
            return None
        return float(value)

    def boolean(self, name: str) -> bool | None:
        """true and false, or 1 and 0."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, bool | int) or value not in (0, 1):
            self.bad(name, "true or false")
            return None
        return bool(value)

    def word(self, name: str) -> str | None:
        """A string; None where it is empty."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            self.bad(name, "a string")
            return None
        return value or None

    def state(self, name: str) -> VrrpState | None:
        """A state's number."""
        number = self.integer(name)
        if number is not None and number not in STATES:
            self.bad(name, "the number of a state")
        return None if number is None else STATES.get(number)

    def addresses(self, name: str) -> tuple[VirtualAddress, ...]:
        """A list of addresses; it is left out where it is empty."""
        values = self._values.get(name, [])
        if not isinstance(values, list):
            self.bad(name, "a list of addresses")
            return ()
        read = [read_virtual_address(value) if isinstance(value, str) else None for value in values]
        for position, address in enumerate(read, 1):
            if address is None:
                self.bad(f"{name}, entry {position}", "an address")
        return tuple(address for address in read if address is not None)

    def counters(self, name: str) -> VrrpCounters | None:
        """Statistics; None unless all of them are there."""
        values = self._values.get(name)
        if values is None:
            return None
        if not isinstance(values, dict):
            self.bad(name, "statistics")
            return None
        fields = _Fields(values, self._instance, self._issues)
        errors = [fields.integer(key) for key in _ERRORS]
        # Without VRRP_AUTH keepalived has no such errors to count.
        errors += [fields.integer(key) if key in values else 0 for key in _AUTHENTICATION_ERRORS]
        totals = [fields.integer(key) for key in _COUNTERS.values()]
        known_errors = [value for value in errors if value is not None]
        known_totals = [value for value in totals if value is not None]
        if len(known_errors) != len(errors) or len(known_totals) != len(totals):
            self.bad(name, "all of its statistics")
            return None
        return VrrpCounters(**dict(zip(_COUNTERS, known_totals, strict=True)), errors=AdvertErrors(*known_errors))


_COUNTERS: Final = {
    "adverts_received": "advert_rcvd",
    "adverts_sent": "advert_sent",
    "became_master": "become_master",
    "released_master": "release_master",
    "priority_zero_received": "pri_zero_rcvd",
    "priority_zero_sent": "pri_zero_sent",
}
# In the order of the model's fields.
_ERRORS: Final = (
    "packet_len_err",
    "advert_interval_err",
    "ip_ttl_err",
    "invalid_type_rcvd",
    "addr_list_err",
    "invalid_authtype",
)
_AUTHENTICATION_ERRORS: Final = ("authtype_mismatch", "auth_failure")


def _instance(name: str, data: _Fields, entry: _Fields) -> VrrpInstance:
    no_preempt = data.boolean("nopreempt")
    transition = data.decimal("last_transition")
    return VrrpInstance(
        name=name,
        state=data.state("state"),
        source=VrrpSource.KEEPALIVED,
        vips=data.addresses("vips") + data.addresses("evips"),
        wanted_state=data.state("wantstate"),
        vrid=data.integer("vrid", 255),
        version=data.integer("version"),
        interface=data.word("ifp_ifname"),
        priority=data.integer("base_priority", 255),
        effective_priority=data.integer("effective_priority", 255),
        master_priority=data.integer("master_priority", 255),
        preempt=None if no_preempt is None else not no_preempt,
        preempt_delay=data.decimal("preempt_delay"),
        advert_interval=data.decimal("adver_int"),
        last_transition=None if transition is None else read_epoch(transition),
        vips_set=data.boolean("vipset"),
        counters=entry.counters("stats"),
    )
