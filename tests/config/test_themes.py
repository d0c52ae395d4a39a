"""Theme files: what is read, what follows, and how mistakes are told."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.config import themes
from lvstop.config.paths import themes_folder
from lvstop.config.settings import DEFAULT_THEME
from lvstop.config.shipped import shipped_themes_folder
from lvstop.config.theme_slots import BASE_SLOTS, SEMANTIC_SLOTS, SLOTS, fill_with_defaults
from lvstop.config.themes import ThemeSpec, load_theme, load_themes, parse_theme, shipped_themes, user_themes
from lvstop.errors import ConfigError

PATH = Path("/etc/themes/own.yaml")
BASE = {
    "primary": "#3377cc",
    "secondary": "#8866cc",
    "accent": "#22aaaa",
    "foreground": "#dddddd",
    "background": "#101010",
    "surface": "#181818",
    "panel": "#222222",
    "boost": "#2c2c2c",
    "success": "#44bb66",
    "warning": "#ddaa33",
    "error": "#ee6666",
}
COLORS = "".join(f"  {slot}: '{colour}'\n" for slot, colour in BASE.items())
MINIMAL = f"name: own\ndark: true\ncolors:\n{COLORS}"
NEXT = MINIMAL.count("\n") + 1


def mistake(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_theme(text, PATH)
    return caught.value


def write(environment: dict[str, str], file: str, text: str) -> Path:
    folder = themes_folder(environment)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    return folder / file


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of an operator with nothing of their own yet."""
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_a_file_with_base_slots_is_a_whole_theme() -> None:
    """What it leaves out follows from what it says."""
    spec = parse_theme(MINIMAL, PATH)
    assert (spec.name, spec.title, spec.dark) == ("own", "own", True)
    assert tuple(spec.colors) == SLOTS
    assert {slot: spec.colors[slot] for slot in BASE_SLOTS} == BASE
    assert spec.colors["vrrp-master"] == BASE["success"]
    assert spec.colors["server-down"] == BASE["error"]


def test_what_a_file_says_is_taken() -> None:
    """Colours in all their spellings, with a title."""
    text = MINIMAL + "  vrrp-master: '#FA0'\n  drift: ANSI_Bright_Blue\ntitle: My own – theme\n"
    spec = parse_theme(text, PATH)
    assert (spec.colors["vrrp-master"], spec.colors["drift"]) == ("#ffaa00", "ansi_bright_blue")
    assert spec.title == "My own – theme"


def test_one_colour_reaches_its_kin() -> None:
    """Whoever says how unknown looks has said it for every unknown thing."""
    spec = parse_theme(MINIMAL + "  muted: '#888'\n  health-critical: '#f0f'\n", PATH)
    assert {spec.colors[slot] for slot in ("unknown", "vrrp-unknown", "health-unknown", "past")} == {"#888888"}
    assert {spec.colors[slot] for slot in ("vrrp-fault", "server-down", "director-unreachable")} == {"#ff00ff"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("  vrrp-mastr: '#fff'", f"own.yaml:{NEXT}: colors.vrrp-mastr: there is no such slot; did you mean vrrp-mas"),
        ("  qqq: '#fff'", f"own.yaml:{NEXT}: colors.qqq: there is no such slot"),
        ("  drift: '#ffff'", f"own.yaml:{NEXT}: colors.drift: '#ffff' is not a colour such as '#7aa2f7', '#fff' or"),
        ("  drift: '#ggg'", "colors.drift: '#ggg' is not a colour"),
        ("  drift: red", "colors.drift: 'red' is not a colour"),
        ("  drift: ansi_gren", "colors.drift: 'ansi_gren' is not a colour such as '#7aa2f7', '#fff' or ansi_blue; did"),
        ("  drift: #fff", f"own.yaml:{NEXT}: colors.drift: a colour is missing; one with # needs quotes"),
        ("  drift: ['#fff']", "colors.drift: a single value is expected, not a list"),
        ("  drift: ''", "colors.drift: a value is missing"),
        ("  primary: '#fff'", f"own.yaml:{NEXT}: colors.primary: is given twice, first in line 4"),
        ("drak: true", f"own.yaml:{NEXT}: drak: there is no such key; did you mean dark?"),
        ('title: "a\\nb"', f"own.yaml:{NEXT}: title: 'a\\nb' cannot be printed in one line"),
    ],
)
def test_mistakes_name_file_line_and_key(more: str, says: str) -> None:
    """And what was probably meant."""
    error = mistake(MINIMAL + more + "\n")
    assert says in str(error)
    assert error.file == "/etc/themes/own.yaml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("- a", "a mapping with name, title, dark, colors is expected, not a list"),
        (f"dark: true\ncolors:\n{COLORS}", "own.yaml:1: name: is missing"),
        (f"name: own\ncolors:\n{COLORS}", "own.yaml:1: dark: is missing"),
        ("name: own\ndark: true\n", "own.yaml:1: colors: is missing"),
        (MINIMAL.replace("dark: true", "dark: maybe"), "own.yaml:2: dark: 'maybe' is neither true nor false"),
        (MINIMAL.replace("name: own", "name: my own"), "own.yaml:1: name: 'my own' is not a name"),
        (
            MINIMAL.replace("  panel: '#222222'\n", ""),
            "own.yaml:4: colors: panel is missing; every theme has primary,",
        ),
        ("name: own\ndark: true\ncolors: '#fff'\n", "own.yaml:3: colors: a mapping is expected, not a single value"),
    ],
)
def test_files_that_are_no_theme(text: str, says: str) -> None:
    """What every theme has cannot be left out."""
    assert says in str(mistake(text))


def test_several_mistakes_are_told_together() -> None:
    """Each with its line."""
    error = mistake(MINIMAL.replace("dark: true", "dark: maybe") + "  drift: red\n")
    assert str(error).splitlines()[0] == "/etc/themes/own.yaml: 2 mistakes:"
    assert error.line == 2


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Is an error of that file."""
    with pytest.raises(ConfigError, match=r"own\.yaml: cannot be read: No such file or directory"):
        load_theme(tmp_path / "own.yaml")


def test_the_shipped_themes_say_every_slot() -> None:
    """Nothing about them is left to chance; each file has its theme's name."""
    specs = {spec.name: spec for spec in shipped_themes()}
    assert set(specs) == {"lvstop-dark", "lvstop-light", "high-contrast", "colour-blind", "noc-wall"}
    for name, spec in specs.items():
        said = yaml.safe_load((shipped_themes_folder() / f"{name}.yaml").read_text("utf-8"))
        assert set(said["colors"]) == set(SLOTS)
        assert dict(spec.colors) == said["colors"]
        assert spec.title != name
    assert next(iter(specs)) == DEFAULT_THEME


def test_the_readme_explains_every_slot() -> None:
    """In its table, and no slot that does not exist."""
    text = (shipped_themes_folder() / "README.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert {slot.strip(" `") for row in rows for slot in row.split(",")} == set(SLOTS)


def test_without_themes_of_ones_own(environment: dict[str, str]) -> None:
    """There are the shipped ones."""
    assert user_themes(environment) == ((), ())
    assert load_themes(environment) == (shipped_themes(), ())


def test_ones_own_themes_come_after_the_shipped_ones(environment: dict[str, str]) -> None:
    """Sorted by file; what is wrong with one does not keep the others away."""
    write(environment, "b.yaml", MINIMAL)
    write(environment, "a.yml", MINIMAL.replace("name: own", "name: first"))
    write(environment, "c.yaml", "name: broken\n")
    write(environment, "d.yaml", MINIMAL)
    specs, errors = load_themes(environment)
    assert [spec.name for spec in specs][-2:] == ["first", "own"]
    assert len(specs) == len(shipped_themes()) + 2
    assert "c.yaml" in str(errors[0])
    assert "the theme own is already defined in" in str(errors[1])
    assert len(errors) == 2


def test_ones_own_theme_replaces_the_shipped_one_of_its_name(environment: dict[str, str]) -> None:
    """In its place."""
    write(environment, "mine.yaml", MINIMAL.replace("name: own", f"name: {DEFAULT_THEME}"))
    specs, errors = load_themes(environment)
    assert [spec.name for spec in specs] == [spec.name for spec in shipped_themes()]
    assert next(spec for spec in specs if spec.name == DEFAULT_THEME).colors["primary"] == BASE["primary"]
    assert errors == ()


def test_an_installation_without_themes_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a value where the others can still be used, as an error where they were asked for."""
    monkeypatch.setattr(themes, "shipped_themes_folder", lambda: tmp_path / "themes")
    specs, errors = load_themes({"XDG_CONFIG_HOME": str(tmp_path)})
    assert specs == ()
    assert "there are no themes; lvstop is not installed completely" in str(errors[0])
    with pytest.raises(ConfigError, match="there are no themes"):
        shipped_themes()


def test_a_folder_that_cannot_be_read(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is one error, and the shipped themes are there."""
    folder = themes_folder(environment)

    def refuse(asked: Path) -> tuple[Path, ...]:
        raise PermissionError(13, "Permission denied", str(asked))

    monkeypatch.setattr(themes, "find_yaml_files", refuse)
    specs, errors = user_themes(environment)
    assert specs == ()
    assert str(errors[0]) == f"{folder}: cannot be read: Permission denied"


yaml_pieces = [
    "name: ",
    "dark: true",
    "colors:",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "- ",
    ": ",
    "'#fff'",
    "drift: ",
    "&x ",
    "*x",
]
yaml_like = st.lists(st.sampled_from(yaml_pieces)).map("".join)


@settings(deadline=None)
@given(st.one_of(st.text(), yaml_like, yaml_like.map(lambda text: MINIMAL + text)))
def test_any_text_is_a_theme_or_a_config_error(text: str) -> None:
    """Nothing else comes out, and a theme is always whole."""
    try:
        assert tuple(parse_theme(text, PATH).colors) == SLOTS
    except ConfigError as error:
        assert error.file == "/etc/themes/own.yaml"  # noqa: PT017


colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}") | st.sampled_from(["ansi_default", "ansi_red"])


@settings(deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(BASE_SLOTS, colours)), st.dictionaries(st.sampled_from(SEMANTIC_SLOTS), colours)
)
def test_whatever_is_said_stays_and_the_rest_follows(base: dict[str, str], more: dict[str, str]) -> None:
    """Every slot gets a colour that a file could say itself."""
    spec = ThemeSpec("own", "own", True, fill_with_defaults(base | more))
    assert {slot: spec.colors[slot] for slot in base | more} == base | more
    lines = "".join(f"  {slot}: '{colour}'\n" for slot, colour in spec.colors.items())
    assert parse_theme(f"name: own\ndark: true\ncolors:\n{lines}", PATH) == spec
