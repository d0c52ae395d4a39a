"""keepalived.json: real recordings, both layouts, the writer's bugs, and the password that must not get out."""

import json
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from lvstop.model.vrrp import AdvertErrors, VirtualAddress, VrrpCounters, VrrpInstance, VrrpSource, VrrpState
from lvstop.probe.parse.keepalived_json import is_complete, parse_keepalived_json
from support.recordings import RELEASES, recorded

SECRET = "not-a-secret"  # noqa: S105

COUNTER_KEYS = (
    "advert_rcvd advert_sent become_master release_master packet_len_err advert_interval_err ip_ttl_err "
    "invalid_type_rcvd addr_list_err invalid_authtype pri_zero_rcvd pri_zero_sent"
)

MINIMAL = {
    "iname": "A",
    "state": 2,
    "wantstate": 2,
    "vrid": 20,
    "auth_type": 1,
    "auth_data": SECRET,
}


def document(stats: object = None, **data: object) -> str:
    """A dump of one instance with some fields replaced."""
    entry: dict[str, object] = {"data": MINIMAL | data}
    if stats is not None:
        entry["stats"] = stats
    return json.dumps([entry])


def only(text: str, issues: int = 0) -> VrrpInstance:
    """The one instance of a dump, with so many issues; whatever happens, the password shows nowhere."""
    parsed = parse_keepalived_json(text)
    assert SECRET not in repr(parsed)
    assert len(parsed.issues) == issues, parsed.issues
    (instance,) = parsed.value
    return instance


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_master(release: str) -> None:
    """The first of two instances in full."""
    parsed = parse_keepalived_json(recorded(release, "base_d1__tmp_keepalived.json"))
    assert parsed.issues == ()
    web4, web6 = parsed.value
    assert web4.counters is not None
    assert web4 == VrrpInstance(
        name="WEB4",
        state=VrrpState.MASTER,
        source=VrrpSource.KEEPALIVED,
        vips=(
            VirtualAddress(ip_address("10.9.0.200"), 24, "eth0"),
            VirtualAddress(ip_address("10.9.0.201"), 32, "eth0"),
        ),
        wanted_state=VrrpState.MASTER,
        vrid=51,
        version=2,
        interface="eth0",
        priority=150,
        effective_priority=150,
        master_priority=0,
        preempt=True,
        preempt_delay=0.0,
        advert_interval=1.0,
        last_transition=web4.last_transition,
        sync_group=None,
        vips_set=True,
        counters=VrrpCounters(0, web4.counters.adverts_sent, 1, 0, 0, 0, AdvertErrors(0, 0, 0, 0, 0, 0, 0, 0)),
    )
    assert web4.counters.adverts_sent > 0
    assert web4.last_transition is not None
    assert web4.last_transition.date().isoformat() == "2026-11-22"
    assert (web6.version, web6.advert_interval) == (3, 0.5)
    assert web6.vips == (
        VirtualAddress(ip_address("2001:db8:9::200"), 64, "eth0"),
        VirtualAddress(ip_address("fe80::200"), 128, "eth0"),
    )


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_backup(release: str) -> None:
    """It knows the master's priority, and has no address set."""
    for instance in parse_keepalived_json(recorded(release, "base_d2__tmp_keepalived.json")).value:
        assert (instance.state, instance.priority, instance.master_priority) == (VrrpState.BACKUP, 100, 150)
        assert instance.vips_set is False
        assert len(instance.vips) == 2


@pytest.mark.parametrize("release", RELEASES)
def test_the_layout_of_json_version_2(release: str) -> None:
    """From 2.2.8 on the list may stand in a mapping."""
    text = recorded(release, "base_d1__tmp_keepalived.json")
    assert parse_keepalived_json(f'{{"vrrp":{text},"track_process":[]}}') == parse_keepalived_json(text)


@pytest.mark.parametrize("release", RELEASES)
def test_half_a_file_is_not_complete(release: str) -> None:
    """It appears under its name before it is written."""
    text = recorded(release, "base_d1__tmp_keepalived.json").rstrip()
    assert is_complete(text)
    assert not any(is_complete(text[:length]) for length in range(len(text)))
    parsed = parse_keepalived_json(text[:-1])
    assert (parsed.value, [issue.line_number for issue in parsed.issues]) == ((), [0])


@pytest.mark.parametrize("text", ["", " \n", "null", "0", '"x"', "{}", '{"vrrp": 1}', "[" * 100_000, "9" * 10_000])
def test_what_is_no_dump_is_an_issue(text: str) -> None:
    """None of it raises."""
    parsed = parse_keepalived_json(text)
    assert (parsed.value, [issue.line_number for issue in parsed.issues]) == ((), [0])


def test_no_instances_are_an_answer() -> None:
    """A daemon without any, which then does not write the file at all, and a reload that lost them."""
    assert parse_keepalived_json("[]").issues == ()


def test_raw_control_characters() -> None:
    """The writer of 2.3.4 and before leaves them as they are."""
    text = document(iname="A\tB").replace("\\t", "\t").replace(SECRET, f"x\n{SECRET}\x01")
    assert "\t" in text
    assert is_complete(text)
    assert only(text).name == "A\tB"


@pytest.mark.parametrize(
    ("number", "state"),
    [(0, "INIT"), (1, "BACKUP"), (2, "MASTER"), (3, "FAULT"), (97, "DELETED"), (98, "STOP")],
)
def test_states(number: int, state: str) -> None:
    """vrrp.h's numbers."""
    assert only(document(state=number)).state == VrrpState(state)


@pytest.mark.parametrize("number", [4, -1, 2.5, "2", True, 10**30, [], {}])
def test_no_state(number: object) -> None:
    """Unknown is None, and said."""
    assert only(document(state=number), issues=1).state is None


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        (1795360229.970095, datetime(2026, 11, 22, 15, 10, 29, 970095, UTC)),
        (0, None),
        (0.0, None),
        (1e15, None),
        (253402300799.9999999, None),
    ],
)
def test_transitions(seconds: float, moment: datetime | None) -> None:
    """0 is never; what no calendar holds is no moment."""
    assert only(document(last_transition=seconds)).last_transition == moment


def test_not_a_number_is_no_moment() -> None:
    """Python's JSON reader takes NaN and Infinity."""
    for word in ("NaN", "Infinity", "-1"):
        assert only(document(last_transition=5).replace(": 5", f": {word}"), issues=1).last_transition is None


@pytest.mark.parametrize(
    ("text", "address", "prefix", "interface"),
    [
        ("192.168.66.20/24 dev eth0 scope global set", "192.168.66.20", 24, "eth0"),
        ("192.168.66.20 brd 192.168.66.255 dev vrrp.33@eth0 use_vmac scope global", "192.168.66.20", 32, "vrrp.33"),
        ("fe80::99 dev eth0 scope global deprecated set", "fe80::99", 128, "eth0"),
        ("fd66::32/64 dev eth0 scope global preferred_lft forever set", "fd66::32", 64, "eth0"),
        ("192.168.66.20 dev (null)@NOWHERE scope global", "192.168.66.20", 32, None),
        ("192.168.66.20", "192.168.66.20", 32, None),
        ("192.168.66.20 dev", "192.168.66.20", 32, None),
    ],
)
def test_virtual_addresses(text: str, address: str, prefix: int, interface: str | None) -> None:
    """The first word and the interface."""
    assert only(document(vips=[text])).vips == (VirtualAddress(ip_address(address), prefix, interface),)


@pytest.mark.parametrize("value", ["", "None dev eth0", "10.0.0.1/33", "10.0.0.1/x", 5, None, [], "10.0.0.256"])
def test_no_virtual_address(value: object) -> None:
    """The others stay."""
    instance = only(document(vips=["10.0.0.1 dev eth0", value]), issues=1)
    assert [str(vip.address) for vip in instance.vips] == ["10.0.0.1"]


def test_excluded_addresses_are_claimed_too() -> None:
    """`virtual_ipaddress_excluded` is left out of adverts, not of the interface."""
    instance = only(document(vips=["10.0.0.1 dev eth0"], evips=["10.0.0.2 dev eth0"]))
    assert [str(vip.address) for vip in instance.vips] == ["10.0.0.1", "10.0.0.2"]


def test_missing_is_unknown() -> None:
    """An instance without an interface (dynamic_interfaces), without statistics, without anything."""
    instance = only('[{"data": {"iname": "A"}}]')
    assert instance == VrrpInstance("A", None, VrrpSource.KEEPALIVED, ())
    assert instance.preempt is None


def test_types_are_not_trusted() -> None:
    """One issue for each; none of them quotes a value."""
    odd: dict[str, object] = {
        "vrid": 256,
        "base_priority": SECRET,
        "nopreempt": SECRET,
        "ifp_ifname": 7,
        "vips": SECRET,
    }
    instance = only(document(adver_int="1", **odd), issues=6)
    assert (instance.vrid, instance.priority, instance.preempt, instance.interface, instance.vips) == (None,) * 4 + (
        (),
    )
    assert only(document(nopreempt=1)).preempt is False
    assert only(document(stats=[]), issues=1).counters is None


def test_statistics_are_whole_or_unknown() -> None:
    """Without VRRP_AUTH there are no authentication errors to count; anything else that lacks is unknown."""
    stats = dict.fromkeys(COUNTER_KEYS.split(), 7)
    counters = only(document(stats=stats)).counters
    assert counters == VrrpCounters(7, 7, 7, 7, 7, 7, AdvertErrors(7, 7, 7, 7, 7, 7, 0, 0))
    del stats["advert_sent"]
    assert only(document(stats=stats), issues=1).counters is None


@pytest.mark.parametrize("entry", ["1", "{}", '{"data": 1}', '{"data": {}}', '{"data": {"iname": ""}}'])
def test_an_entry_without_a_name_is_none(entry: str) -> None:
    """The others stay."""
    parsed = parse_keepalived_json(f'[{entry}, {{"data": {{"iname": "B"}}}}]')
    assert [instance.name for instance in parsed.value] == ["B"]
    assert len(parsed.issues) == 1
