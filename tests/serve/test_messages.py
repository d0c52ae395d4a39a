"""What a page says: anything at all may come, and nothing of it is more than a key, a size, a ping or the focus."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lvstop.serve.messages import HEIGHTS, WIDTHS, Focus, Keys, Ping, Resize, parse_message

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


def test_what_the_script_says() -> None:
    """Word for word."""
    assert parse_message('["stdin", "q\\u001b[A"]') == Keys(b"q\x1b[A")
    assert parse_message('["resize", {"width": 120, "height": 40}]') == Resize(120, 40)
    assert parse_message('["ping", 3]') == Ping(3)
    assert parse_message('["focus"]') == Focus(here=True)
    assert parse_message('["blur"]') == Focus(here=False)


def test_sizes_are_taken_seriously_within_reason() -> None:
    """A terminal of a million cells would be another's memory."""
    assert parse_message('["resize", {"width": 1000000, "height": -3}]') == Resize(WIDTHS[1], HEIGHTS[0])


@given(st.text() | ANYTHING.map(json.dumps))
def test_nothing_else_is_understood(text: str) -> None:
    """And nothing that is said raises."""
    found = parse_message(text)
    assert found is None or isinstance(found, Keys | Resize | Ping | Focus)


@given(st.sampled_from(["stdin", "resize", "ping", "focus", "exec", "meta"]), ANYTHING)
def test_words_with_anything(word: str, matter: object) -> None:
    """A known word with matter that does not fit is not understood."""
    found = parse_message(json.dumps([word, matter]))
    if word in ("exec", "meta") or (word == "stdin" and not isinstance(matter, str)):
        assert found is None
    if isinstance(found, Resize):
        assert WIDTHS[0] <= found.width <= WIDTHS[1]
