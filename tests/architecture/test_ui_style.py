"""Rules of the terminal's code that no linter knows: colours, markup, bindings, private names, clocks."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from textual.binding import Binding
from textual.color import Color, ColorParseError
from textual.dom import DOMNode
from textual.screen import Screen

import lvstop.ui

UI = Path(lvstop.ui.__file__).parent
PYTHON = sorted(UI.rglob("*.py"))
STYLES = sorted(UI.rglob("*.tcss"))
# They speak to the terminal itself, below Textual's public surface.
DRIVERS = {"steady_driver.py", "driver.py", "terminal_output.py"}
COLOUR_PROPERTIES = re.compile(
    r"^\s*[\w-]*(?:color|background|tint|border[\w-]*|outline[\w-]*)\s*:\s*([^;]+);", re.MULTILINE
)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the terminal."""
    for path in PYTHON:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def where(path: Path, node: ast.AST) -> str:
    """For messages."""
    return f"{path.relative_to(UI)}:{getattr(node, 'lineno', 0)}"


def classes() -> list[type[DOMNode]]:
    """Our widgets, screens and the application."""
    for path in PYTHON:
        import_module(".".join(["lvstop.ui", *path.relative_to(UI).with_suffix("").parts]).removesuffix(".__init__"))
    found: list[type[DOMNode]] = []
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if each.__module__.startswith("lvstop.") and each not in found:
            found.append(each)
    return found


def is_colour(word: str) -> bool:
    """A hex or named colour; `transparent` lets another one through."""
    if word == "transparent":
        return False
    try:
        Color.parse(word)
    except ColorParseError:
        return False
    return True


def test_styles_name_slots_and_no_colours() -> None:
    """Colours are the themes' affair: a style sheet says `$slot`."""
    wrong = []
    for path in STYLES:
        text = path.read_text(encoding="utf-8")
        for value in COLOUR_PROPERTIES.findall(text):
            wrong += [f"{path.name}: {word}" for word in value.split() if not word.startswith("$") and is_colour(word)]
    assert STYLES
    assert wrong == []


def test_code_names_slots_and_no_colours() -> None:
    """Neither hex colours nor styles such as `bold red` in Python."""
    wrong = []
    for path, tree in trees():
        if path.name == "theme.py":
            continue
        texts = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        wrong += [f"{where(path, each)} {each.value!r}" for each in texts if _names_a_colour(str(each.value))]
    assert wrong == []


def _names_a_colour(text: str) -> bool:
    words = text.split()
    styling = {"bold", "italic", "dim", "underline", "reverse", "on"}
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        return True
    styled = len(words) > 1 and all(word in styling or is_colour(word) for word in words)
    return styled and any(is_colour(word) for word in words)


def test_nothing_private_of_textuals_is_used() -> None:
    """`._name` of anything but oneself: names that our own modules define are ours."""
    wrong = []
    for path, tree in trees():
        if path.name in DRIVERS:
            continue
        own = {
            node.attr if isinstance(node, ast.Attribute) else node.name
            for node in ast.walk(tree)
            if (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
            or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr)]
        wrong += [f"{where(path, each)} {each.attr}" for each in used if each.attr not in own]
    assert wrong == []


def test_data_never_becomes_markup() -> None:
    """No `from_markup`; `notify` says `markup=False`; texts of widgets are no f-strings."""
    wrong = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("from_markup", "render_markup", "from_text"):
                wrong.append(f"{where(path, node)} {name}")
            says = {word.arg: word.value for word in node.keywords}
            plain = isinstance(says.get("markup"), ast.Constant) and says["markup"].value is False  # type: ignore[attr-defined]  # a constant
            if name == "notify" and not plain:
                wrong.append(f"{where(path, node)} notify")
            if name in ("Static", "Label", "Option", "Button", "update") and not plain and _is_made(node.args[:1]):
                wrong.append(f"{where(path, node)} {name}")
    assert wrong == []


def _is_made(arguments: list[ast.expr]) -> bool:
    """A string that is put together, so that it may hold data."""
    return any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in arguments)


def test_the_terminal_reads_no_clock() -> None:
    """Time is the snapshot's, or that of the clock that was passed: nothing imports `time` or waits by itself."""
    wrong = []
    for path, tree in trees():
        if path.name in DRIVERS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(each.name == "time" for each in node.names):
                wrong.append(f"{where(path, node)} time")
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                wrong.append(f"{where(path, node)} time")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _CLOCKS:
                wrong.append(f"{where(path, node)} {ast.unparse(node.func)}")
    assert wrong == []


_CLOCKS = {"asyncio.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "sleep"}


def test_widgets_are_found_by_getters() -> None:
    """`query_one` at class level; here and there one more, and no more than that in a file."""
    many: dict[str, int] = {}
    for path, tree in trees():
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "query_one"]
        if len(calls) > 10:
            many[str(path.relative_to(UI))] = len(calls)
    assert many == {}


def test_the_application_is_small() -> None:
    """What happens on a screen belongs to the screen."""
    tree = ast.parse((UI / "app.py").read_text(encoding="utf-8"))
    (app,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "LvstopApp"]
    assert app.end_lineno is not None
    assert app.end_lineno - app.lineno + 1 <= 200


def own_bindings() -> list[tuple[str, Binding]]:
    """Every binding of ours, with the class that it belongs to."""
    found = []
    for each in classes():
        for binding in each.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding), each
            found.append((each.__name__, binding))
    return found


def test_bindings_can_be_named_and_are_explained() -> None:
    """An id for the operator's keymap, words for the palette and help, and more words where it is in the footer."""
    bindings = own_bindings()
    assert len(bindings) > 30
    assert [name for name, each in bindings if not each.id] == []
    assert [f"{name} {each.id}" for name, each in bindings if not each.description] == []
    assert [f"{name} {each.id}" for name, each in bindings if each.show and not each.tooltip] == []


def test_ids_of_bindings_are_unique_within_a_class() -> None:
    """A keymap means one thing."""
    for each in classes():
        ids = [binding.id for binding in each.__dict__.get("BINDINGS", ())]
        assert len(ids) == len(set(ids)), each


def test_every_screen_explains_itself() -> None:
    """The help panel has something to say."""
    screens = [each for each in classes() if issubclass(each, Screen) and not each.__subclasses__()]
    assert len(screens) >= 6
    assert [each.__name__ for each in screens if not (each.HELP and each.__doc__)] == []
