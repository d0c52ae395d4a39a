"""Theme files: YAML → `ThemeSpec`. Nothing here draws; `ui.theme` makes Textual's theme of it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lvstop.config import values
from lvstop.config.colours import parse_colour
from lvstop.config.nodes import Node, compose, did_you_mean, read_text
from lvstop.config.paths import find_yaml_files, shown, themes_folder
from lvstop.config.settings import DEFAULT_THEME
from lvstop.config.shipped import shipped_themes_folder
from lvstop.config.theme_slots import BASE_SLOTS, SLOTS, fill_with_defaults
from lvstop.errors import ConfigError

_KEYS = ("name", "title", "dark", "colors")


@dataclass(frozen=True, slots=True)
class ThemeSpec:
    """How lvstop looks.

    Attributes:
        name: what settings and the command line call it; unique among the loaded ones.
        title: what people call it.
        dark: light text on a dark background.
        colors: a colour for every slot of `config.theme_slots`, `#rrggbb` or one of the terminal's own (`ansi_red`).
    """

    name: str
    title: str
    dark: bool
    colors: Mapping[str, str]


_Loaded = tuple[tuple[ThemeSpec, ...], tuple[ConfigError, ...]]


def load_theme(path: Path) -> ThemeSpec:
    """The theme that `path` describes; semantic slots it leaves out follow from the base ones.

    Raises:
        ConfigError: the file cannot be read, or is wrong; with several mistakes the text lists them.
    """
    return parse_theme(read_text(path), path)


def parse_theme(text: str, path: Path) -> ThemeSpec:
    """The theme that `text` describes; `path` is for messages.

    Raises:
        ConfigError: as `load_theme`.
    """
    root = compose(text, shown(path))
    spec = _theme(root)
    root.complaints.raise_if_any()
    if spec is None:  # not without a complaint, but this is a promise to the caller and not to the reader
        raise ConfigError("this is no theme", file=shown(path))
    return spec


def shipped_themes() -> tuple[ThemeSpec, ...]:
    """The themes that come with lvstop: the default one, then the others, sorted by the names of their files.

    Raises:
        ConfigError: one of them cannot be used, or there are none: lvstop is not installed completely.
    """
    specs, errors = _load_shipped()
    if errors:
        raise errors[0]
    return specs


def user_themes(environment: Mapping[str, str] = os.environ) -> _Loaded:
    """The operator's own themes, sorted by the names of their files, and what is wrong with the rest."""
    return _load_folder(themes_folder(environment))


def load_themes(environment: Mapping[str, str] = os.environ) -> _Loaded:
    """Every theme that can be used, the default one first, and what is wrong with the rest.

    An operator's theme replaces the shipped one of its name.
    """
    shipped, errors = _load_shipped()
    own, mistakes = user_themes(environment)
    by_name = {spec.name: spec for spec in (*shipped, *own)}
    return tuple(by_name.values()), (*errors, *mistakes)


def _load_shipped() -> _Loaded:
    folder = shipped_themes_folder()
    specs, errors = _load_folder(folder)
    if not specs and not errors:
        errors = (ConfigError("there are no themes; lvstop is not installed completely", file=shown(folder)),)
    return tuple(sorted(specs, key=lambda spec: spec.name != DEFAULT_THEME)), errors


def _load_folder(folder: Path) -> _Loaded:
    try:
        paths = find_yaml_files(folder)
    except OSError as error:
        return (), (ConfigError(f"cannot be read: {error.strerror or error}", file=shown(folder)),)
    return _load_each(paths)


def _load_each(paths: Iterable[Path]) -> _Loaded:
    specs: dict[str, ThemeSpec] = {}
    files: dict[str, Path] = {}
    errors: list[ConfigError] = []
    for path in paths:
        try:
            spec = load_theme(path)
        except ConfigError as error:
            errors.append(error)
            continue
        if spec.name in specs:
            first = shown(files[spec.name])
            errors.append(ConfigError(f"the theme {spec.name} is already defined in {first}", file=shown(path)))
            continue
        specs[spec.name] = spec
        files[spec.name] = path
    return tuple(specs.values()), tuple(errors)


def _theme(root: Node) -> ThemeSpec | None:
    keys = root.mapping(_KEYS)
    if keys is None:
        return None
    for key in ("name", "dark", "colors"):
        if key not in keys:
            root.complain(f"{key}: is missing")
    name = keys["name"].parsed(values.parse_name) if "name" in keys else None
    title = keys["title"].parsed(values.parse_title) if "title" in keys else name
    dark = keys["dark"].parsed(values.parse_boolean) if "dark" in keys else None
    colors = _colors(keys["colors"]) if "colors" in keys else None
    if name is None or title is None or dark is None or colors is None:
        return None
    return ThemeSpec(name, title, dark, colors)


def _colors(node: Node) -> Mapping[str, str] | None:
    entries = node.entries()
    if entries is None:
        return None
    found: dict[str, str] = {}
    for slot, (value, line) in entries.items():
        if slot not in SLOTS:
            node.complaints.add(f"{value.where}: there is no such slot{did_you_mean(slot, SLOTS)}", line)
        elif (colour := _colour(value)) is not None:
            found[slot] = colour
    missing = [slot for slot in BASE_SLOTS if slot not in entries]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        node.complain(f"{', '.join(missing)} {verb} missing; every theme has {', '.join(BASE_SLOTS)}")
    return fill_with_defaults(found) if all(slot in found for slot in BASE_SLOTS) else None


def _colour(node: Node) -> str | None:
    if node.is_null:
        node.complain("a colour is missing; one with # needs quotes, or YAML takes it for a comment")
        return None
    return node.parsed(parse_colour)
