"""YAML as nodes that know their line, so that every complaint can name it. The only module that imports PyYAML."""

import difflib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml

from lvstop.config.paths import shown
from lvstop.errors import ConfigError

_T = TypeVar("_T")


@dataclass(slots=True)
class Complaints:
    """What is wrong with one file, in the order of its lines.

    Attributes:
        file: its path as the operator would write it.
    """

    file: str
    found: list[ConfigError] = field(default_factory=list)

    def add(self, message: str, line: int) -> None:
        """Take note; reading goes on."""
        self.found.append(ConfigError(message, file=self.file, line=line))

    def raise_if_any(self) -> None:
        """End reading.

        Raises:
            ConfigError: naming the first complaint's line; with several, its text lists them all, one a line.
        """
        if not self.found:
            return
        found = sorted(self.found, key=lambda error: error.line or 0)
        if len(found) == 1:
            raise found[0]
        raise _several(self.file, found)


def _several(file: str, found: list[ConfigError]) -> ConfigError:
    places = "\n".join(f"  {error}" for error in found)
    error = ConfigError(f"{len(found)} mistakes:\n{places}", file=file)
    error.line = found[0].line
    return error


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the file.

    Attributes:
        where: the way to it in the operator's words, e.g. `directors[2].port`; empty for the file as a whole.
        line: 1-based.
    """

    raw: yaml.Node
    where: str
    complaints: Complaints

    @property
    def line(self) -> int:
        return int(self.raw.start_mark.line) + 1

    @property
    def is_null(self) -> bool:
        """The key is there without a value."""
        return self.raw.tag == "tag:yaml.org,2002:null"

    @property
    def is_list(self) -> bool:
        """It is a list of values."""
        return isinstance(self.raw, yaml.SequenceNode)

    @property
    def is_single(self) -> bool:
        """It is a single value."""
        return isinstance(self.raw, yaml.ScalarNode)

    def complain(self, message: str) -> None:
        """Take note of what is wrong with this value."""
        self.complaints.add(f"{self.where}: {message}" if self.where else message, self.line)

    def mapping(self, allowed: Iterable[str]) -> "dict[str, Node] | None":
        """The values by key. Unknown keys and doubled ones are complained about; None where it is no mapping."""
        known = list(allowed)
        if not isinstance(self.raw, yaml.MappingNode):
            self.complain(f"a mapping with {', '.join(known)} is expected, not {_kind(self.raw)}")
            return None
        entries = self.entries() or {}
        values: dict[str, Node] = {}
        for key, (value, line) in entries.items():
            if key in known:
                values[key] = value
            else:
                hint = did_you_mean(key, known) or f"; there are {', '.join(known)}"
                self.complaints.add(f"{value.where}: there is no such key{hint}", line)
        return values

    def require(self, values: "dict[str, Node]", key: str, why: str = "") -> None:
        """Complain where a key is missing, unless another one that was complained of is probably meant for it."""
        given = [] if not isinstance(self.raw, yaml.MappingNode) else [str(name.value) for name, _ in self.raw.value]
        misspelt = any(nearest(name, (*values, key)) == key for name in given if name not in values)
        if key not in values and not misspelt:
            self.complain(f"{key}: is missing{why}")

    def entries(self) -> "dict[str, tuple[Node, int]] | None":
        """The values by key, whatever the keys are, each with the line of its key; None where it is no mapping.

        Doubled keys are complained about, the first one counts. A key that is no single value reads `?`.
        """
        if not isinstance(self.raw, yaml.MappingNode):
            self.complain(f"a mapping is expected, not {_kind(self.raw)}")
            return None
        found: dict[str, tuple[Node, int]] = {}
        for key_node, value in self.raw.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            line = int(key_node.start_mark.line) + 1
            path = f"{self.where}.{key}" if self.where else key
            if key in found:
                self.complaints.add(f"{path}: is given twice, first in line {found[key][1]}", line)
            else:
                found[key] = (Node(value, path, self.complaints), line)
        return found

    def items(self) -> "list[Node] | None":
        """The values of a list; None where it is none."""
        if not isinstance(self.raw, yaml.SequenceNode):
            self.complain(f"a list is expected, not {_kind(self.raw)}")
            return None
        return [Node(item, f"{self.where}[{number}]", self.complaints) for number, item in enumerate(self.raw.value, 1)]

    def text(self) -> str | None:
        """The text as it is written, whether YAML takes it for a number or a date; None where it is no single value."""
        if not isinstance(self.raw, yaml.ScalarNode):
            self.complain(f"a single value is expected, not {_kind(self.raw)}")
            return None
        if self.is_null or not str(self.raw.value).strip():
            self.complain("a value is missing")
            return None
        return str(self.raw.value)

    def parsed(self, parse: Callable[[str], _T]) -> _T | None:
        """The text, read by `parse`; None where that raises ValueError, whose text is the complaint."""
        text = self.text()
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.complain(str(error))
            return None


def _kind(raw: yaml.Node) -> str:
    if isinstance(raw, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(raw, yaml.SequenceNode) else "a single value"


def choose(choices: Iterable[str]) -> Callable[[str], str]:
    """A parser that takes one of `choices`."""
    known = list(choices)

    def parse(text: str) -> str:
        if text in known:
            return text
        raise ValueError(f"{text!r} is none of {', '.join(known)}{did_you_mean(text, known)}")

    return parse


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a complaint about `word`: the known one that looks like it; empty where none does."""
    near = nearest(word, known)
    return "" if near is None else f"; did you mean {near}?"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known one that looks like `word`, one that begins like it first; None where none does."""
    lower = word.lower()
    near = difflib.get_close_matches(lower, list(known), n=3, cutoff=0.5)
    return next((each for each in near if lower.startswith(each) or each.startswith(lower)), near[0] if near else None)


def reads_as_itself(text: str) -> bool:
    """YAML takes `text`, written as it is into a flow mapping, for this very text: no number, date or boolean."""
    try:
        return bool(yaml.safe_load(f"{{key: {text}}}") == {"key": text})
    except (yaml.YAMLError, ValueError):
        return False


def read_text(path: Path) -> str:
    """The text of a file that the operator wrote.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", file=shown(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", file=shown(path)) from error


def compose(text: str, file: str) -> Node:
    """The file as a tree of nodes.

    Raises:
        ConfigError: it is not YAML, or empty.
    """
    node = compose_if_any(text, file)
    if node is None:
        raise ConfigError("the file is empty", file=file)
    return node


def compose_if_any(text: str, file: str) -> Node | None:
    """As `compose`, but None where there is nothing, or nothing but comments.

    Raises:
        ConfigError: it is not YAML.
    """
    try:
        raw = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else int(mark.line) + 1
        problem = str(error.problem or error)
        if "'\\t'" in problem:
            problem = "there is a tab; lines are indented with blanks"
        raise ConfigError(f"this is not YAML: {problem}", file=file, line=line) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"this is not YAML: {' '.join(str(error).split())}", file=file) from error
    except (ValueError, OverflowError) as error:  # PyYAML's own, of "\UFFFFFFFF" and absurd %YAML versions
        raise ConfigError(f"this is not YAML: {error}", file=file) from error
    except RecursionError:
        raise ConfigError("this is nested too deeply", file=file) from None
    return None if raw is None else Node(raw, "", Complaints(file))


_MOST_OPENED = 500


def _composed(text: str) -> yaml.Node | None:
    """libyaml does it ten times faster where it is there; what is wrong with a text is for PyYAML to say.

    libyaml is not asked about what could be nested without end: it would overrun the stack.
    """
    if yaml.__with_libyaml__ and sum(map(text.count, "[{-?")) < _MOST_OPENED:
        with suppress(yaml.YAMLError, ValueError, OverflowError):
            return yaml.compose(text, Loader=yaml.CSafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)
