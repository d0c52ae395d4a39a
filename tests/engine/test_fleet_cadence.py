"""What many clusters at once do differently: shared moments, and what may wait."""

from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.schema import ClusterConfig, PrivilegeChoice
from lvstop.engine.connections import MANY, settings_for
from lvstop.engine.slots import SLOT, next_slot
from lvstop.probe.settings import ProbeSettings

CLUSTER = ClusterConfig("smb", (), privilege=PrivilegeChoice.SUDO)


@given(st.floats(0, 1e7))
def test_a_shared_moment_is_soon_and_never_early(due: float) -> None:
    """To the rounding of numbers that large."""
    moment = next_slot(due)
    assert due - 1e-6 <= moment <= due + SLOT + 1e-6


@given(st.integers(0, 10**8), st.floats(0.001, 0.999))
def test_those_that_are_due_within_one_share_its_end(slot: int, part: float) -> None:
    """Exactly: the event loop wakes once for all of them."""
    assert next_slot((slot + part) * SLOT) == next_slot((slot + 0.5) * SLOT)


def test_a_few_clusters_are_read_as_one_is() -> None:
    """Nothing is read less often than the settings say."""
    assert settings_for(CLUSTER, MANY) == ProbeSettings(privilege=PrivilegeChoice.SUDO)


def test_of_many_clusters_counters_are_read_less_often() -> None:
    """They need a process of ipvsadm each time; nothing else is read less often, and the table never is."""
    usual, many = ProbeSettings(privilege=PrivilegeChoice.SUDO), settings_for(CLUSTER, MANY + 1)
    different = {name for name in ProbeSettings.__dataclass_fields__ if getattr(usual, name) != getattr(many, name)}
    assert different == {"counters_every"}
    assert usual.counters_every < many.counters_every < 13.4 / 2
