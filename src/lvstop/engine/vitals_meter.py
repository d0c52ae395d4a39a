"""A machine's vitals over time: each new reading against the one before."""

from lvstop.analysis.rate_window import LONGEST_PAUSE
from lvstop.analysis.vitals import vitals_rates
from lvstop.model.vitals import Vitals, VitalsRates


class VitalsMeter:
    """Takes the vitals of one director's snapshots, in the order in which they were read."""

    def __init__(self, longest_pause: float = LONGEST_PAUSE) -> None:
        """`longest_pause`: seconds after which a reading says nothing of the present any more."""
        self._longest_pause = longest_pause
        self._known: Vitals | None = None
        self._rates: VitalsRates | None = None

    def take(self, vitals: Vitals | None) -> VitalsRates | None:
        """Rates now; None before the second reading of this boot."""
        before = self._known
        if vitals is before:
            return self._rates
        self._known, self._rates = vitals, None
        if before is not None and vitals is not None and vitals.uptime - before.uptime <= self._longest_pause:
            self._rates = vitals_rates(before, vitals)
        return self._rates
