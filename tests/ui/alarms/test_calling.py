"""How a terminal is asked for a notification: what is said in it is data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.alarms import Notification
from lvstop.ui.alarms.calling import notification
from lvstop.ui.steady_driver import SteadyDriver, is_frame
from support.alarms import an_alert, news_of
from support.factories import cluster
from support.terminal import make_app


@pytest.mark.parametrize(
    ("kind", "sequence"),
    [
        (Notification.OFF, ""),
        (Notification.OSC9, "\x1b]9;lvstop: smb critical: d1 is down; d2 too.\x1b\\"),
        (Notification.OSC777, "\x1b]777;notify;lvstop: smb critical;d1 is down, d2 too.\x1b\\"),
    ],
)
def test_what_the_terminal_is_told(kind: Notification, sequence: str) -> None:
    """By either of two conventions, or nothing."""
    news = news_of(alert=replace(an_alert(), summary="d1 is down; d2 too."))
    assert notification(kind, news) == sequence
    assert not is_frame(sequence)


@given(st.text(), st.sampled_from([Notification.OSC9, Notification.OSC777]))
def test_nothing_that_is_said_ends_it(summary: str, kind: Notification) -> None:
    """Neither a bell nor an escape nor a control character of eight bits, and it is short."""
    sequence = notification(kind, news_of(alert=replace(an_alert(), summary=summary)))
    inner = sequence[1:-2]
    assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in inner)
    assert len(sequence) < 400
    if kind is Notification.OSC777:
        assert sequence.count(";") == 3


async def test_the_driver_lends_its_voice() -> None:
    """What the application tells its terminal goes the way of all that is no frame."""
    app = make_app(cluster())
    driver = SteadyDriver(app)  # type: ignore[arg-type]  # as Textual calls it, whatever the app returns
    assert app.tell_terminal == driver.write
