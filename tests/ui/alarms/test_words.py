"""What is said of alarms, wherever alerts are told."""

from lvstop.analysis.alarms import Alarms
from lvstop.config.alarms import Debounce
from lvstop.model.director import DirectorStatus
from lvstop.ui.screens.alerts import alerts_at_length
from lvstop.ui.wall.words import OnWall, troubles
from lvstop.ui.widgets.alert_strip import alert_lines
from support.factories import backup, cluster, gone, master


def test_a_late_answer_is_known_by_the_alarm_about_its_silence() -> None:
    """The alert is `director-stale`, the alarm is that of the director: acknowledged, and told once."""
    late = cluster(master(), gone(backup(), DirectorStatus.STALE))
    alarms = Alarms()
    for second in (0.0, 15.0, 30.0):
        alarms, _ = alarms.observe(late, second, Debounce(), gap=60.0)
    alarms = alarms.acknowledged()
    assert len(alarms.standing) == 1
    noted = {alarm.key for alarm in alarms.standing}
    assert "acknowledged" in "\n".join(line.plain for line in alert_lines(late.alerts, 8, 120, noted))
    assert "acknowledged" in alerts_at_length(late, 120, alarms.standing).plain
    assert [trouble.note for trouble in troubles(OnWall.of(late, alarms), 8)] == ["acknowledged"]
