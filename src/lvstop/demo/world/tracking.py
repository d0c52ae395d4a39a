"""Which track files count for a VRRP instance, and with which weight.

Source: vrrp/vrrp.c (`vrrp_complete_instance`) and vrrp/vrrp_sync.c (`sync_group_tracking_init`) of keepalived 2.2.7.
A file in a sync group's own block counts for every member, with its weight. One in a member's block counts as a failure
only: with the weight 0, or 1, which becomes 0 there; with any other weight it is left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lvstop.demo.world.conf import InstanceConf, SyncGroupConf, TrackConf, TrackFileConf

_OWNER = 255
"""The priority of an address's owner, which no tracker changes."""


class Track(NamedTuple):
    """A file by its name; with weight 0 any other number than 0 is a failure."""

    file: str
    weight: int


def weight_of(track: TrackConf, files: Sequence[TrackFileConf]) -> int:
    """What is written beside the file where it is tracked, or else in the file's own block."""
    if track.weight is not None:
        return track.weight
    return next((each.weight for each in files if each.name == track.file), 1)


def own_tracks(conf: InstanceConf, files: Sequence[TrackFileConf], *, grouped: bool) -> tuple[Track, ...]:
    """What counts of an instance's own block; `grouped`: it is in a sync group."""
    found = [Track(each.file, weight_of(each, files)) for each in conf.track_files]
    if grouped:
        found = [Track(each.file, 0) for each in found if each.weight in (0, 1)]
    return tuple(_for_priority(conf, each) for each in found)


def ignored_tracks(conf: InstanceConf, files: Sequence[TrackFileConf]) -> tuple[Track, ...]:
    """What of a member's own block is left out."""
    found = (Track(each.file, weight_of(each, files)) for each in conf.track_files)
    return tuple(each for each in found if each.weight not in (0, 1))


def group_tracks(conf: SyncGroupConf, files: Sequence[TrackFileConf]) -> tuple[Track, ...]:
    """What stands in a sync group's block."""
    return tuple(Track(each.file, weight_of(each, files)) for each in conf.track_files)


def all_tracks(conf: InstanceConf, group: SyncGroupConf | None, files: Sequence[TrackFileConf]) -> tuple[Track, ...]:
    """Everything that counts for an instance, a file once: the group's weight, where its own is none of failure."""
    found = {each.file: each for each in own_tracks(conf, files, grouped=group is not None)}
    for each in group_tracks(group, files) if group is not None else ():
        if each.file not in found or found[each.file].weight:
            found[each.file] = _for_priority(conf, each)
    return tuple(found.values())


def _for_priority(conf: InstanceConf, track: Track) -> Track:
    return Track(track.file, 0) if conf.priority == _OWNER else track
