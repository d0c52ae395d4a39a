"""What the operator's command is told."""

import json

from lvstop.engine.hook_document import document
from lvstop.model.alert import AlertCode
from support.alarms import an_alert, news_of


def test_a_silence_has_one_name() -> None:
    """A late answer becomes a lost connection, and scripts know by code and subject which alarm it is."""
    told_as = [
        json.loads(document(news_of(alert=an_alert(code=code, subject="lb1")), left_out=0, waiting=0))
        for code in (AlertCode.DIRECTOR_STALE, AlertCode.DIRECTOR_UNREACHABLE)
    ]
    assert [(each["code"], each["subject"]) for each in told_as] == [("director-unreachable", "lb1")] * 2
