"""Whatever is lost, on both directors at once, whichever lever and however slow: what an outcome says is so."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.actions.outcome import OutcomeKind
from lvstop.model.failover import FailoverLever
from support.failover_director import FailoverDirector, Loss, What
from support.failover_pair import FailoverPair, a_plan, a_release

VERBS = (
    "uid",
    "lock",
    "number",
    "record",
    "date",
    "addresses",
    "put",
    "priority",
    "place",
    "active",
    "service",
    "forget",
    "note",
    "p",
)
LIVING = tuple(what for what in What if what is not What.MACHINE)


def losses(*what: What) -> st.SearchStrategy[Loss | None]:
    """Something gets lost, or nothing."""
    loss = st.builds(Loss, st.sampled_from(VERBS), st.booleans(), st.sampled_from(what), st.integers(1, 9))
    return st.none() | loss


def slow(director: FailoverDirector, trip: float, skew: float) -> None:
    """Its way and its clock."""
    director.trip, director.skew = trip, skew


@settings(max_examples=60)
@given(
    lever=st.sampled_from(FailoverLever),
    first=losses(*What),
    second=losses(*LIVING),
    trips=st.tuples(st.floats(0.02, 0.4), st.floats(0.02, 0.4)),
    skews=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
    late=st.floats(0.0, 9.0),
    release=st.booleans(),
    swapped=st.booleans(),
)
def test_the_outcome_is_true(
    lever: FailoverLever,
    first: Loss | None,
    second: Loss | None,
    trips: tuple[float, float],
    skews: tuple[float, float],
    late: float,
    release: bool,
    swapped: bool,
) -> None:
    """Each address is on exactly one director, or the outcome says that it is not done, and what to type."""
    with tempfile.TemporaryDirectory() as folder, FailoverPair(Path(folder) / "changes") as pair:
        plan = a_release(pair.held(lever)) if release else a_plan(lever)
        for director, trip, skew in zip(pair.directors, trips, skews, strict=True):
            slow(director, trip, skew)
        pair.target.router.slow = late
        pair.source.lose, pair.target.lose = (second, first) if swapped else (first, second)
        outcome = pair.carry_out(plan)
        if release and outcome.kind is OutcomeKind.REFUSED:
            assert pair.deeds == []
        else:
            pair.judge(plan, outcome)
