"""Who gets the next connection: the shares of the kernel's schedulers."""

from collections import Counter
from ipaddress import ip_address
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.demo.world.connections import Connections
from lvstop.demo.world.scheduling import SCHEDULERS, schedule, share_out
from lvstop.demo.world.table import Destination, Service
from lvstop.model.address import RealServerKey
from lvstop.model.ipvs import ForwardingMethod
from support.worlds import service_key

SEED = 7
CLIENTS = 5000


def made(scheduler: str, *weights: int, flags: tuple[str, ...] = ()) -> Service:
    destinations = []
    for place, weight in enumerate(weights):
        key = RealServerKey(ip_address(f"10.0.0.{21 + place}"), 80)
        connections = Connections(4, udp=False)
        destination = Destination(key, ForwardingMethod.ROUTE, weight, 0, 0, None, connections)
        destination.last_weight = weight or 1
        destinations.append(destination)
    return Service(service_key(), scheduler, flags, None, None, False, destinations)


def give(service: Service, count: int, random: Random | None = None) -> list[int]:
    """Schedule connections and let them be there."""
    counts = schedule(service, count, CLIENTS, random or Random(SEED))  # noqa: S311 # a test is no secret
    for destination, number in zip(service.destinations, counts, strict=True):
        destination.connections.begin(number)
    return counts


def one_by_one(service: Service, count: int) -> list[int]:
    random = Random(SEED)  # noqa: S311
    sums = [0] * len(service.destinations)
    for _ in range(count):
        for place, number in enumerate(give(service, 1, random)):
            sums[place] += number
    return sums


def test_rr_goes_round_and_leaves_weight_0_out() -> None:
    service = made("rr", 1, 0, 7)
    assert [give(service, 1) for _ in range(4)] == [[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1]]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.lists(st.integers(0, 50), max_size=6))
def test_round_robins_give_the_same_in_one_go_as_one_by_one(weights: list[int], batches: list[int]) -> None:
    for scheduler in ("rr", "wrr"):
        together, single = made(scheduler, *weights), made(scheduler, *weights)
        for batch in batches:
            assert give(together, batch) == one_by_one(single, batch)


def test_wrr_gives_exactly_by_weight_and_interleaves() -> None:
    service = made("wrr", 4, 2, 1)
    assert give(service, 7) == [4, 2, 1]
    turns = [give(service, 1).index(1) for _ in range(7)]
    assert turns == [0, 0, 0, 1, 0, 1, 2]


def test_least_connections_fill_up_the_emptiest() -> None:
    service = made("lc", 1, 1, 1)
    service.destinations[0].connections.begin(10)
    service.destinations[1].connections.begin(4)
    assert give(service, 8) == [0, 2, 6]


def test_weighted_least_connections_end_at_the_weights() -> None:
    service = made("wlc", 1, 3)
    service.destinations[0].connections.begin(50)
    give(service, 150)
    assert [each.active for each in service.destinations] == [50, 150]


def test_nq_takes_an_idle_one_first() -> None:
    service = made("nq", 100, 1)
    service.destinations[0].connections.begin(1)
    assert give(service, 1) == [0, 1]


def test_fo_takes_the_highest_weight_only() -> None:
    assert give(made("fo", 1, 9, 5), 10) == [0, 10, 0]


def test_sh_refuses_what_falls_to_a_drained_one_and_with_fallback_does_not() -> None:
    refusing, falling_back = made("sh", 1, 0), made("sh", 1, 0, flags=("sh-fallback",))
    kept = sum(give(refusing, 300))
    assert 110 <= kept <= 190, "about half, as in the lab"
    assert give(falling_back, 300) == [300, 0]


def test_sh_gives_a_drained_one_among_high_weights_a_small_share_only() -> None:
    kept = sum(give(made("sh", 10, 0), 2000))
    assert kept == pytest.approx(2000 * 10 / 11, rel=0.03)


def test_mh_refuses_the_whole_share_of_a_drained_one() -> None:
    service = made("mh", 5, 5)
    whole = give(service, 2000)
    assert sum(whole) == 2000
    service.destinations[0].weight = 0
    service.changed += 1
    kept = give(service, 2000)
    assert kept[0] == 0
    assert kept[1] == pytest.approx(whole[1], abs=60)
    service.flags = ("mh-fallback",)
    assert give(service, 2000) == [0, 2000]


def test_a_hash_sends_each_client_to_the_same_one() -> None:
    service = made("sh", 1, 1, 1)
    for client in range(20):
        picked = {tuple(schedule(service, 1, CLIENTS, Fixed(client))) for _ in range(5)}
        assert len(picked) == 1


class Fixed(Random):
    """The same client each time."""

    def __init__(self, client: int) -> None:
        super().__init__(0)
        self.client = client

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        """The client."""
        return self.client


@given(
    st.sampled_from(SCHEDULERS),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 40)), min_size=1, max_size=6),
    st.integers(0, 600),
)
def test_nothing_is_made_up_and_nothing_goes_where_it_must_not(
    scheduler: str, servers: list[tuple[int, int]], count: int
) -> None:
    service = made(scheduler, *(weight for weight, _ in servers))
    for destination, (_, upper) in zip(service.destinations, servers, strict=True):
        destination.upper_threshold = upper
    counts = give(service, count)
    assert sum(counts) <= count
    for destination, number in zip(service.destinations, counts, strict=True):
        assert number == 0 or destination.weight > 0
        assert not destination.upper_threshold or number <= destination.upper_threshold
    spare = any(each.weight and not each.upper_threshold for each in service.destinations)
    if spare and scheduler not in ("sh", "mh", "dh"):
        assert sum(counts) == count


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any), st.integers(0, 1000), st.integers())
def test_shares_are_exact_in_sum_and_fair_to_one(shares: list[int], count: int, seed: int) -> None:
    counts = share_out(shares, count, Random(seed))  # noqa: S311
    assert sum(counts) == count
    for share, number in zip(shares, counts, strict=True):
        assert abs(number - count * share / sum(shares)) < 2


def test_every_client_of_a_hash_has_one_bucket() -> None:
    service = made("sh", 3, 1)
    give(service, 1)
    assert service.hashed is not None
    assert Counter(service.hashed[1]) == {0: 192, 1: 64}
