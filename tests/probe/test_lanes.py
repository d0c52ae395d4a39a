"""Answers to verbs → readings: what fails is None with its reason, never 0 and never empty."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lvstop.model.director import LackCause
from lvstop.model.ipvs import SyncDaemon, SyncRole
from lvstop.model.vrrp import SyncGroup, VrrpState, VrrpTrackFile
from lvstop.probe import labels, lanes
from lvstop.probe.parse.keepalived_data import NO_VRRP, parse_keepalived_data
from lvstop.probe.readings import Readings
from lvstop.transport.base import Reply, Section, SectionMode
from support.clocks import EagerClock
from support.fake_answers import TABLE, Answer
from support.fake_director import FakeDirector
from support.recordings import RELEASES, recorded

Take = Callable[[Readings, Reply], None]

TAKES: list[tuple[str, Take, str, str]] = [
    ("addresses", lanes.take_addresses, "addresses", labels.ADDRESSES),
    ("stats", lanes.take_stats, "counters", labels.COUNTERS),
    ("rates", lanes.take_rates, "rates", labels.RATES),
    ("save", lanes.take_save, "details", labels.DETAILS),
    ("thresholds", lanes.take_thresholds, "thresholds", labels.THRESHOLDS),
    ("persistent", lanes.take_persistent, "persistent", labels.PERSISTENT),
    ("daemons", lanes.take_sync_daemons, "sync_daemons", labels.SYNC_DAEMONS),
    ("threads", lanes.take_sync_daemons, "sync_daemons", labels.SYNC_DAEMONS),
    ("sysctls", lanes.take_sysctls, "sysctls", labels.SYSCTLS),
]


def reply(answer: Answer) -> Reply:
    """Sections as they come off the wire."""
    sections = tuple(Section(name, SectionMode.FULL, status, text.encode()) for name, (status, text) in answer.items())
    return Reply(sections, 0.0, 0)


def known() -> Readings:
    """Readings of a director whose table is known."""
    return Readings(ipvs_loaded=True, virtual_servers=TABLE)


def answered(verb: str) -> Answer:
    """What a healthy director answers."""
    return FakeDirector(EagerClock()).fact(verb)


def failed(verb: str, status: int, text: str) -> Reply:
    """The same sections, their commands failed."""
    return reply(dict.fromkeys(answered(verb), (status, text)))


@pytest.mark.parametrize(("verb", "take", "field", "what"), TAKES)
def test_an_answer_is_taken(verb: str, take: Take, field: str, what: str) -> None:
    """A good answer fills its slot and leaves neither lack nor issue."""
    readings = known()
    take(readings, reply(answered(verb)))
    assert getattr(readings, field)
    assert (readings.lacks, readings.issues) == ({}, {})


@pytest.mark.parametrize(("verb", "take", "field", "what"), TAKES)
def test_a_failed_command_is_a_lack(verb: str, take: Take, field: str, what: str) -> None:
    """Any exit status but 0: the slot is None, the reason is what the command said first."""
    readings = known()
    take(readings, reply(answered(verb)))
    take(readings, failed(verb, 255, "  Can't initialize ipvs: Permission denied\nmore\n"))
    assert getattr(readings, field) is None
    lack = readings.lacks[what]
    assert (lack.what, lack.cause) == (what, LackCause.FAILED)
    assert lack.detail == "Can't initialize ipvs: Permission denied (exit status 255)"


@pytest.mark.parametrize(("verb", "take", "field", "what"), TAKES)
def test_a_missing_command_is_not_supported(verb: str, take: Take, field: str, what: str) -> None:
    """Status 127: the command is not installed, which is no failure of the director."""
    readings = known()
    take(readings, failed(verb, 127, ""))
    assert getattr(readings, field) is None
    assert readings.lacks[what].cause is LackCause.UNSUPPORTED
    assert readings.lacks[what].detail == "no words (exit status 127)"


@pytest.mark.parametrize(("verb", "take", "field", "what"), TAKES)
def test_a_lack_goes_with_a_good_answer(verb: str, take: Take, field: str, what: str) -> None:
    """What was lacking and is told again is not lacking any more."""
    readings = known()
    take(readings, failed(verb, 1, "no"))
    take(readings, reply(answered(verb)))
    assert getattr(readings, field)
    assert readings.lacks == {}


@pytest.mark.parametrize("verb", ["stats", "save", "thresholds", "persistent", "addresses", "sysctls", "daemons"])
def test_binary_rubbish_raises_nothing(verb: str) -> None:
    """Bytes that are no text at all: issues, and no exception."""
    take = next(take for name, take, _, _ in TAKES if name == verb)
    readings = known()
    sections = tuple(Section(name, SectionMode.FULL, 0, b"\xff\x00{\n-A -t \n") for name in answered(verb))
    take(readings, Reply(sections, 0.0, 0))
    assert readings.issues


def test_the_directors_words_are_cut_short() -> None:
    """An error of a thousand characters does not fill the screen."""
    error = lanes.section_error(reply({"stats": (1, "x" * 1000)}), "stats")
    assert error == f"{'x' * 200} (exit status 1)"


@pytest.mark.parametrize("release", RELEASES)
def test_identity_tells_versions(release: str) -> None:
    """keepalived's own version text of each release, beside the kernel's and what is installed."""
    readings = Readings()
    answer = {**answered("identity"), "keepalived_version": (0, recorded(release, "keepalived_version.out"))}
    lanes.take_identity(readings, reply(answer), table_reader="mawk")
    versions = {"debian-11": "2.1.5", "debian-12": "2.2.7", "debian-13": "2.3.3"}
    assert readings.keepalived_version == versions[release]
    assert (readings.kernel, readings.hertz) == ("6.1.0-40-amd64", 250)
    assert readings.capabilities is not None
    assert readings.capabilities.json_dump is True


def test_an_empty_identity_is_unknown() -> None:
    """A director on which nothing could be found out: None throughout, and capabilities that promise nothing."""
    readings = Readings()
    lanes.take_identity(readings, reply(dict.fromkeys(answered("identity"), (127, ""))), table_reader="cat")
    assert (readings.kernel, readings.keepalived_version, readings.hertz) == (None, None, None)
    capabilities = readings.capabilities
    assert capabilities is not None
    assert (capabilities.ipvsadm, capabilities.dbus, capabilities.journal) == (False, False, False)
    assert capabilities.json_dump is None


def test_an_empty_kernel_name_is_unknown() -> None:
    """`uname` that succeeds and says nothing has not said anything."""
    readings = Readings()
    lanes.take_identity(readings, reply({"kernel": (0, "\n")}), table_reader="cat")
    assert readings.kernel is None


def test_the_absence_of_keepalived_is_an_answer() -> None:
    """No process: it does not run. A process: it does, with its children."""
    readings = Readings()
    lanes.take_daemon(readings, reply({"pid": (1, ""), "children": (0, "")}))
    assert (readings.running, readings.pid, readings.children) == (False, None, frozenset())
    lanes.take_daemon(readings, reply({"pid": (0, "812\n"), "children": (0, "vrrp\ncheckers\n")}))
    assert (readings.running, readings.pid, readings.children) == (True, 812, frozenset({"vrrp", "checkers"}))
    assert readings.lacks == {}


@pytest.mark.parametrize("take", [lanes.take_stats, lanes.take_rates, lanes.take_save, lanes.take_thresholds])
def test_without_ip_vs_everything_about_it_is_empty(take: Take) -> None:
    """Where the module is not loaded there is nothing to be told: known to be empty, and not lacking."""
    readings = Readings(ipvs_loaded=False, virtual_servers=(), uptime=12.5)
    take(readings, failed("stats", 3, "ip_vs is not loaded"))
    assert readings.lacks == {}
    assert {} in (readings.counters, readings.rates, readings.details)


def test_counters_know_their_moment() -> None:
    """Rates are made from the director's own clock at the moment of the counters."""
    readings = known()
    lanes.take_stats(readings, reply({**answered("stats"), "uptime": (0, "1234.50\n")}))
    assert readings.counters_uptime == 1234.5
    lanes.take_stats(readings, reply({"stats": answered("stats")["stats"]}))
    assert readings.counters_uptime is None


def test_thresholds_that_failed_leave_the_rest_of_the_details() -> None:
    """Rules are known, thresholds are not: None in their place, never 0."""
    readings = known()
    lanes.take_save(readings, reply(answered("save")))
    lanes.take_thresholds(readings, failed("thresholds", 1, "no"))
    assert readings.details is not None
    detail = readings.details[TABLE[0].key]
    assert detail.persistence_seconds == 60
    rows = list(detail.real_servers.values())
    assert [(row.upper_threshold, row.lower_threshold, row.persistent_connections) for row in rows] == [(None,) * 3] * 2
    lanes.take_persistent(readings, reply(answered("persistent")))
    assert [row.persistent_connections for row in readings.details[TABLE[0].key].real_servers.values()] == [0, 0]


@pytest.mark.parametrize(
    ("verb", "text", "daemons"),
    [
        (
            "daemons",
            recorded("debian-12", "ipvsadm_daemon.out"),
            [(SyncRole.MASTER, "br0", 3), (SyncRole.BACKUP, "br0", 3)],
        ),
        ("daemons", "", []),
        ("threads", "ipvs-b:0:0\nipvs-b:0:1\n", [(SyncRole.BACKUP, None, None)]),
        ("threads", "", []),
    ],
)
def test_sync_daemons(verb: str, text: str, daemons: list[tuple[SyncRole, str | None, int | None]]) -> None:
    """ipvsadm tells interface and sync id, thread names only the role; none is an empty tuple."""
    readings = known()
    lanes.take_sync_daemons(readings, reply({verb: (0, text)}))
    assert readings.sync_daemons == tuple(SyncDaemon(*each) for each in daemons)


def test_the_bus_without_keepalived_tells_nothing() -> None:
    """An empty answer, or a bus that is not there, leaves VRRP to other sources."""
    readings = Readings()
    assert not lanes.take_dbus(readings, reply({"dbus": (0, "")}))
    assert not lanes.take_dbus(readings, reply({"dbus": (127, "")}))
    assert not lanes.take_dbus(readings, reply({}))
    assert readings.vrrp is None


def test_the_bus_names_a_state_that_is_not_understood() -> None:
    """An instance whose state is strange is shown without a state, and the line is reported."""
    readings = Readings()
    text = '/org/keepalived/Vrrp1/Instance/eth0/51/IPv4\n(s) "WEB4"\n(us) 55 "Odd"\n'
    assert lanes.take_dbus(readings, reply({"dbus": (0, text)}))
    assert [(each.name, each.state) for each in readings.vrrp or ()] == [("WEB4", None)]
    assert labels.VRRP in readings.issues


@pytest.mark.parametrize("release", RELEASES)
def test_dumps_of_each_release(release: str) -> None:
    """JSON tells states, the data dump states and groups, the checker dump real servers."""
    clock, readings = EagerClock(), known()
    lanes.take_vrrp_json(readings, recorded(release, "base_d1__tmp_keepalived.json"), now=clock.now())
    assert [each.state for each in readings.vrrp or ()] == [VrrpState.MASTER] * 2
    lanes.take_vrrp_data(readings, recorded(release, "base_d2__tmp_keepalived.data"), now=clock.now())
    assert [each.state for each in readings.vrrp or ()] == [VrrpState.BACKUP] * 2
    data = parse_keepalived_data(recorded(release, "base_d1__tmp_keepalived.data")).value
    lanes.take_groups(readings, data)
    assert [(each.name, each.state) for each in readings.sync_groups or ()] == [("G", VrrpState.MASTER)]
    assert readings.vrrp_track_files == ()
    lanes.take_checks(readings, recorded(release, "base_d1__tmp_keepalived_check.data"), data)
    assert [len(each.real_servers) for each in readings.checks or ()] == [2, 1]
    assert (readings.vrrp_read_at, readings.issues, readings.lacks) == (clock.now(), {}, {})


def test_a_track_file_of_vrrp() -> None:
    """The same file may decide the priority of an instance: by the path, for names are each process's own."""
    readings = Readings()
    tracked = VrrpTrackFile("lever", "/etc/lever", 0, instances=(("SMB", 1),), groups=(("G", 0),))
    data = replace(NO_VRRP, track_files=(tracked,), sync_groups=(SyncGroup("G", None, ("WEB", "SMB")),))
    text = (
        "------< Checker track files >------\n Track file = own\n   File = /etc/lever\n   Status = 0\n"
        "   Weight = -254\n Track file = other\n   File = /etc/other\n   Status = 0\n   Weight = -254\n"
    )
    text = recorded("debian-12", "base_d1__tmp_keepalived_check.data") + text
    lanes.take_checks(readings, text, data)
    assert [each.vrrp_instances for each in readings.track_files or ()] == [("SMB", "WEB"), ()]
    lanes.take_checks(readings, text, None)
    assert [each.vrrp_instances for each in readings.track_files or ()] == [None, None]
