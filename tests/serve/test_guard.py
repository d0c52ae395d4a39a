"""Which names and pages are let in."""

import pytest

from lvstop.serve.guard import AddressError, guard_of, is_loopback


def test_this_machine_has_three_names_and_no_other() -> None:
    """Whatever somebody else's name resolves to: the browser tells that name."""
    guard = guard_of("127.0.0.1", 8000, None)
    assert guard.url == "http://127.0.0.1:8000"
    for host in ("127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"):
        assert guard.knows(host)
        assert guard.lets_in(f"http://{host}")
    strangers: tuple[str | None, ...] = (
        "evil.example:8000",
        "127.0.0.1",
        "127.0.0.1:8001",
        "127.0.0.1:8000.evil.example",
        "",
        None,
    )
    for stranger in strangers:
        assert not guard.knows(stranger)
    for origin in ("https://127.0.0.1:8000", "http://evil.example", "null", "", None):
        assert not guard.lets_in(origin)


def test_behind_a_web_server_its_name_counts_as_well() -> None:
    """Also where it passes on the name by which it asks itself."""
    guard = guard_of("127.0.0.1", 8000, "https://Wall.Example.org/")
    assert guard.url == "https://wall.example.org"
    assert guard.knows("wall.example.org")
    assert guard.knows("127.0.0.1:8000")
    assert guard.lets_in("https://wall.example.org")
    assert not guard.lets_in("http://wall.example.org")


def test_usual_ports_are_not_written() -> None:
    """As browsers leave them out."""
    assert guard_of("127.0.0.1", 80, None).knows("localhost")
    assert guard_of("10.0.0.5", 8000, "https://wall.example.org:443").url == "https://wall.example.org"
    assert guard_of("fd00::5", 8000, None).knows("[fd00::5]:8000")


@pytest.mark.parametrize(
    "url",
    [
        "wall.example.org",
        "ftp://wall.example.org",
        "https://",
        "https://a@b.example",
        "https://b.example/lvs",
        "https://b.example:x",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """And why."""
    with pytest.raises(AddressError, match="is no URL of a server"):
        guard_of("127.0.0.1", 8000, url)


def test_loopback() -> None:
    """By address and by its one name."""
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.5", "lb1", "localhost.evil.example", "")))  # noqa: S104
