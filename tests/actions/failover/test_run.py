"""Carrying out failovers: done and told as it was, or refused with nothing touched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from lvstop.actions.command import forth
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.timeline import Mark, Moment
from lvstop.actions.hands import DirectorHands
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import ObjectionCode
from lvstop.actions.programs import act
from lvstop.actions.store import ChangeStore, StoreError
from lvstop.model.change import FileChange
from lvstop.model.director import Fault, FaultKind
from lvstop.model.failover import FailoverLever, FailoverPhase
from lvstop.model.failover_record import Record
from lvstop.model.vrrp import VrrpState
from support.failover_director import NO_ROUTE
from support.failover_factories import ADDRESS, BLOCKED, SOURCE, TARGET, WARNED, failover_refusal
from support.failover_pair import AS_BEFORE, OPERATOR, PULLED, STEPS, WEIGHTED, FailoverPair, a_plan, plan_for
from support.virtual_time import START

SIXTH = ip_address("fd00::20")


def moment(outcome: FailoverOutcome, mark: Mark, director: str) -> Moment:
    """The only moment of a kind on a director."""
    assert outcome.timeline is not None
    (found,) = [each for each in outcome.timeline.moments if (each.mark, each.director) == (mark, director)]
    return found


# done


@pytest.mark.parametrize("lever", FailoverLever)
def test_done(pair: FailoverPair, lever: FailoverLever) -> None:
    """The target has the address, the lever is held, and everybody has it on record."""
    plan = a_plan(lever)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert pair.levers == PULLED[lever]
    assert outcome.failover is not None
    assert outcome.failover == replace(plan.failover, phase=FailoverPhase.HELD, at=outcome.failover.at)
    assert outcome.failover.at > START, "it is dated when it is made"
    assert pair.source.records == pair.target.records == {plan.failover.id: outcome.failover}
    assert (outcome.failure, outcome.objections, outcome.way_out, outcome.notes) == ("", (), (), ())
    assert pair.source.notes == pair.target.notes
    assert pair.source.notes == [
        f"{OPERATOR}: failover by {lever}, {ADDRESS} from {SOURCE} to {TARGET}: done (kernel update)"
    ]


@pytest.mark.parametrize("lever", FailoverLever)
def test_what_stands_afterwards(pair: FailoverPair, lever: FailoverLever) -> None:
    """Both directors, by the kernel's and keepalived's word, and the lever that is held."""
    outcome = pair.carry_out(a_plan(lever))
    source, target = outcome.standings
    states = {FailoverLever.FAULT: VrrpState.FAULT, FailoverLever.STOP: None}
    assert (source.director, source.holds, source.states) == (
        SOURCE,
        (),
        (("SMB", states.get(lever, VrrpState.BACKUP)),),
    )
    assert source.lever == f"held: {forth(STEPS[lever])}"
    assert (target.director, target.holds, target.states) == (TARGET, (ADDRESS,), (("SMB", VrrpState.MASTER),))
    assert target.lever == ""
    assert [each.director for each in outcome.tallies] == [SOURCE, TARGET]


@pytest.mark.parametrize("lever", FailoverLever)
def test_the_stopwatch_tells_the_truth(pair: FailoverPair, lever: FailoverLever) -> None:
    """Both directors' clocks are wrong by far; the moments are right within their errors."""
    sent: list[float] = []
    pair.source.before = lambda request: sent.append(pair.now) if request.startswith(("put", "prio", "serv")) else None
    outcome = pair.carry_out(a_plan(lever))
    (zero,) = sent
    assert outcome.timeline is not None
    assert (
        0
        <= (zero - (outcome.timeline.began - START).total_seconds())
        <= moment(outcome, Mark.LEVER_PULLED, SOURCE).error
    )
    for mark, director in ((Mark.VIP_REMOVED, pair.source), (Mark.VIP_ADDED, pair.target)):
        ((truth, *_),) = director.moved
        told = moment(outcome, mark, director.name)
        # the axis begins when the command was sent, half a round trip before it arrived
        assert told.at == pytest.approx(truth - zero + pair.source.trip / 2, abs=told.error + 2e-6)
        assert 0 < told.error < 0.01
    (gap,) = outcome.timeline.addresses
    assert gap.absent is not None
    assert (gap.absent.seconds < 0) is (lever in {FailoverLever.TRACK_FILE, FailoverLever.PRIORITY})
    last = max(at for at, name in pair.served if name == SOURCE)
    first = min(at for at, name in pair.served if name == TARGET)
    assert outcome.timeline.connections is not None
    assert outcome.timeline.connections.seconds == pytest.approx(first - last, abs=outcome.timeline.connections.error)
    assert outcome.timeline.connections.error < 0.06
    announced = moment(outcome, Mark.GRATUITOUS_ARP, TARGET)
    assert announced.at >= moment(outcome, Mark.ENTERED_MASTER, TARGET).at > 0
    assert outcome.timeline.moments[-1].mark is Mark.AGREED


def test_several_addresses_of_two_instances(pair: FailoverPair) -> None:
    """All of them have to be there, and each has its own gap; an IPv6 address is told of twice, and counts once."""
    pair.holds((ADDRESS, SIXTH), ("SMB", "SMB6"))
    record = replace(a_plan().failover, vips=(ADDRESS, SIXTH), instances=("SMB", "SMB6"))
    plan = plan_for(record, record.steps)
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)
    assert outcome.timeline is not None
    assert [gap.vip for gap in outcome.timeline.addresses] == [ADDRESS, SIXTH]
    assert all(gap.absent is not None for gap in outcome.timeline.addresses)
    entered = [each.subject for each in outcome.timeline.moments if each.mark is Mark.ENTERED_MASTER]
    assert entered == ["SMB", "SMB6"]


def test_a_login_that_is_not_root(pair: FailoverPair) -> None:
    """Changing and watching both go through sudo."""
    for director in pair.directors:
        director.root = False
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.DONE, outcome
    pair.judge(plan, outcome)


def test_the_steps_are_told_in_their_order(pair: FailoverPair) -> None:
    """Each before it is taken; with `undoing` only where something is undone."""
    pair.carry_out(a_plan())
    stages = list(dict.fromkeys(each.stage for each in pair.told if each.moment is None))
    assert stages == [each for each in FailoverStage if each is not FailoverStage.UNDOING]
    pulling = [each for each in pair.told if each.stage is FailoverStage.PULLING and each.moment is None]
    assert [(each.director, each.what) for each in pulling] == [(SOURCE, f"echo 1 > {WEIGHTED}")]


def test_moments_are_told_as_they_are_known(pair: FailoverPair) -> None:
    """As the timeline has them; what came before the lever is only there, for it had no axis yet."""

    logged = "(SMB) Changing effective priority from 150 to 149"

    def watch(progress: FailoverProgress) -> None:
        if progress.what.startswith("watching") and progress.director == TARGET:
            pair.later(0.6, lambda: pair.source.say("Keepalived_vrrp", logged))

    pair.watch = watch
    outcome = pair.carry_out(a_plan())
    assert outcome.timeline is not None
    told = [each.moment for each in pair.told if each.moment is not None]
    assert told[0].mark is Mark.LEVER_PULLED
    early, *rest = (each for each in outcome.timeline.moments if each.mark is not Mark.LAST_CONNECTION)
    assert (early.mark, early.subject) == (Mark.PRIORITY_CHANGED, "SMB 149")
    assert -1.1 < early.at < 0
    assert sorted(told, key=lambda each: each.at) == rest


def test_the_journal_has_each_step_before_it_is_done(pair: FailoverPair) -> None:
    """And nothing is pulled before the record is kept everywhere."""
    seen: list[object] = []

    def before(request: str) -> None:
        if request.startswith("put"):
            phases = [*pair.recorded(pair.source), *pair.recorded(pair.target), *(phase for _, phase in pair.kept)]
            seen.append((tuple(pair.diary.entries), tuple(phases)))

    pair.source.before = before
    plan = a_plan()
    pair.carry_out(plan)
    begin, step = ("begin", plan.failover.id), ("step", f"{SOURCE}: echo 1 > {WEIGHTED}")
    assert seen == [((begin, step), (FailoverPhase.PENDING,) * 3)]
    assert pair.diary.entries == [begin, step, ("end", "done")]


# refused


def locked(pair: FailoverPair) -> None:
    """Another lvstop is at it."""

    async def lock() -> None:
        transport = pair.target.transport()
        await transport.connect()
        await DirectorHands(TARGET, await transport.open(act(), elevated=False, timeout=5)).lock("carl@desk3: drain")

    pair.play(lock())


def no_sudo(pair: FailoverPair) -> None:
    """This login may not become root."""
    pair.target.root, pair.target.sudo = False, Fault(FaultKind.FORBIDDEN, "sudo refuses: a password is required")


def no_route(pair: FailoverPair) -> None:
    """A director cannot be reached."""
    pair.target.refusal = NO_ROUTE


def silent(pair: FailoverPair) -> None:
    """A director does not even refuse."""
    pair.source.reached = False


def other_number(pair: FailoverPair) -> None:
    """Somebody uses the track file for something else."""
    pair.source.router.numbers[WEIGHTED] = 7


def other_priority(pair: FailoverPair) -> None:
    """Somebody has edited the configuration."""
    pair.source.lines["SMB"] = 120


def stopped(pair: FailoverPair) -> None:
    """keepalived is not run by its service."""
    pair.source.active = False


def blocked(pair: FailoverPair) -> None:
    """There are two masters by now."""
    pair.refused = failover_refusal(BLOCKED)


def warned(pair: FailoverPair) -> None:
    """Something new is not as it should be, and nobody has agreed to that."""
    pair.refused = failover_refusal(WARNED, unaccepted=(CheckCode.SYNC_DAEMONS,))


REFUSALS: list[tuple[Callable[[FailoverPair], None], FailoverLever, ObjectionCode, str]] = [
    (locked, FailoverLever.TRACK_FILE, ObjectionCode.LOCKED, "keepalived2 is being changed by carl@desk3: drain"),
    (no_sudo, FailoverLever.TRACK_FILE, ObjectionCode.PRIVILEGE_MISSING, "a password is required"),
    (no_route, FailoverLever.TRACK_FILE, ObjectionCode.DIRECTOR_MISSING, "no route to host"),
    (silent, FailoverLever.TRACK_FILE, ObjectionCode.DIRECTOR_MISSING, "no answer within 5 s"),
    (other_number, FailoverLever.TRACK_FILE, ObjectionCode.CHANGED_SINCE, "has 7, and not 0"),
    (other_priority, FailoverLever.PRIORITY, ObjectionCode.CHANGED_SINCE, "the priority 120, and not 150"),
    (stopped, FailoverLever.STOP, ObjectionCode.CHANGED_SINCE, "keepalived.service does not run on keepalived1"),
    (blocked, FailoverLever.TRACK_FILE, ObjectionCode.CHANGED_SINCE, "Both directors are MASTER of SMB."),
    (warned, FailoverLever.TRACK_FILE, ObjectionCode.CHANGED_SINCE, "not accepted: sync-daemons"),
]


@pytest.mark.parametrize(
    ("spoil", "lever", "code", "words"), REFUSALS, ids=lambda value: getattr(value, "__name__", "")
)
def test_refused(
    pair: FailoverPair, spoil: Callable[[FailoverPair], None], lever: FailoverLever, code: ObjectionCode, words: str
) -> None:
    """With its reason; nothing is touched, and that it was tried is in the journal."""
    spoil(pair)
    before = pair.levers
    outcome = pair.carry_out(a_plan(lever))
    assert outcome.kind is OutcomeKind.REFUSED, outcome
    assert [each.code for each in outcome.objections] == [code]
    assert words in outcome.objections[0].sentence
    assert (outcome.failover, outcome.timeline) == (None, None)
    assert pair.levers == before
    assert (pair.kept, pair.source.records, pair.target.records, pair.source.notes) == ([], {}, {}, [])
    assert pair.deeds == []
    assert [event for event, _ in pair.diary.entries] == ["begin", "end"]
    assert pair.holders() == {SOURCE}
    if spoil is not locked:
        pair.assert_nothing_is_left()


def test_the_checks_are_those_that_were_read_again(pair: FailoverPair) -> None:
    """Also where it is refused: they say why."""
    blocked(pair)
    outcome = pair.carry_out(a_plan())
    assert BLOCKED in outcome.checks


def test_an_audit_that_is_full(pair: FailoverPair) -> None:
    """Not even a connection is made."""
    pair.diary.room = 0
    outcome = pair.carry_out(a_plan())
    assert outcome.kind is OutcomeKind.REFUSED
    assert [each.code for each in outcome.objections] == [ObjectionCode.AUDIT_UNWRITABLE]
    assert pair.source.transports == pair.target.transports == []


def test_an_audit_that_becomes_full(pair: FailoverPair) -> None:
    """What cannot be written down is not done."""
    pair.diary.room = 1
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert "no space left on the device" in outcome.failure
    assert outcome.timeline is None
    assert pair.deeds == []
    pair.judge(plan, outcome)


def test_the_end_does_not_fit_into_the_audit(pair: FailoverPair) -> None:
    """What is done is done: it is a note."""
    pair.diary.room = 2
    outcome = pair.carry_out(a_plan())
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.notes == ("The end is not in the audit: no space left on the device",)


# records


def test_no_record_no_failover(pair: FailoverPair, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's machine that cannot keep the record pulls no lever."""

    def full(_store: ChangeStore, _record: Record) -> None:
        raise StoreError("no space left on the device")

    monkeypatch.setattr(ChangeStore, "save", full)
    plan = a_plan()
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert "no space left on the device" in outcome.failure
    assert pair.deeds == []
    pair.judge(plan, outcome)


def test_a_store_that_becomes_full(pair: FailoverPair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address has moved: that is not taken back for a record, and the directors have theirs."""
    save = ChangeStore.save

    def full(store: ChangeStore, record: Record) -> None:
        if record.phase is FailoverPhase.HELD:
            raise StoreError("no space left on the device")
        save(store, record)

    monkeypatch.setattr(ChangeStore, "save", full)
    outcome = pair.carry_out(a_plan())
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.notes == ("This machine keeps no record: no space left on the device.",)
    assert pair.recorded(pair.source) == pair.recorded(pair.target) == [FailoverPhase.HELD]


def test_a_director_that_keeps_no_record(pair: FailoverPair) -> None:
    """Its disk is full: the other records tell of the failover."""
    pair.target.fails["record"] = "printf: I/O error"
    outcome = pair.carry_out(a_plan())
    assert outcome.kind is OutcomeKind.DONE
    assert "keepalived2 kept no record: printf: I/O error" in outcome.notes[0]
    assert "Only the other records tell of this failover." in outcome.notes[0]
    assert pair.recorded(pair.source) == [FailoverPhase.HELD]


def test_two_files(pair: FailoverPair) -> None:
    """The second one cannot be written: the first one is put back."""
    other = FileChange(SOURCE, "fault", "/etc/keepalived/fault", 0, 1)
    record = a_plan().failover
    record = replace(record, steps=(*record.steps, other))
    plan = plan_for(record, record.steps)

    def before(request: str) -> None:
        if request == f"put 1 {WEIGHTED}":
            pair.source.fails["put"] = "Read-only file system"
        if request.startswith("number"):
            pair.source.fails.pop("put", None)

    pair.source.before = before
    outcome = pair.carry_out(plan)
    assert outcome.kind is OutcomeKind.UNDONE, outcome
    assert "Read-only file system" in outcome.failure
    assert pair.levers == AS_BEFORE
    pair.judge(plan, outcome)


def test_how_long_it_took(pair: FailoverPair) -> None:
    """From the first connection to the last look: the takeover, and a second of counting before it."""
    outcome = pair.carry_out(a_plan())
    assert outcome.timeline is not None
    assert timedelta(seconds=4.0) < timedelta(seconds=outcome.seconds) < timedelta(seconds=7.0)
