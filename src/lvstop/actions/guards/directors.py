"""Directors that cannot be changed now."""

from collections.abc import Iterator

from lvstop.actions.draft import Draft
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.view import View
from lvstop.analysis.words import age, listing


def director_missing(draft: Draft) -> Iterator[Objection]:
    """A director does not answer, or its table could not be read: it would be left as it is."""
    for director in draft.view.snapshot.directors:
        if draft.view.reaches(director) or draft.view.outdated(director):
            continue
        if director.answers:
            yield _objection(draft.view, ObjectionCode.NOT_READ_YET, f"The table of {director.name} is not known")
            continue
        why = "" if director.fault is None else f" ({director.fault.summary.rstrip('.')})"
        yield _objection(draft.view, ObjectionCode.DIRECTOR_MISSING, f"{director.name} does not answer{why}")


def stale_data(draft: Draft) -> Iterator[Objection]:
    """What is known of a director is too old to act on."""
    for director in draft.view.snapshot.directors:
        if draft.view.outdated(director):
            seconds = draft.view.age(director)
            since = "" if seconds is None else f": its table was read {age(seconds)} ago"
            yield _objection(draft.view, ObjectionCode.STALE_DATA, f"{director.name} does not answer in time{since}")


def _objection(view: View, code: ObjectionCode, evidence: str) -> Objection:
    """The operator may do without a director, as long as another one is left."""
    left = view.reachable
    if not left:
        return Objection(code, f"{evidence}; no other director is left to change.", overridable=False)
    names = listing(director.name for director in left)
    return Objection(code, f"{evidence}; a failover would undo what is done on {names} alone.", overridable=True)
