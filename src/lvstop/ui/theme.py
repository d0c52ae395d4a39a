"""Themes for Textual: a `ThemeSpec` becomes Textual's theme and its variables, and the other way round."""

from textual.color import Color
from textual.theme import Theme

from lvstop.config.colours import parse_colour
from lvstop.config.theme_slots import BASE_SLOTS, SEMANTIC_SLOTS, SLOTS, fill_with_defaults
from lvstop.config.themes import ThemeSpec

# Textual's own variables: which slot each of them is.
_TEXTUAL_VARIABLES = {
    "text-muted": "muted",
    "text-primary": "primary",
    "text-secondary": "secondary",
    "text-accent": "accent",
    "text-success": "success",
    "text-warning": "warning",
    "text-error": "error",
    "foreground-muted": "muted",
    "block-cursor-foreground": "cursor-text",
    "block-cursor-background": "cursor-background",
    "block-cursor-blurred-foreground": "foreground",
    "block-cursor-blurred-background": "boost",
    "block-hover-background": "boost",
    "border-blurred": "panel",
    "surface-active": "panel",
    "scrollbar": "border",
    "scrollbar-hover": "muted",
    "scrollbar-active": "border-focus",
    "scrollbar-background": "background",
    "scrollbar-background-hover": "surface",
    "scrollbar-background-active": "surface",
    "scrollbar-corner-color": "background",
    "link-color": "primary",
    "link-color-hover": "cursor-text",
    "link-background-hover": "cursor-background",
    "footer-foreground": "muted",
    "footer-background": "panel",
    "footer-key-foreground": "key",
    "footer-description-foreground": "foreground",
    "input-cursor-foreground": "background",
    "input-cursor-background": "foreground",
    "input-selection-foreground": "cursor-text",
    "input-selection-background": "cursor-background",
    "screen-selection-foreground": "cursor-text",
    "screen-selection-background": "cursor-background",
    "button-foreground": "foreground",
    "markdown-h1-color": "heading",
    "markdown-h2-color": "heading",
    "markdown-h3-color": "heading",
    "markdown-h6-color": "muted",
}


def textual_theme(spec: ThemeSpec) -> Theme:
    """`spec` as a theme that an app can register; its semantic slots and Textual's own variables are filled from it."""
    colours = spec.colors
    return Theme(
        name=spec.name,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        boost=colours["boost"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        dark=spec.dark,
        variables=_variables(spec),
        # With the terminal's own background Textual must not turn the terminal's colours into its idea of them.
        ansi=_is_ansi(spec),
    )


def variable_defaults(spec: ThemeSpec) -> dict[str, str]:
    """The semantic slots of `spec` by the names of their variables: for themes that know nothing of lvstop.

    It is what `App.get_theme_variable_defaults` returns; `spec_of` of the app's current theme is a `spec` whose colours
    go with it.
    """
    return {slot: spec.colors[slot] for slot in SEMANTIC_SLOTS}


def spec_of(theme: Theme) -> ThemeSpec:
    """Any theme of Textual's as a `ThemeSpec`: its own colours, and what follows from them for the semantic slots.

    The colours of one that `textual_theme` made are those it was made of.
    """
    generated = theme.to_color_system().generate()
    background = Color.parse(generated["background"])
    colours = {slot: _opaque(Color.parse(generated[slot]), background) for slot in BASE_SLOTS}
    said = _fields(theme) | theme.variables
    own = {slot: colour for slot in SLOTS if (colour := _colour(said.get(slot))) is not None}
    return ThemeSpec(theme.name, theme.name, theme.dark, fill_with_defaults(colours | own))


def _fields(theme: Theme) -> dict[str, str | None]:
    # What Textual generates of them is rounded.
    return {
        "primary": theme.primary,
        "secondary": theme.secondary,
        "accent": theme.accent,
        "foreground": theme.foreground,
        "background": theme.background,
        "surface": theme.surface,
        "panel": theme.panel,
        "boost": theme.boost,
        "success": theme.success,
        "warning": theme.warning,
        "error": theme.error,
    }


def _variables(spec: ThemeSpec) -> dict[str, str]:
    # The base slots are said again: left to itself, Textual rounds them and forgets boost where there is a panel.
    variables = dict(spec.colors) | {name: spec.colors[slot] for name, slot in _TEXTUAL_VARIABLES.items()}
    if _is_ansi(spec):
        # Asked for by Textual's own style sheets, and by it alone filled for other themes.
        variables |= {"ansi-background": spec.colors["background"], "ansi-foreground": spec.colors["foreground"]}
    return variables


def _is_ansi(spec: ThemeSpec) -> bool:
    return spec.colors["background"].startswith("ansi_")


def _colour(value: str | None) -> str | None:
    # A variable may be any value of a style sheet ("auto 87%"); only what a theme file may say counts here.
    try:
        return None if value is None else parse_colour(value)
    except ValueError:
        return None


def _opaque(colour: Color, background: Color) -> str:
    if colour.ansi is not None:
        return colour.hex.lower()
    if background.ansi is not None and colour.a < 1:
        return background.hex.lower()
    return (background + colour).hex6.lower()
