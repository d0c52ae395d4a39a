"""What is kept is what would have been made."""

from lvstop.probe.kept import Kept
from support.clocks import EagerClock
from support.fake_director import FakeDirector, Ticker


def test_the_same_objects_make_the_same_object() -> None:
    kept: Kept[list[str]] = Kept()
    one, other = ("a",), (str(1),)
    first = kept.of(lambda: list(one), one, None)
    assert kept.of(lambda: list(other), one, None) is first
    assert kept.of(lambda: list(other), other, None) == ["1"]
    assert kept.of(lambda: list(one), one, None) == ["a"]


def test_equal_objects_are_not_the_same() -> None:
    kept: Kept[int] = Kept()
    made = [kept.of(lambda number=number: number, [number // 2]) for number in range(4)]  # type: ignore[misc]
    assert made == [0, 1, 2, 3]


def test_none_is_a_result() -> None:
    kept: Kept[int | None] = Kept()
    assert kept.of(lambda: None) is None
    assert kept.of(lambda: 1) is None


async def test_what_did_not_change_is_the_same_object_in_the_next_tick(
    director: FakeDirector, clock: EagerClock
) -> None:
    """Whoever compares two looks need not look into it."""
    ticker = Ticker(director, clock)
    await ticker.connect()
    before = await ticker.tick(5)
    after = await ticker.tick()
    assert before.vrrp
    assert after.vrrp is before.vrrp
    assert before.addresses
    assert after.addresses is before.addresses
    director.addresses = (*director.addresses, "10.9.0.222")
    later = await ticker.tick()
    assert later.addresses is not before.addresses
    assert "10.9.0.222" in {str(each.address) for each in later.addresses or ()}
    await ticker.probe.close()
