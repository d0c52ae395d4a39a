"""Numbers, durations and moments as an operator reads them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop import format as fmt


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0, "0"), (7, "7"), (999, "999"), (1204, "1,204"), (-5, "-5"), (10**9, "1,000,000,000")],
)
def test_number(value: int | None, text: str) -> None:
    """Thousands are set apart."""
    assert fmt.number(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.0001, "<.1"),
        (0.0005, "0.1"),
        (0.0049, "0.5"),
        (0.0094, "0.9"),
        (0.0096, "1"),
        (0.6, "60"),
        (1.0, "100"),
    ],
)
def test_percent(part: float | None, text: str) -> None:
    """A decimal below 1, so that a thousandth is not 0; at most three characters."""
    assert fmt.percent(part) == text
    assert len(text) <= 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0.0"),
        (0.04, "0.0"),
        (0.06, "0.1"),
        (21, "21.0"),
        (99.94, "99.9"),
        (99.95, "100"),
        (1204.4, "1,204"),
    ],
)
def test_per_second(value: float | None, text: str) -> None:
    """One decimal as long as it tells something; never `100.0`."""
    assert fmt.per_second(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (1, "8"),
        (124, "992"),
        (124.9, "999"),
        (125, "1.0k"),
        (2_275_000, "18.2M"),
        (12_493_000, "99.9M"),
        (12_500_000, "100M"),
        (124_900_000, "999M"),
        (125_000_000, "1.0G"),
        (1.25e11, "1.0T"),
        (1.25e15, "10000.0T"),
    ],
)
def test_bits(value: float | None, text: str) -> None:
    """Bytes go in, bits with a decimal prefix come out, in at most five characters up to terabits."""
    assert fmt.bits(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0.0s"),
        (0.31, "0.3s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (42, "42s"),
        (89, "89s"),
        (90, "2m"),
        (300, "5m"),
        (5399, "90m"),
        (5400, "2h"),
        (10800, "3h"),
        (129599, "36h"),
        (129600, "2d"),
        (12 * 86400, "12d"),
    ],
)
def test_age(value: float | None, text: str) -> None:
    """One unit, which is enough to know whether it matters."""
    assert fmt.age(value) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=900), "0s"),
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(minutes=4, seconds=10), "4m 10s"),
        (timedelta(minutes=4), "4m"),
        (timedelta(hours=2, seconds=5), "2h"),
        (timedelta(hours=2, minutes=49, seconds=5), "2h 49m"),
        (timedelta(days=12, hours=3, minutes=14), "12d 3h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_duration(span: timedelta, text: str) -> None:
    """The two largest units, without the one that is 0; never negative."""
    assert fmt.duration(span) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (None, "–"),
        (datetime(2026, 11, 22, 14, 2, 11, 999_999, tzinfo=UTC), "2026-11-22 14:02:11 UTC"),
        (datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-11-21 23:00:00 UTC"),
    ],
)
def test_moment(when: datetime | None, text: str) -> None:
    """Always UTC, and it says so."""
    assert fmt.moment(when) == text


@pytest.mark.parametrize("write", [fmt.number, fmt.per_second, fmt.bits, fmt.age, fmt.moment])
def test_unknown_is_never_zero(write: Callable[[Any], str]) -> None:
    """None is a dash everywhere."""
    assert write(None) == fmt.UNKNOWN == "–"


amounts = st.floats(0, 1e18)


@given(amounts, st.integers(), st.timedeltas(), st.datetimes(timezones=st.just(UTC)))
def test_nothing_raises(amount: float, count: int, span: timedelta, when: datetime) -> None:
    """Whatever is to be shown can be shown, on one line, and is something."""
    texts = [fmt.number(count), fmt.duration(span), fmt.moment(when)]
    texts += [write(amount) for write in (fmt.per_second, fmt.bits, fmt.age)]
    assert all(text.strip() == text and text and "\n" not in text for text in texts)


@given(amounts, amounts)
def test_more_never_looks_like_less(one: float, other: float) -> None:
    """What is written keeps the order of what was measured."""
    less, more = sorted((one, other))
    assert _bits(fmt.bits(less)) <= _bits(fmt.bits(more))
    assert float(fmt.per_second(less).replace(",", "")) <= float(fmt.per_second(more).replace(",", ""))


def _bits(text: str) -> float:
    factors = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    return float(text.rstrip("kMGT")) * factors.get(text[-1], 1.0)


@given(st.floats(0, 124e9))
def test_bits_fit_their_column(amount: float) -> None:
    """Up to a terabit a second five characters are enough."""
    assert len(fmt.bits(amount)) <= 5
