"""What an execution needs besides its plan: ways to reach, to look, and to write down."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lvstop.actions.failover.crew import Reach
from lvstop.actions.failover.journal import FailoverJournal
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.actions.store import ChangeStore
from lvstop.clock import Clock
from lvstop.model.change import Author
from lvstop.model.cluster import ClusterSnapshot


@dataclass(frozen=True, slots=True)
class Again:
    """The cluster read anew, and what would be done now."""

    made: FailoverPlan | FailoverRefusal
    snapshot: ClusterSnapshot


@dataclass(frozen=True, slots=True)
class Means:
    """What an execution needs besides the plan.

    Attributes:
        reach: lays hands on a director.
        plan_again: reads every director anew, over connections of its own, and assesses the same deed.
        look: reads every director anew.
        author: who runs this lvstop; a lever may be released by somebody else than who pulled it.
    """

    reach: Reach
    plan_again: Callable[[], Awaitable[Again]]
    look: Callable[[], Awaitable[ClusterSnapshot]]
    author: Author
    store: ChangeStore
    journal: FailoverJournal
    clock: Clock
