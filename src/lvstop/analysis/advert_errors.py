"""Adverts that keepalived refused, in plain words: what a kind of error means, and what to compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lvstop.model.vrrp import AdvertErrors, VrrpCounters


@dataclass(frozen=True, slots=True)
class AdvertErrorKind:
    """One of keepalived's counters of refused adverts.

    Attributes:
        title: a few words for a table.
        meaning: one sentence: why an advert is refused so.
        compare: what to compare on the directors, one sentence.
        count: takes it out of keepalived's statistics.
    """

    title: str
    meaning: str
    compare: str
    count: Callable[[AdvertErrors], int]


ADVERT_ERRORS: tuple[AdvertErrorKind, ...] = (
    AdvertErrorKind(
        "address list",
        "An advert names other virtual addresses than this director has.",
        "Compare virtual_ipaddress of this instance: the same addresses on every director.",
        lambda errors: errors.address_list,
    ),
    AdvertErrorKind(
        "authentication",
        "An advert carries another password.",
        "Compare auth_pass: only its first 8 characters count.",
        lambda errors: errors.auth_failure,
    ),
    AdvertErrorKind(
        "auth type differs",
        "An advert is authenticated in another way than this director's.",
        "Compare auth_type: PASS, AH or none, the same on every director.",
        lambda errors: errors.auth_type_mismatch,
    ),
    AdvertErrorKind(
        "auth type unknown",
        "An advert names a way of authentication that VRRP does not have.",
        "Compare the authentication blocks and vrrp_version; version 3 has no authentication.",
        lambda errors: errors.invalid_auth_type,
    ),
    AdvertErrorKind(
        "advert interval",
        "An advert announces another interval than this director's.",
        "Compare advert_int: VRRPv2 refuses adverts of another interval.",
        lambda errors: errors.advert_interval,
    ),
    AdvertErrorKind(
        "TTL is not 255",
        "An advert was routed on its way, so that its TTL is not 255.",
        "Compare interface and VLAN: all directors in one network; with unicast_peer, see unicast_ttl.",
        lambda errors: errors.ttl,
    ),
    AdvertErrorKind(
        "packet length",
        "An advert is shorter or longer than its content demands.",
        "Compare vrrp_version, auth_type and the number of addresses in virtual_ipaddress.",
        lambda errors: errors.packet_length,
    ),
    AdvertErrorKind(
        "packet type",
        "A packet of this VRID is no VRRP advert: something else uses protocol 112 there, CARP for one.",
        "Look who sends: `tcpdump -ni INTERFACE ip proto 112`; choose a VRID that is free.",
        lambda errors: errors.invalid_type,
    ),
)


class RefusedAdverts(NamedTuple):
    """How many adverts were refused for one reason; `grown` since somebody began to watch, None where unknown."""

    kind: AdvertErrorKind
    total: int
    grown: int | None


def refused_adverts(counters: VrrpCounters, growth: VrrpCounters | None) -> Iterator[RefusedAdverts]:
    """The reasons for which adverts were refused at all."""
    for kind in ADVERT_ERRORS:
        total = kind.count(counters.errors)
        if total:
            yield RefusedAdverts(kind, total, None if growth is None else kind.count(growth.errors))
