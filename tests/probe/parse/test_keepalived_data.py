"""keepalived.data: VRRP instances, sync groups and track files, and never the password that stands beside them."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.model.vrrp import SyncGroup, VirtualAddress, VrrpInstance, VrrpSource, VrrpState, VrrpTrackFile
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.keepalived_data import KeepalivedData, parse_keepalived_data
from lvstop.probe.parse.keepalived_json import parse_keepalived_json
from support.recordings import RELEASES, recorded

SECRET = "s3cr3t"  # noqa: S105
MOMENTS = ("base", "back")
TRANSITIONS = {
    "debian-11": (datetime(2026, 11, 22, 15, 12, 47, 915735, UTC), datetime(2026, 11, 22, 15, 12, 47, 921084, UTC)),
    "debian-12": (datetime(2026, 11, 22, 15, 10, 29, 970095, UTC), datetime(2026, 11, 22, 15, 10, 29, 976197, UTC)),
    "debian-13": (datetime(2026, 11, 22, 15, 11, 38, 628996, UTC), datetime(2026, 11, 22, 15, 11, 38, 671017, UTC)),
}


def leaky(release: str, name: str) -> str:
    """A real dump with a password in clear, as keepalived wrote it; in the recordings it is masked."""
    text = recorded(release, name)
    assert text.count("   Password = ********\n") == 1
    return text.replace("Password = ********", f"Password = {SECRET}")


def dump(*lines: str) -> str:
    """A dump of one instance A with further `lines`, and the section that ends it."""
    body = "".join(f"{line}\n" for line in lines)
    return f"------< VRRP Topology >------\n VRRP Instance = A\n{body}------< Interfaces >------\n Name = lo\n"


def clean(text: str) -> KeepalivedData:
    """A dump without issues."""
    parsed = parse_keepalived_data(text)
    assert parsed.issues == ()
    return parsed.value


def instance(*lines: str) -> VrrpInstance:
    """The instance A with `lines`."""
    (found,) = clean(dump(*lines)).instances
    return found


def vips(*texts: str) -> tuple[VirtualAddress, ...]:
    """`10.9.0.200/24`: addresses on eth0."""
    parts = [text.split("/") for text in texts]
    return tuple(VirtualAddress(ip_address(address), int(length), "eth0") for address, length in parts)


@pytest.mark.parametrize("release", RELEASES)
def test_a_real_master(release: str) -> None:
    """Everything, in all three versions: IPv4 and VRRP 2 in seconds, IPv6 and VRRP 3 in milliseconds."""
    web4 = VrrpInstance(
        name="WEB4",
        state=VrrpState.MASTER,
        source=VrrpSource.KEEPALIVED,
        vips=vips("10.9.0.200/24", "10.9.0.201/32"),
        wanted_state=VrrpState.MASTER,
        vrid=51,
        version=2,
        interface="eth0",
        priority=150,
        effective_priority=150,
        preempt=True,
        preempt_delay=0.0,
        advert_interval=1.0,
        last_transition=TRANSITIONS[release][0],
        sync_group="G",
        vips_set=True,
        unicast_peers=(),
    )
    web6 = replace(
        web4,
        name="WEB6",
        vips=vips("2001:db8:9::200/64", "fe80::200/128"),
        vrid=52,
        version=3,
        advert_interval=0.5,
        last_transition=TRANSITIONS[release][1],
    )
    for name in ("base_d1__tmp_keepalived.data", "trackfile_d1__tmp_keepalived.data"):
        assert clean(recorded(release, name)) == KeepalivedData(
            instances=(web4, web6),
            sync_groups=(SyncGroup("G", VrrpState.MASTER, ("WEB4", "WEB6"), False),),
            track_files=(),
            complete=True,
        )


@pytest.mark.parametrize("release", RELEASES)
def test_a_real_backup(release: str) -> None:
    """It tells the master's priority, which a master does not, and has set no address."""
    data = clean(recorded(release, "base_d2__tmp_keepalived.data"))
    assert [found.name for found in data.instances] == ["WEB4", "WEB6"]
    for found in data.instances:
        assert (found.state, found.wanted_state, found.vips_set) == (VrrpState.BACKUP, VrrpState.BACKUP, False)
        assert (found.priority, found.effective_priority, found.master_priority) == (100, 100, 150)
    assert data.instances[1].vips == vips("2001:db8:9::200/64", "fe80::200/128")
    assert data.sync_groups == (SyncGroup("G", VrrpState.BACKUP, ("WEB4", "WEB6"), False),)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("director", ["d1", "d2"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_both_dumps_say_the_same(release: str, director: str, moment: str) -> None:
    """What the JSON of the same moment says, except for what only one of them has.

    That are groups and peers; and counters, and which priority another master had before this one.
    """
    name = f"{moment}_{director}__tmp_keepalived"
    json = parse_keepalived_json(recorded(release, f"{name}.json"))
    assert json.issues == ()
    data = clean(recorded(release, f"{name}.data"))
    assert tuple(replace(found, sync_group=None, unicast_peers=None) for found in data.instances) == tuple(
        replace(
            found, counters=None, master_priority=None if found.state is VrrpState.MASTER else found.master_priority
        )
        for found in json.value
    )


def test_other_sections_repeat_the_words() -> None:
    """Interfaces and scripts have a State, an interface is tracked by instances; none of it belongs to an instance."""
    text = dump("   State = FAULT").replace("------< Int", "------< VRRP Scripts >------\n   State = idle\n------< Int")
    data = clean(text + "   State = UP, RUNNING\n   Tracking VRRP instances :\n     A, weight 0\n")
    assert [found.state for found in data.instances] == [VrrpState.FAULT]


@pytest.mark.parametrize("state", ["INIT", "BACKUP", "MASTER", "FAULT"])
def test_states(state: str) -> None:
    """Those that have a name."""
    assert instance(f"   State = {state}").state is VrrpState(state)


def test_a_state_that_keepalived_calls_unknown() -> None:
    """STOP and DELETED are `unknown` in every version: no state, and nothing to report."""
    text = dump("   State = unknown", "   Wantstate = unknown").replace(
        "------< Int", "------< VRRP Sync groups >------\n VRRP Sync Group = G, unknown\n------< Int"
    )
    data = clean(text)
    assert (data.instances[0].state, data.instances[0].wanted_state) == (None, None)
    assert data.sync_groups == (SyncGroup("G", None, (), False),)


def test_an_instance_that_never_changed() -> None:
    """Its last transition is 0, which is no moment of 1970."""
    assert instance("   Last transition = 0.000000 (Thu Jan  1 00:00:00 1970.000000)").last_transition is None


def test_preemption() -> None:
    """A delay is only written where there is one, `%g`."""
    assert instance("   Preempt = disabled").preempt is False
    found = instance("   Preempt = enabled", "   Preempt delay = 0.5 secs")
    assert (found.preempt, found.preempt_delay) == (True, 0.5)
    assert instance().preempt_delay is None


@pytest.mark.parametrize(
    ("text", "interface"),
    [
        ("eth0", "eth0"),
        ("vrrp.33, vmac on eth0, xmit base i/f", "vrrp.33"),
        ("not configured", None),
    ],
)
def test_interfaces(text: str, interface: str | None) -> None:
    """A VMAC is the interface that has the addresses."""
    assert instance(f"   Interface = {text}").interface == interface


@pytest.mark.parametrize("heading", ["Virtual IP :", "Virtual IP (3):", "Virtual IP = 3"])
def test_addresses(heading: str) -> None:
    """Under the headings of 2.1, 2.2 and 2.0; what is excluded from adverts is claimed all the same."""
    found = instance(
        f"   {heading}",
        "     10.9.0.200/24 brd 10.9.0.255 dev vrrp.33@eth0 use_vmac scope global set",
        "     10.9.0.201 dev eth1 scope link label eth1:1 peer 10.9.0.202/32 no_track set iptable_set nftable_set",
        "     fd66::32/64 dev eth0 scope global preferred_lft forever set",
        "   Virtual IP Excluded :",
        "     192.0.2.1 dev eth2 scope global set",
        "   Unicast Peer :",
        "     10.9.0.102 min_ttl 0 max_ttl 255",
    )
    assert found.vips == (
        VirtualAddress(ip_address("10.9.0.200"), 24, "vrrp.33"),
        VirtualAddress(ip_address("10.9.0.201"), 32, "eth1"),
        VirtualAddress(ip_address("fd66::32"), 64, "eth0"),
        VirtualAddress(ip_address("192.0.2.1"), 32, "eth2"),
    )
    assert found.vips_set is True


def test_addresses_of_which_only_some_are_set() -> None:
    """Neither yes nor no."""
    assert instance("   Virtual IP :", "     10.9.0.1 dev a scope global set", "     10.9.0.2 dev a").vips_set is None
    assert instance("   State = MASTER").vips_set is None


def test_names_may_hold_anything() -> None:
    """A comma in a group's name; an instance whose name looks like a key."""
    text = (
        "------< VRRP Topology >------\n VRRP Instance = State = MASTER\n   State = BACKUP\n"
        "------< VRRP Sync groups >------\n VRRP Sync Group = a, b, FAULT\n   VRRP member instances = 1\n     x, y\n"
        "------< Interfaces >------\n"
    )
    data = clean(text)
    assert [(found.name, found.state) for found in data.instances] == [("State = MASTER", VrrpState.BACKUP)]
    assert data.sync_groups == (SyncGroup("a, b", VrrpState.FAULT, ("x, y",), False),)


@pytest.mark.parametrize(
    ("title", "heading", "tracking"),
    [
        ("Track file", "Tracked files :", "Tracking instances :"),
        ("VRRP Track file", "Tracked files = 2", "Tracking VRRP instances = 2"),
    ],
)
def test_track_files(title: str, heading: str, tracking: str) -> None:
    """In the words of 2.1–2.4, and of 2.0: what an instance and what a group tracks by itself."""
    text = (
        "------< VRRP Topology >------\n VRRP Instance = WEB4\n"
        f"   {heading}\n     maint, weight -100\n     a, b, weight 7 reverse\n   fd_in 15, fd_out 16\n"
        " VRRP Instance = WEB6\n"
        "------< VRRP Sync groups >------\n VRRP Sync Group = G, MASTER\n   VRRP member instances :\n     WEB6\n"
        f"   sync group tracking weight set\n   {heading}\n     maint, weight 0\n"
        f"------< VRRP Track files >------\n {title} = maint\n   File = /run/maint = 1\n   Status = -1\n"
        f"   Weight = -100 reverse\n   {tracking}\n     WEB4, weight -100 (dynamic)\n     WEB6, weight 0\n"
        f" {title} = a, b\n   File = /run/other\n   Status = 0\n   Weight = 0\n   {tracking}\n"
        "     WEB4, weight 7 reverse\n------< Interfaces >------\n"
    )
    data = clean(text)
    assert data.track_files == (
        VrrpTrackFile("maint", "/run/maint = 1", -1, (("WEB4", -100),), (("G", 0),)),
        VrrpTrackFile("a, b", "/run/other", 0, (("WEB4", -7),), ()),
    )
    assert data.sync_groups == (SyncGroup("G", VrrpState.MASTER, ("WEB6",), True),)


def test_track_files_of_a_real_group() -> None:
    """The file that V4 tracks by itself, with a weight, is ignored in a group: keepalived has forgotten all of it."""
    data = clean(recorded("debian-13", "group_d1__tmp_keepalived.data"))
    assert data.track_files == (
        VrrpTrackFile("lever", "/etc/keepalived/lever", 0, (), (("ALL", 1),)),
        VrrpTrackFile("fault", "/etc/keepalived/fault", 0, (), (("ALL", 0),)),
    )
    assert data.sync_groups == (SyncGroup("ALL", VrrpState.MASTER, ("V4", "V6"), False),)


def test_a_track_file_that_nothing_tracks() -> None:
    """It is configured, which moves nothing."""
    text = (
        "------< VRRP Track files >------\n Track file = maint\n   File = /run/maint\n   Status = 0\n   Weight = 1\n"
        "------< Interfaces >------\n"
    )
    assert clean(text).track_files == (VrrpTrackFile("maint", "/run/maint", 0, (), ()),)


@pytest.mark.parametrize(
    "line",
    [
        "   State = SLEEPING",
        "   VRRP Version = two",
        "   Virtual Router ID = 256",
        "   Priority = -1",
        "   Effective priority = 1e3",
        "   Master priority = ",
        "   Advert interval = 1 week",
        "   Advert interval = soon",
        "   Preempt = perhaps",
        "   Preempt delay = inf secs",
        "   Last transition = yesterday",
        "   Interface = ",
    ],
)
def test_values_that_cannot_be_read(line: str) -> None:
    """One issue at the line's own number, and the rest of the instance stays."""
    (issue,) = parse_keepalived_data(dump("   Sync group = G", line)).issues
    assert (issue.line_number, issue.source) == (4, "keepalived.data")
    assert parse_keepalived_data(dump("   Sync group = G", line)).value.instances[0].sync_group == "G"


def test_lists_that_cannot_be_read() -> None:
    """Addresses, groups and track files, each at its line."""
    text = (
        "------< VRRP Topology >------\n VRRP Instance = A\n   Virtual IP (2):\n     10.9.0.256/24\n     10.9.0.1\n"
        "   Tracked files :\n     f, weight heavy\n"
        "------< VRRP Sync groups >------\n VRRP Sync Group = G\n------< VRRP Track files >------\n Track file = f\n"
        "   Status = x\n------< Interfaces >------\n"
    )
    parsed = parse_keepalived_data(text)
    assert [issue.line_number for issue in parsed.issues] == [4, 7, 9, 12]
    assert parsed.value.instances[0].vips == (VirtualAddress(ip_address("10.9.0.1"), 32, None),)
    assert parsed.value.sync_groups == ()


def test_unknown_lines_are_no_issues() -> None:
    """The format is free; a later version may say more."""
    assert (
        instance("   Mood = fine", "   Whatever it is", "     below it", "   State = MASTER").state is VrrpState.MASTER
    )


@pytest.mark.parametrize("release", RELEASES)
def test_a_dump_is_complete_at_its_last_section(release: str) -> None:
    """Not a byte earlier than the heading's end, nor within a line; so every instance and group is whole."""
    text = recorded(release, "base_d2__tmp_keepalived.data")
    whole = clean(text)
    end = text.index("------< Interfaces >------") + len("------< Interfaces >------")
    for length in (0, 1, 100, text.index("------< VRRP Sockpool"), end - 4, end, len(text) - 1):
        assert parse_keepalived_data(text[:length]).value.complete is False
    assert parse_keepalived_data(text[: end + 1]) == Parsed(whole, ())


def test_the_password_never_shows() -> None:
    """Neither where it stands, nor where a damaged dump has it behind a key that is known."""
    damaged = "   State = Password = s3cr3t"
    for text in (leaky("debian-13", "base_d1__tmp_keepalived.data"), dump(damaged), f"Password = {SECRET}"):
        assert SECRET not in repr(parse_keepalived_data(text))


DUMPS = [leaky(release, f"base_{director}__tmp_keepalived.data") for release in RELEASES for director in ("d1", "d2")]
DUMPS.append(
    "------< VRRP Topology >------\n VRRP Instance = WEB4\n   Tracked files :\n     maint, weight -100 reverse\n"
    "------< VRRP Track files >------\n Track file = maint\n   File = /run/maint\n   Status = 1\n   Weight = 5\n"
    "   Tracking instances :\n     WEB4, weight -100 reverse\n------< Interfaces >------\n"
)


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_never_raises(text: str) -> None:
    """Whatever the text is; inside the sections that are read, too."""
    parse_keepalived_data(text)
    for section, title in (
        ("VRRP Topology", "VRRP Instance"),
        ("VRRP Sync groups", "VRRP Sync Group"),
        ("VRRP Track files", "Track file"),
    ):
        parse_keepalived_data(
            f"------< {section} >------\n {title} = {text}\n   Virtual IP :\n     {text}\n   Status = {text}\n"
        )


@settings(max_examples=80)
@given(st.sampled_from(DUMPS), st.data())
def test_mutated_dumps(text: str, data: st.DataObject) -> None:
    """Lines lost, doubled, exchanged, cut and scribbled upon: no error, no secret, no number outside the model."""
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 6))):
        here = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(("drop", "double", "swap", "scribble", "cut")))
        if kind == "drop" and len(lines) > 1:
            del lines[here]
        elif kind == "double":
            lines.insert(here, lines[here])
        elif kind == "swap":
            lines[0], lines[here] = lines[here], lines[0]
        elif kind == "scribble" and SECRET not in lines[here]:
            at = data.draw(st.integers(0, len(lines[here])))
            lines[here] = lines[here][:at] + data.draw(st.text(max_size=9)) + lines[here][at + 1 :]
        elif kind == "cut":
            lines = lines[: here + 1]
    parsed = parse_keepalived_data("\n".join(lines))
    assert SECRET not in repr(parsed)
    for found in parsed.value.instances:
        for number in (found.vrid, found.version, found.priority, found.effective_priority, found.master_priority):
            assert number is None or 0 <= number <= 255
        assert found.last_transition is None or found.last_transition.tzinfo is UTC
    for issue in parsed.issues:
        assert 0 <= issue.line_number <= len("\n".join(lines).split("\n"))


@given(st.sampled_from(DUMPS), st.data())
def test_truncated_dumps(text: str, data: st.DataObject) -> None:
    """A part says nothing that the whole does not: what is not there yet is unknown, and no issue names a value."""
    part = parse_keepalived_data(text[: data.draw(st.integers(0, len(text)))])
    whole = parse_keepalived_data(text).value
    assert all(issue.line_number == 0 for issue in part.issues)
    assert SECRET not in repr(part)
    for found, full in zip(part.value.instances, whole.instances, strict=False):
        assert found.vips == full.vips[: len(found.vips)]
        assert (found.name, found.source) == (full.name, full.source)
        for name in (
            "state",
            "vrid",
            "priority",
            "effective_priority",
            "advert_interval",
            "last_transition",
            "interface",
        ):
            assert getattr(found, name) in (None, getattr(full, name))
    assert part.value.track_files == whole.track_files or not part.value.complete
