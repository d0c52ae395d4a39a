"""Themes in Textual: every slot is a variable of the style sheets, under our themes and under anybody else's."""

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import DataTable, Footer, Input, Static

from lvstop.config.colours import contrast, parse_colour
from lvstop.config.theme_slots import BASE_SLOTS, SEMANTIC_SLOTS, SLOTS, fill_with_defaults
from lvstop.config.themes import ThemeSpec, shipped_themes
from lvstop.ui.theme import spec_of, textual_theme, variable_defaults
from lvstop.ui.widgets.director_card import DirectorCard
from support.factories import cluster
from support.pilots import until
from support.terminal import make_app

SPECS = {spec.name: spec for spec in shipped_themes()}
ANSI = ThemeSpec(
    "own",
    "own",
    True,
    fill_with_defaults(dict.fromkeys(BASE_SLOTS, "ansi_default") | {"primary": "ansi_blue", "error": "ansi_red"}),
)


class Wall(App[None]):
    """Everything a theme colours: a word of ours, and widgets of Textual's."""

    CSS = "\n".join(f".{slot} {{ color: ${slot}; border: round ${slot}; }}" for slot in SLOTS)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        if theme.name not in self.available_themes:
            self.register_theme(theme)
        self.theme = theme.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What lvstop's app does."""
        return variable_defaults(spec_of(self.current_theme))

    def compose(self) -> ComposeResult:
        """A word in each slot's colour."""
        for slot in SLOTS:
            yield Static("MASTER", classes=slot)
        yield Input("word")
        yield DataTable[str]()
        yield Footer()

    def painted(self, slot: str) -> Color:
        """The colour of that slot's word."""
        return self.query_one(f".{slot}", Static).styles.color


@pytest.mark.parametrize("name", SPECS)
async def test_slots_are_variables(name: str) -> None:
    """What the theme file says is what is painted."""
    app = Wall(textual_theme(SPECS[name]))
    async with app.run_test() as pilot:
        await pilot.pause()
        painted = {slot: app.painted(slot).hex.lower() for slot in SLOTS}
        assert painted == dict(SPECS[name].colors)
        assert app.current_theme.dark is SPECS[name].dark


async def test_a_theme_that_knows_nothing_of_lvstop() -> None:
    """Under Textual's nord the slots follow nord's own colours."""
    app = Wall(BUILTIN_THEMES["nord"])
    async with app.run_test():
        assert app.painted("vrrp-master") == Color.parse("#A3BE8C")
        assert app.painted("vrrp-fault") == Color.parse("#BF616A")
        assert app.painted("key") == Color.parse("#B48EAD")


@pytest.mark.parametrize(
    "name", [*SPECS, *(name for name in BUILTIN_THEMES if not name.startswith(("ansi", "textual-ansi")))]
)
async def test_the_frame_of_a_card_is_quieter_than_its_words(name: str) -> None:
    """A card that does not hold the VIP does not stand out, whatever a theme means by a border."""
    app = make_app(cluster(), theme="lvstop-dark")
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = name
        await pilot.pause()
        card = app.screen.query(DirectorCard).last()
        await until(pilot, lambda: not card.has_class("-holder"))
        spec = spec_of(app.current_theme)
        frame, background = card.styles.border_top[1].hex6, spec.colors["background"]
        assert (contrast(frame, background) or 0) < (contrast(spec.colors["foreground"], background) or 0)
        assert frame.lower() != spec.colors["primary"].lower()


async def test_themes_can_be_changed_while_running() -> None:
    """From ours to somebody else's and back: no slot keeps the colour of the theme before."""
    app = Wall(textual_theme(SPECS["lvstop-dark"]))
    async with app.run_test() as pilot:
        app.theme = "nord"
        await pilot.pause()
        assert app.painted("vrrp-master") == Color.parse("#A3BE8C")
        app.theme = "lvstop-dark"
        await pilot.pause()
        assert app.painted("vrrp-master") == Color.parse(SPECS["lvstop-dark"].colors["vrrp-master"])


async def test_the_terminals_own_colours() -> None:
    """A theme of nothing but ansi_ names is drawn."""
    app = Wall(textual_theme(ANSI))
    async with app.run_test():
        assert app.painted("vrrp-fault") == Color.parse("ansi_red")
        assert app.native_ansi_color


async def test_some_of_the_terminals_own_colours() -> None:
    """Mixed with others they are drawn too, on whichever background."""
    dark = SPECS["lvstop-dark"].colors
    for slot in ("background", "foreground", "boost", "primary", "surface"):
        colors = {**dark, slot: "ansi_default"}
        async with Wall(textual_theme(replace(ANSI, colors=colors))).run_test() as pilot:
            assert pilot.app.theme == "own"


@pytest.mark.parametrize("name", BUILTIN_THEMES)
def test_every_theme_of_textual_has_all_slots(name: str) -> None:
    """Each slot is a colour a theme file could say."""
    spec = spec_of(BUILTIN_THEMES[name])
    assert tuple(spec.colors) == SLOTS
    assert [parse_colour(colour) for colour in spec.colors.values()] == list(spec.colors.values())
    assert set(variable_defaults(spec)) == set(SEMANTIC_SLOTS)


def test_banners_can_be_read_under_the_themes_of_others() -> None:
    """Text follows its background, whatever a theme thinks of as a warning."""
    for theme in BUILTIN_THEMES.values():
        colors = spec_of(theme).colors
        for name in ("banner-ok", "banner-alarm", "paused", "cursor"):
            ratio = contrast(colors[f"{name}-text"], colors[f"{name}-background"])
            assert ratio is None or ratio >= 3, (theme.name, name, ratio)


def test_there_and_back() -> None:
    """A theme of ours comes back as the same colours."""
    for spec in SPECS.values():
        assert dict(spec_of(textual_theme(spec)).colors) == dict(spec.colors)


def test_variables_of_a_style_sheet_are_no_colours() -> None:
    """A theme whose variables are not plain colours is derived from the others."""
    theme = replace(BUILTIN_THEMES["nord"], variables={"key": "auto 87%", "drift": "#ABC"})
    assert spec_of(theme).colors["key"] == "#b48ead"
    assert spec_of(theme).colors["drift"] == "#aabbcc"
