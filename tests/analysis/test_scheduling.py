"""Settings of a virtual server in plain sentences, with what they mean for a drain."""

import pytest

from lvstop.analysis.scheduling import one_packet_sentence, persistence_sentence, scheduler_sentence
from lvstop.model.ipvs import VirtualServerDetail
from support.factories import SERVICE, detail, virtual_server

SCHEDULERS = ("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf", "twos")


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_of_the_kernel_is_explained(scheduler: str) -> None:
    """Its name, then what it does."""
    assert scheduler_sentence(scheduler, ()).startswith(f"{scheduler} – ")
    assert "does not know" not in scheduler_sentence(scheduler, ())


def test_a_stranger_is_called_one() -> None:
    """A module of somebody's own."""
    assert scheduler_sentence("homemade", ("odd",)) == (
        "homemade – a scheduler that lvstop does not know; odd: a flag that lvstop does not know"
    )


@pytest.mark.parametrize(
    ("scheduler", "flags", "told"),
    [
        ("sh", (), "without sh-fallback clients of a drained real server are refused"),
        ("sh", None, "flags unknown: only root can read them"),
        ("sh", ("sh-fallback", "sh-port"), "sh-port: the client's port counts too"),
        ("mh", ("mh-port",), "without mh-fallback clients of a drained real server are refused"),
        ("dh", None, "clients of a drained real server are refused"),
    ],
)
def test_hashing_schedulers_tell_what_a_drain_does(scheduler: str, flags: tuple[str, ...] | None, told: str) -> None:
    """They send clients to a drained real server all the same, unless a flag prevents it."""
    assert scheduler_sentence(scheduler, flags).endswith(f"; {told}")


@pytest.mark.parametrize(
    ("prefix", "seconds", "told"),
    [
        (32, 300, "persistent: a client stays with its real server until 300 s after its last new connection"),
        (
            24,
            60,
            "persistent: a client's /24 network stays with its real server until 60 s after its last new connection",
        ),
        (
            None,
            None,
            "persistent: a client (how much of its address counts is unknown) stays with its real server "
            "until an unknown time after its last new connection",
        ),
    ],
)
def test_persistence_names_time_and_client(prefix: int | None, seconds: int | None, told: str) -> None:
    """What /proc does not tell is unknown."""
    server = virtual_server(SERVICE, persistent=True, persistence_seconds=seconds, persistence_prefix=prefix)
    assert persistence_sentence(server, None) == told


def test_the_engine_is_named() -> None:
    """Only root reads it."""
    server = virtual_server(SERVICE, persistent=True)
    assert persistence_sentence(server, detail(persistence_seconds=300, engine="sip")).endswith("by the engine sip")


def test_without_persistence() -> None:
    """Said all the same: it decides what a drain does."""
    sentence = persistence_sentence(virtual_server(SERVICE), None)
    assert sentence == "not persistent: each connection is scheduled on its own"


@pytest.mark.parametrize(
    ("table", "privileged", "told"),
    [(True, None, True), (False, None, False), (None, None, False), (None, True, True)],
)
def test_one_packet(table: bool | None, privileged: bool | None, told: bool) -> None:
    """Where the table does not show it, ipvsadm does."""
    more = None if privileged is None else VirtualServerDetail((), 0, None, None, privileged, {})
    assert bool(one_packet_sentence(virtual_server(SERVICE, one_packet=table), more)) is told
