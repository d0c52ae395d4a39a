"""What was begun and not ended: which change or failover `lvstop resume` is about."""

from collections.abc import Sequence

from lvstop import format as fmt
from lvstop.actions.failover.words import what_moves_on
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.words import listing
from lvstop.cli.change_report import change_words
from lvstop.cli.changing import UsageError
from lvstop.cli.table import lay_out
from lvstop.model.change import ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverPhase
from lvstop.model.failover_record import Record


def find_unfinished(snapshot: ClusterSnapshot, record_id: str | None) -> Record | Objection:
    """What is unfinished, or why nothing is resumed.

    Raises:
        UsageError: several are, and none of them is named.
    """
    pending: list[Record] = [each for each in snapshot.changes if each.phase is ChangePhase.PENDING]
    pending += [each for each in snapshot.failovers if each.phase is FailoverPhase.PENDING]
    if record_id is None and len(pending) > 1:
        raise UsageError(f"{len(pending)} changes are unfinished; name one:\n{unfinished_text(pending)}")
    found = next((each for each in pending if record_id in (None, each.id)), None)
    return _nothing(snapshot, record_id, pending) if found is None else found


def _nothing(snapshot: ClusterSnapshot, record_id: str | None, pending: Sequence[Record]) -> Objection:
    """No such change is known, which is not the same as that there is none."""
    if any(each.id == record_id for each in snapshot.failovers):
        sentence = (
            f"The failover {record_id} is not unfinished: its lever is held. "
            f"`lvstop failover {snapshot.name} --release` releases it."
        )
        return Objection(ObjectionCode.NOTHING_TO_DO, sentence, overridable=False)
    what = "Nothing is unfinished" if record_id is None else f"No change {record_id} is unfinished"
    if unknown := unknown_records(snapshot):
        sentence = f"{what} in {snapshot.name} as far as is known; {unknown}."
        return Objection(ObjectionCode.DIRECTOR_MISSING, sentence, overridable=False)
    those = f" These are: {', '.join(each.id for each in pending)}." if pending else ""
    return Objection(ObjectionCode.NOTHING_TO_DO, f"{what} in {snapshot.name}.{those}", overridable=False)


def unknown_records(snapshot: ClusterSnapshot) -> str:
    """Whose records nobody can read, within a sentence; empty where all of them could be."""
    silent = [each.name for each in snapshot.directors if not each.answers or each.changes is None]
    if not silent:
        return ""
    return f"what {listing(silent)} {'has' if len(silent) == 1 else 'have'} on record is unknown"


def unfinished_text(records: Sequence[Record]) -> str:
    """Changes and failovers on record, a line each."""
    rows = [(f"  {each.id}", _words(each), f"by {each.author}", fmt.moment(each.at)) for each in records]
    return "\n".join(lay_out(rows)) + "\n"


def _words(record: Record) -> str:
    return what_moves_on(record) if isinstance(record, Failover) else change_words(record)
