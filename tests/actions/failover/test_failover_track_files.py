"""Track files with a weight: which numbers move what, and which files are not to be written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.model.change import FileChange
from lvstop.model.checks import FileCheck, TrackFile
from lvstop.model.failover import FailoverLever
from lvstop.model.vrrp import SyncGroup, VrrpState
from support.assessed import (
    MAINT,
    NFS,
    SOURCE,
    lead,
    made,
    of,
    option,
    pair,
    planned,
    stand_by,
    track_file,
    two_backups,
    two_instances,
    vrrp,
)
from support.factories import FIRST, SERVICE, address, checked, checked_server

TRACK, PRIORITY, FAULT, STOP = FailoverLever
Made = FailoverPlan | FailoverRefusal


def tracking(*files: object, source: Mapping[str, Any] | None = None, target: Mapping[str, Any] | None = None) -> Made:
    """A pair whose first director has these track files."""
    return of({"vrrp_track_files": files, **(source or {})}, target)


def file_step(number: int, before: int = 0) -> FileChange:
    """The usual file gets a number."""
    return FileChange(SOURCE, "maint", MAINT, before, number)


class TestTrackFile:
    """A number that lowers the priority."""

    @pytest.mark.parametrize(
        ("weight", "status", "number"),
        [
            (-60, 0, 1),
            (-50, 0, 2),  # 150 - 50 is not below 100
            (-51, 0, 1),
            (-1, 0, 51),
            (1, 0, -51),
            (60, 0, -1),
            (-253, 0, 1),
            (-60, 2, 3),  # somebody has a hand in it already
        ],
    )
    def test_the_smallest_number_that_does(self, weight: int, status: int, number: int) -> None:
        """Strictly below the target's."""
        found = tracking(track_file(weight, status=status))
        assert planned(found).steps == (file_step(number, status),)

    def test_the_words(self) -> None:
        """With both priorities."""
        found = option(TRACK, made())
        assert found.why == f"1 in {MAINT} lowers SMB from 150 to 90 (keepalived2: 100), and keepalived2 preempts."
        assert found.release == f"0 in {MAINT} gives the priorities back: SMB 150."

    @pytest.mark.parametrize(
        ("weight", "why"),
        [
            (-254, f"No number in {MAINT} brings SMB on keepalived1 below keepalived2."),
            (0, "No track file with a weight is tracked by SMB on keepalived1."),
        ],
    )
    def test_a_weight_that_is_a_fault(self, weight: int, why: str) -> None:
        """-254 is FAULT, and so is any number with the weight 0."""
        found = option(TRACK, tracking(track_file(weight)))
        assert (found.usable, found.why) == (False, why)

    @pytest.mark.parametrize(
        ("target", "why"),
        [
            (
                vrrp("BACKUP", priority=100, preempt=False),
                "SMB is `nopreempt` on keepalived2: it accepts a master of a",
            ),
            (vrrp("BACKUP", priority=100, preempt=None), "Whether SMB preempts on keepalived2 is not known."),
            (vrrp("BACKUP", priority=100, effective_priority=None), "The priorities of SMB are not known."),
            (vrrp("BACKUP", priority=100, advert_interval=None), "The advert interval of SMB on keepalived2 is not"),
            (vrrp("BACKUP", priority=1), f"No number in {MAINT} brings SMB on keepalived1 below keepalived2."),
        ],
    )
    def test_the_target_would_not_take_over(self, target: object, why: str) -> None:
        """Nor where that is not known."""
        for lever in (TRACK, PRIORITY):
            found = option(lever, of(target={"vrrp": (target,)}))
            assert not found.usable
            assert found.why.startswith(why) or (lever is PRIORITY and why.startswith("No number"))

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"path": None}, "Where the track file maint is on keepalived1, or what is in it, is not known."),
            ({"status": None}, "Where the track file maint is on keepalived1, or what is in it, is not known."),
        ],
    )
    def test_a_file_of_which_too_little_is_known(self, changed: dict[str, Any], why: str) -> None:
        """It is not written."""
        assert option(TRACK, tracking(replace(track_file(), **changed))).why == why

    def test_files_that_are_not_known(self) -> None:
        """keepalived's data could not be read."""
        assert option(TRACK, of({"vrrp_track_files": None})).why == (
            "Which track files SMB has on keepalived1 is not known."
        )

    @pytest.mark.parametrize("name", ["maint", "other"])
    def test_a_file_that_weighs_real_servers_too(self, name: str) -> None:
        """By the same name, or under another one by the same path: nobody meant to drain anything."""
        row = replace(checked(FIRST), file_checks=(FileCheck(name, -254, reverse=False),))
        shared = {
            "checks": (checked_server(SERVICE, row),),
            "track_files": (TrackFile(name, MAINT, 0, 0, reverse=False),),
        }
        found = option(TRACK, tracking(track_file(), source=shared))
        assert found.why == f"{MAINT} on keepalived1 also decides weights of real servers (FILE_CHECK)."

    def test_an_address_owner(self) -> None:
        """Priority 255 is not lowered by anything."""
        found = option(TRACK, of({"vrrp": (vrrp("MASTER", priority=255),)}))
        assert found.why == "SMB has priority 255 on keepalived1, which no tracker changes."

    def test_a_priority_that_is_cut_off(self) -> None:
        """Its trackers add up to more than 254, and nobody tells to how much."""
        raised = vrrp("MASTER", priority=200, effective_priority=254)
        assert not option(TRACK, of({"vrrp": (raised,)})).usable


class TestSeveralInstances:
    """One file for all, one for each, and files that touch what is not to move."""

    def test_one_file(self) -> None:
        """The number does for both."""
        found = tracking(track_file({"SMB": -60, "NFS": -20}), source=two_instances(), target=two_backups())
        assert planned(found).steps == (file_step(3),)

    def test_one_file_for_each(self) -> None:
        """Both are written."""
        files = (track_file(), track_file({"NFS": -60}, name="nfs", path="/run/nfs"))
        found = planned(tracking(*files, source=two_instances(), target=two_backups()))
        assert [step.path for step in found.steps if isinstance(step, FileChange)] == [MAINT, "/run/nfs"]

    def test_one_that_no_file_moves(self) -> None:
        """Half of it is nothing."""
        found = option(TRACK, tracking(track_file(), source=two_instances(), target=two_backups()))
        assert (found.usable, found.why) == (False, "No track file moves NFS.")

    def test_a_file_that_moves_another_one(self) -> None:
        """Only SMB is meant."""
        snapshot = pair(
            lead(vrrp_track_files=(track_file({"SMB": -60, "NFS": -60}),), **two_instances()), stand_by(**two_backups())
        )
        found = option(TRACK, made(snapshot, intent=FailOver(instance="SMB")))
        assert found.why == f"{MAINT} on keepalived1 would touch NFS as well, which is not to move."

    @pytest.mark.parametrize(("weight", "usable"), [(-60, True), (60, False)])
    def test_another_one_that_is_backup_here(self, weight: int, usable: bool) -> None:
        """Lowered it stays BACKUP; raised above the master it would take over. A smaller number is tried in vain."""
        snapshot = pair(
            lead(
                vrrp=(vrrp("MASTER"), vrrp("BACKUP", "NFS", NFS, vrid=21, priority=90)),
                vrrp_track_files=(track_file({"SMB": -60, "NFS": weight}),),
            ),
            stand_by(**two_backups("MASTER"), addresses=(address(NFS),)),
        )
        assert option(TRACK, made(snapshot, intent=FailOver(instance="SMB"))).usable is usable


class TestSyncGroups:
    """All or nothing."""

    GROUP = SyncGroup("BOTH", VrrpState.MASTER, ("SMB", "NFS"))

    def of(self, *files: object) -> Made:
        """Both instances in one sync group on both directors."""
        groups = {"sync_groups": (self.GROUP,)}
        return tracking(*files, source={**two_instances(), **groups}, target={**two_backups(), **groups})

    def test_a_file_of_the_group(self) -> None:
        """Counts for each member with its weight."""
        assert planned(self.of(track_file({}, groups={"BOTH": -60}))).steps == (file_step(1),)

    def test_a_file_of_one_member(self) -> None:
        """The other one holds the group where it is."""
        found = option(TRACK, self.of(track_file()))
        assert (found.usable, found.why) == (False, "No track file moves NFS.")

    def test_the_weight_of_the_group_counts(self) -> None:
        """Where a member tracks the file by itself as well."""
        file = track_file({"SMB": -1, "NFS": -1}, groups={"BOTH": -60})
        assert planned(self.of(file)).steps == (file_step(1),)

    def test_a_fault_of_one_member(self) -> None:
        """Takes the other one with it."""
        found = self.of(track_file(0))
        assert option(TRACK, found).usable is False
        assert option(FAULT, found).steps == (file_step(1),)
