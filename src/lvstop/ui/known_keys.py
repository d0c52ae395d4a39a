"""What the operator's settings may name: the ids of bindings and of columns."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

from lvstop.analysis.words import listing
from lvstop.config.nodes import did_you_mean
from lvstop.config.settings import Settings
from lvstop.ui import screens
from lvstop.ui.table.columns import BY_ID


def mistakes(settings: Settings) -> list[str]:
    """What the settings name and nobody has, a sentence each. Imports every screen: not before something is shown."""
    found = [
        f"config.yaml: columns: there is no column {name!r}{did_you_mean(name, list(BY_ID))}"
        for name in settings.columns
        if name not in BY_ID
    ]
    if not settings.keymap:
        return found
    nodes = _nodes()
    known = sorted(binding_ids())
    found += [
        f"config.yaml: keymap: nothing is called {name!r}{did_you_mean(name, known)}"
        for name in settings.keymap
        if name not in known
    ]
    return found + sorted({clash for node in nodes for clash in _clashes(node, settings.keymap)})


def binding_ids() -> set[str]:
    """The ids of all bindings of the application, its screens and their parts."""
    return {identity for node in _nodes() for identity in _keys(node)}


def _clashes(node: type[DOMNode], keymap: Mapping[str, str]) -> Iterator[str]:
    """Keys that the keymap gives to two things of one part: Textual drops the other one without a word."""
    holders: dict[str, list[str]] = {}
    for identity, keys in _keys(node).items():
        for key in keymap.get(identity, keys).split(","):
            holders.setdefault(key.strip(), []).append(identity)
    for key, names in holders.items():
        if len(names) > 1 and any(name in keymap for name in names):
            yield f"config.yaml: keymap: {key!r} is the key of {listing(sorted(names))}; only one of them can have it"


def _nodes() -> set[type[DOMNode]]:
    """The application, all screens, and their parts."""
    from lvstop.ui.app import LvstopApp

    modules = [
        importlib.import_module(f"{screens.__name__}.{each.name}") for each in pkgutil.iter_modules(screens.__path__)
    ]
    return {LvstopApp, *(each for module in modules for _, each in inspect.getmembers(module, _is_node))}


def _is_node(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, DOMNode)


def _keys(node: type[DOMNode]) -> dict[str, str]:
    """The usual keys of a part's own bindings, by id, with commas."""
    return {
        binding.id: binding.key
        for base in reversed(node.__mro__)
        if base.__module__.startswith("lvstop.")
        for binding in base.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }
