"""What is written large."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.wall.giant import giant
from lvstop.ui.wall.words import holder
from support import scenes


@pytest.mark.parametrize(
    ("scene", "word", "known"),
    [
        (scenes.steady, "keepalived1", True),
        (scenes.split_brain, "TWO AT ONCE", False),
        (scenes.nobody_answers, "unknown", False),
        (scenes.connecting, "connecting", False),
    ],
)
def test_who_holds_it(scene: object, word: str, known: bool) -> None:
    """A name only where one director holds it."""
    assert callable(scene)
    found = holder(scene()[-1])
    assert (found.word, found.known) == (word, known)


def test_a_director_that_cannot_be_asked_may_hold_it_too() -> None:
    """Then nobody says that all is known."""
    found = holder(scenes.unreachable()[-1])
    assert not found.known
    assert "cannot be asked" in found.below


@given(st.text(max_size=40), st.integers(1, 250), st.integers(1, 60))
def test_letters_fit_or_stay_plain(text: str, width: int, height: int) -> None:
    """Whatever is written, however little room there is, nothing of it is lost."""
    lines = giant(text, width, height)
    assert list(lines) == [text] or (len(lines) <= height and max(map(len, lines)) <= width)


def test_the_more_room_the_larger() -> None:
    """From across the room, and on a small terminal."""
    sizes = [len(giant("keepalived1", width, 30)) for width in (20, 40, 90, 120, 200)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 1
    assert sizes[-1] == 16


def test_a_letter_that_no_font_has() -> None:
    """Figlet would leave it out."""
    assert list(giant("lvs→1", 200, 30)) == ["lvs→1"]
