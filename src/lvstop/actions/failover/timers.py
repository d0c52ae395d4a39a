"""How long VRRP takes, by the timers of both directors.

keepalived's vrrp.h: a BACKUP takes over when it has accepted no advert for 3 × advert_int and its skew time; after an
advert with priority 0, which a master sends when it leaves, after the skew time alone. The skew time is
(256 − priority) / 256, of a second in VRRP 2 and of the advert interval in VRRP 3.
"""

from lvstop.model.vrrp import VrrpInstance

ADVERTS_MISSED = 3
"""keepalived's `down_timer_adverts` where it is not configured; RFC 5798 §6.1."""

_LEAST_PRIORITY = 1


def skew(instance: VrrpInstance) -> float | None:
    """Seconds; None where the interval is unknown. What is unknown besides counts as what takes longest."""
    if instance.advert_interval is None:
        return None
    priority = _LEAST_PRIORITY if instance.effective_priority is None else instance.effective_priority
    units = {2: (1.0,), 3: (instance.advert_interval,)}
    unit = max(units.get(instance.version or 0, (1.0, instance.advert_interval)))
    return (256 - priority) / 256 * unit


def down_timer(instance: VrrpInstance) -> float | None:
    """Seconds after the last advert that it accepted until it takes over; None where the interval is unknown."""
    own = skew(instance)
    if own is None or instance.advert_interval is None:
        return None
    return ADVERTS_MISSED * instance.advert_interval + own


def preemption(instance: VrrpInstance) -> float | None:
    """Seconds, at most, until a BACKUP takes over from a master whose priority has fallen below its own.

    With a preempt delay it accepts lower adverts until the delay is over, which begins with the first of them.
    """
    timer = down_timer(instance)
    if timer is None or instance.advert_interval is None:
        return None
    delay = instance.preempt_delay or 0.0
    return timer + (delay + instance.advert_interval if delay else 0.0)
