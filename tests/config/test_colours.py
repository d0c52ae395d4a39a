"""Colours: how they are written, mixed and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.colours import ANSI_COLOURS, READABLE, contrast, luminance, mix, parse_colour, readable_on

rgb = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#fff", "#ffffff"), ("#A1b2C3", "#a1b2c3"), (" #000 ", "#000000"), ("ansi_bright_red", "ansi_bright_red")],
)
def test_colours_have_one_spelling(text: str, colour: str) -> None:
    """Lower case and six digits."""
    assert parse_colour(text) == colour


@pytest.mark.parametrize(
    "text", ["", "#", "#ff", "#ffff", "#fffffff", "#12345g", "fff", "ansi_pink", "auto", "#\u0661\u0661\u0661"]
)
def test_anything_else_is_none(text: str) -> None:
    """Not even what a style sheet would take."""
    with pytest.raises(ValueError, match="is not a colour"):
        parse_colour(text)


def test_contrasts_are_those_of_wcag() -> None:
    """The examples everybody knows."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.005)
    assert luminance("#ffffff") == pytest.approx(1)


@pytest.mark.parametrize("colour", ANSI_COLOURS)
def test_nobody_knows_the_terminals_own_colours(colour: str) -> None:
    """They have no contrast, are not mixed, and are taken as they come."""
    assert luminance(colour) is None
    assert contrast(colour, "#ffffff") is None
    assert mix(colour, "#ffffff", 0.5) == colour
    assert mix("#ffffff", colour, 0.5) == "#ffffff"
    assert readable_on("#ffffff", ["#fefefe", colour, "#000000"]) == colour


@given(rgb, rgb)
def test_mixing_goes_from_one_to_the_other(colour: str, other: str) -> None:
    """And what is mixed is a colour."""
    assert mix(colour, other, 0) == colour
    assert mix(colour, other, 1) == other
    assert parse_colour(mix(colour, other, 0.3)) == mix(colour, other, 0.3)


def test_the_first_readable_colour_is_taken() -> None:
    """Where none can be read, the best."""
    assert READABLE == 4.5
    assert readable_on("#ffffff", ["#eeeeee", "#555555", "#000000"]) == "#555555"
    assert readable_on("#ffffff", ["#eeeeee", "#999999", "#dddddd"]) == "#999999"
