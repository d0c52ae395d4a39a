"""What the records of changes and of failovers have in common: one JSON object, read field by field with its type.

What a record says ends in commands that change a director: what is not as it should be is not read.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from lvstop.model.change import Author, FileChange
from lvstop.plain import plain

SCHEMA: Final = 1

RECORD_LIMIT: Final = 1024 * 1024
"""Characters of one record."""

ROWS_LIMIT: Final = 4096
"""Entries of one list: weights, track files, addresses."""

NAME_LIMIT: Final = 255
"""Characters of a name."""

PATH_LIMIT: Final = 4096
"""Characters of a path."""

REASON_LIMIT: Final = 1000
"""Characters of a reason."""

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
"""What names a record."""

_INT64: Final = 2**63 - 1
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_ONE_LINE: Final = dict.fromkeys(map(ord, "\n\t\u2028\u2029"), " ")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fields:
    """Typed access to one JSON object. Whatever is not as it should be raises ValueError and names the place."""

    values: Mapping[str, object]
    place: str

    def value(self, key: str, *default: object) -> object:
        """Any value; `default` where there may be none."""
        if key not in self.values and not default:
            raise self.wrong(key, "missing")
        return self.values.get(key, *default)

    def text(self, key: str, limit: int) -> str:
        """A string, whatever is in it."""
        return self._text(key, self.value(key), limit)

    def words(self, key: str, limit: int) -> str:
        """A string to be shown, on one line: what a terminal obeys is replaced, and so is what is no character."""
        return _one_line(self.text(key, limit))

    def name(self, key: str, limit: int = NAME_LIMIT) -> str:
        """A string by which something is found: it is whole or it is none."""
        return self._name(key, self.value(key), limit)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of names, no two of them the same."""
        names = tuple(self._name(key, each, NAME_LIMIT) for each in self._list(key))
        if len(set(names)) < len(names):
            raise self.wrong(key, "a list with the same name twice")
        return names

    def texts(self, key: str, limit: int) -> tuple[str, ...]:
        """A list of strings, whatever is in them."""
        return tuple(self._text(key, each, limit) for each in self._list(key))

    def path(self, key: str) -> str:
        """An absolute path."""
        path = self.name(key, PATH_LIMIT)
        if not path.startswith("/"):
            raise self.wrong(key, "not absolute")
        return path

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        """A string of one shape."""
        value = self.text(key, NAME_LIMIT)
        if not pattern.fullmatch(value):
            raise self.wrong(key, "not written as it should be")
        return value

    def number(self, key: str, maximum: int, minimum: int = 0) -> int:
        """A whole number."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise self.wrong(key, f"no number of {minimum} to {maximum}")
        return value

    def member(self, key: str, words: type[E]) -> E:
        """One of a few words."""
        value = self.value(key)
        found = next((each for each in words if each.value == value), None)
        if found is None:
            raise self.wrong(key, f"none of {', '.join(words)}")
        return found

    def moment(self, key: str) -> datetime:
        """A moment in UTC."""
        try:
            return datetime.fromisoformat(self.matching(key, _MOMENT)).astimezone(UTC)
        except ValueError:
            raise self.wrong(key, "no moment in UTC") from None

    def inner(self, key: str, place: str) -> "Fields":
        """An object within this one, that complaints call `place`."""
        return fields_of(self.value(key), place)

    def each(self, key: str, read: Callable[["Fields"], T]) -> tuple[T, ...]:
        """A list of objects."""
        return tuple(read(fields_of(entry, f"{key}[{index}]")) for index, entry in enumerate(self._list(key)))

    def wrong(self, key: str, what: str) -> ValueError:
        """The complaint."""
        return ValueError(f"{key} of {self.place} is {what}")

    def _list(self, key: str) -> list[object]:
        value = self.value(key)
        if not isinstance(value, list) or len(value) > ROWS_LIMIT:
            raise self.wrong(key, f"no list of up to {ROWS_LIMIT}")
        return value

    def _text(self, key: str, value: object, limit: int) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(key, f"no text of up to {limit} characters")
        return value

    def _name(self, key: str, value: object, limit: int) -> str:
        text = self._text(key, value, limit)
        if not text or text != _one_line(text):
            raise self.wrong(key, "no name, or one with control characters")
        return text


def read_document(text: str) -> Fields:
    """The fields of a record.

    Raises:
        ValueError: it is none of this schema; one sentence, which quotes nothing of it.
    """
    if len(text) > RECORD_LIMIT:
        raise ValueError(f"a record has no more than {RECORD_LIMIT} characters")
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not one JSON document") from None
    fields = fields_of(document, "the record")
    schema = fields.value("schema")
    if schema != SCHEMA or type(schema) is not int:
        raise ValueError(f"it is not a record of schema {SCHEMA}")
    return fields


def write_document(values: Mapping[str, object]) -> str:
    """A record on one line of printable ASCII, with its schema."""
    return json.dumps({"schema": SCHEMA, **values}, separators=(",", ":"))


def fields_of(value: object, place: str) -> Fields:
    """The fields of an object that complaints call `place`."""
    if not isinstance(value, dict):
        raise ValueError(f"{place} is not a JSON object")
    return Fields(value, place)


def written_moment(when: datetime) -> str:
    """As `Fields.moment` reads it."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_author(fields: Fields) -> Author:
    """Who asked for it."""
    author = fields.inner("author", "author")
    return Author(author.words("user", NAME_LIMIT), author.words("host", NAME_LIMIT))


def written_author(author: Author) -> dict[str, object]:
    """As `read_author` reads it."""
    return {"user": author.user, "host": author.host}


def read_file(fields: Fields) -> FileChange:
    """The number in a track file."""
    return FileChange(
        path=fields.path("path"),
        director=fields.name("director"),
        name=fields.name("name"),
        before=fields.number("before", _INT64, -_INT64 - 1),
        after=fields.number("after", _INT64, -_INT64 - 1),
    )


def written_file(change: FileChange) -> dict[str, str | int]:
    """As `read_file` reads it."""
    return {
        "director": change.director,
        "name": change.name,
        "path": change.path,
        "before": change.before,
        "after": change.after,
    }


def _one_line(text: str) -> str:
    return _whole_characters(plain(text)).translate(_ONE_LINE)


def _whole_characters(text: str) -> str:
    """Half of a surrogate pair is no character, and could not be written anywhere."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
