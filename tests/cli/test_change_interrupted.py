"""Changes in the middle of which something happens, and drains that are waited for."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode, Refusal
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.connections import ProbeFactory
from lvstop.engine.feed import Publish
from lvstop.model.change import ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import change, outcome, plan, weights
from support.change_setting import DRAIN, Setting
from support.clocks import ManualClock
from support.factories import FIRST, NOW, SECOND, SERVICE, backup, cluster, master, real_server, virtual_server
from support.fake_actor import FakeActor

# interruptions


def test_an_interruption_in_the_middle_is_incomplete(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while it is done: 4, that it is on record, and how to go on."""
    setting.actor.outcome = None
    setting.actor.begun = lambda: os.kill(os.getpid(), signal.SIGINT)
    assert setting.run(*DRAIN, "--yes", "--json") == 4
    out, err = capsys.readouterr()
    assert "interrupted: how much was done is unknown" in err
    assert f"`lvstop resume smb {change().id} --finish` or `--undo`" in err
    assert json.loads(out)["outcome"] is None


def test_a_terminal_that_goes_away_ends_no_change(setting: Setting) -> None:
    """SIGHUP in the middle: it is carried through, and afterwards means what it meant."""
    before = signal.getsignal(signal.SIGHUP)

    class Actor(FakeActor):
        async def execute(self, *words: Any) -> Any:  # noqa: ANN401
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0)
            return await super().execute(*words)

    setting.actor = Actor(plan(), outcome(plan()))
    assert setting.run(*DRAIN, "--yes") == 0
    assert signal.getsignal(signal.SIGHUP) == before


# --wait


def drained(active: int, weight: int = 0) -> ClusterSnapshot:
    """The pair, with so many connections left."""
    row = real_server(FIRST, weight, active=active)
    idle = real_server(FIRST, 0)
    return cluster(
        master(virtual_servers=(virtual_server(SERVICE, row, SECOND),)),
        backup(virtual_servers=(virtual_server(SERVICE, idle, SECOND),)),
    )


class Session:
    """Publishes these looks, an interval apart, and the last one for ever."""

    def __init__(self, clock: ManualClock, looks: Sequence[ClusterSnapshot], publish: Publish) -> None:
        self._clock, self._looks, self._publish = clock, list(looks), publish

    async def run(self) -> None:
        while True:
            self._publish(replace(self._looks[0], generated_at=self._clock.now()))
            self._looks = self._looks[1:] or self._looks
            self._clock.advance(1.0)
            await asyncio.sleep(0)


@pytest.fixture
def sees(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the follower sees, one look after the other."""

    def see(*looks: ClusterSnapshot) -> None:
        def session(config: ClusterConfig, make_probe: ProbeFactory, clock: Clock, publish: Publish) -> Session:
            return Session(setting.clock, looks, publish)

        monkeypatch.setattr("lvstop.cli.change_wait.cluster_session", session)

    return see


def test_waiting_until_it_is_safe(
    setting: Setting, sees: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """0, and the verdict."""
    sees(drained(12), drained(5), drained(0))
    assert setting.run(*DRAIN, "--yes", "--wait") == 0
    out, err = capsys.readouterr()
    assert out.endswith("SAFE TO STOP NOW: no established connection left.\n")
    assert "NOT YET SAFE TO STOP: 12 established connections. 12 at first.\n" in err


def test_a_drain_that_stands_already_is_followed(
    setting: Setting, sees: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks again with --wait wants to know when it is safe; without, there is nothing to do."""
    nothing = Objection(ObjectionCode.NOTHING_TO_DO, "Weight 0 already.", overridable=False)
    setting.actor.answer = Refusal((nothing,))
    standing = replace(plan().change, phase=ChangePhase.STANDING)
    setting.snapshot = replace(setting.snapshot, changes=(standing,))
    sees(drained(12), drained(0))
    assert setting.run(*DRAIN, "--yes", "--wait") == 0
    out, err = capsys.readouterr()
    assert out.endswith("SAFE TO STOP NOW: no established connection left.\n")
    assert f"{standing.author} drained it already, and it stands; nothing was touched" in err
    assert setting.run(*DRAIN, "--yes") == 1
    assert not setting.actor.executed


def test_waiting_until_the_time_is_over(
    setting: Setting, sees: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """4, what is left, and that it stays drained."""
    sees(drained(12))
    assert setting.run(*DRAIN, "--yes", "--wait", "--timeout", "90s") == 4
    out, err = capsys.readouterr()
    assert out.endswith("NOT YET SAFE TO STOP: 12 established connections.\n")
    assert err.endswith("not through after 90 s; it stays drained\n")
    assert setting.clock.now() - NOW >= timedelta(seconds=90)


def test_waiting_ends_when_somebody_undoes_it(
    setting: Setting, sees: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """4, and what stands where."""
    sees(drained(12), drained(12, weight=5))
    assert setting.run(*DRAIN, "--yes", "--wait", "--json") == 4
    progress = json.loads(capsys.readouterr().out)["progress"]
    assert (progress["safety"], progress["safe"]) == ("reverted", False)
    assert progress["rows"][0]["words"] == "weight 5 again on keepalived1"


def test_waiting_can_be_ended(
    setting: Setting, sees: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C: 130. Nothing is undone."""

    class Interrupted:
        async def run(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.get_running_loop().create_future()

    monkeypatch.setattr("lvstop.cli.change_wait.cluster_session", lambda *_: Interrupted())
    assert setting.run(*DRAIN, "--yes", "--wait") == 130
    assert "not followed any more; it stays drained\n" in capsys.readouterr().err
    assert len(setting.actor.executed) == 1


@pytest.mark.parametrize("kind", [OutcomeKind.UNDONE, OutcomeKind.INCOMPLETE, OutcomeKind.REFUSED])
def test_only_what_was_done_is_waited_for(setting: Setting, monkeypatch: pytest.MonkeyPatch, kind: OutcomeKind) -> None:
    """Else its own status counts."""
    monkeypatch.delattr("lvstop.cli.change_wait.cluster_session")
    setting.actor.outcome = outcome(plan(), kind)
    assert setting.run(*DRAIN, "--yes", "--wait") in (1, 3, 4)


def test_an_error_of_our_own_is_not_waited_for(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody reads any more following ends with that error, not never."""

    class Broken:
        async def run(self) -> None:
            raise ZeroDivisionError

    monkeypatch.setattr("lvstop.cli.change_wait.cluster_session", lambda *_: Broken())
    with pytest.raises(ZeroDivisionError):
        setting.run(*DRAIN, "--yes", "--wait")


def test_several_rows_are_told_one_by_one(
    setting: Setting, sees: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict of each row below the whole."""
    both = plan(change(*weights(), *weights("TCP:172.26.127.20:139")))
    setting.actor.answer, setting.actor.outcome = both, outcome(both)
    sees(drained(0))
    assert setting.run(*DRAIN, "--yes", "--wait") == 0
    out = capsys.readouterr().out
    assert "SAFE TO STOP NOW: no established connection left in 1 row; 1 of 2 rows is not in the table" in out
    assert "  172.26.127.21:445  TCP:172.26.127.20:139  gone  not in the table of keepalived1 any more" in out
