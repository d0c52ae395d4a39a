"""How long a change holds and what ends it, in plain sentences.

What keepalived does with weights that it did not set is from `update_svr_wgt`, `init_service_rs` and
`perform_quorum_state` in ipwrapper.c: it never reads the kernel's table back, and writes on its own occasions only.
"""

from collections.abc import Iterator, Sequence

from lvstop.actions.draft import Draft, Target
from lvstop.actions.levers import watches
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import is_are, listing
from lvstop.model.change import ChangeKind

GONE_AT_BOOT = ("/run/", "/var/run/", "/dev/shm/")  # noqa: S108 (compared with, never written to)
PERHAPS_GONE_AT_BOOT = ("/tmp/", "/var/tmp/")  # noqa: S108

_OCCASIONS = (
    "where the real server fails its checks and comes back, where its own lines in keepalived.conf change, "
    "and where keepalived or the director restarts"
)


def lifetime(draft: Draft) -> tuple[str, ...]:
    """How long it will hold. Nothing where nothing is set."""
    if not draft.targets and not draft.files:
        return ()
    if draft.undoes:
        return ("All is as it was before: nothing has to hold.",)
    by_file, by_table = _levers(draft)
    if draft.kind is ChangeKind.RESTORE:
        return (*_restored(by_table), *_places(draft))
    sentences: list[str] = []
    if by_file or draft.files:
        sentences.append(
            "Holds until it is restored: through health checks, reloads and restarts of keepalived, and failovers."
        )
        sentences += _boots(draft)
    if by_table:
        sentences += _in_the_table(by_table)
    return (*sentences, *_places(draft))


def _levers(draft: Draft) -> tuple[list[Target], list[Target]]:
    """Targets that a track file of this change decides, and those that only stand in the kernel's table."""
    names = {(each.director, each.name) for each in draft.files}
    by_file = [target for target in draft.targets if _decided(target, names)]
    return by_file, [target for target in draft.targets if target not in by_file]


def _decided(target: Target, names: set[tuple[str, str]]) -> bool:
    checked, director = target.cell.checked, target.cell.director.name
    return checked is not None and any(watches(checked, name) for where, name in names if where == director)


def _in_the_table(targets: Sequence[Target]) -> Iterator[str]:
    yield "Holds through successful health checks and through reloads of keepalived."
    yield f"Ends {_OCCASIONS}: keepalived then sets the weight that it is configured with."
    cells = [target.cell for target in targets]
    sorry = dict.fromkeys(
        f"{cell.row[0]} (sorry server {cell.checked_server.sorry_server})"
        for cell in cells
        if cell.checked_server is not None and cell.checked_server.sorry_server is not None
    )
    if sorry:
        yield f"Ends when its virtual server loses or regains its quorum: {listing(sorry)}."
    elif any(cell.checked_server is None for cell in cells):
        yield "Ends when its virtual server loses or regains its quorum, if that has a sorry server."
    if any(check.weight for cell in cells if cell.checked is not None for check in cell.checked.file_checks):
        yield "Ends when the number in a track file changes that one of its FILE_CHECKs watches."
    idle = dict.fromkeys(cell.director.name for cell in cells if keepalived_is_down(cell.director))
    if idle:
        yield f"keepalived does not run on {listing(idle)}: nothing is overwritten there until it starts."


def _restored(by_table: Sequence[Target]) -> Iterator[str]:
    differing = [
        target for target in by_table if target.cell.checked is None or target.cell.checked.weight != target.after
    ]
    if not differing:
        yield "These are the weights that keepalived means them to have: nothing ends that."
    elif any(target.cell.checked is None for target in differing):
        yield f"Unless it is the weight that keepalived is configured with, it ends {_OCCASIONS}."
    else:
        yield f"Where it is not the weight that keepalived is configured with, it ends {_OCCASIONS}."


def _boots(draft: Draft) -> Iterator[str]:
    """Files that a reboot takes away: an absent one counts as 0."""
    paths = sorted({each.path for each in draft.files})
    gone = [path for path in paths if path.startswith(GONE_AT_BOOT)]
    perhaps = [path for path in paths if path.startswith(PERHAPS_GONE_AT_BOOT)]
    if gone:
        yield f"Ends when the director reboots: {listing(gone)} {is_are(gone)} on a file system in memory."
    if perhaps:
        yield f"May end when the director reboots: {listing(perhaps)} may be emptied then."


def _places(draft: Draft) -> Iterator[str]:
    """On which directors, since a failover makes another table count."""
    view = draft.view
    missing = [director.name for director in view.snapshot.directors if not view.reaches(director)]
    partly = sorted({cell.director.name for cell in draft.absent})
    names = dict.fromkeys(target.cell.director.name for target in draft.targets)
    if missing:
        yield f"Not set on {listing(missing)}: a failover to it undoes it."
    if partly:
        yield f"Set in part only on {listing(partly)}: a failover to it undoes the rest."
    if not missing and not partly and len(names) > 1:
        yield f"Set on {listing(names)}: a failover changes nothing."
