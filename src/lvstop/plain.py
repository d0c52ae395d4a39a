"""Text from elsewhere, made safe to show."""

from collections.abc import Mapping

_OBEYED = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_REPLACED = dict.fromkeys((code for code in _OBEYED if chr(code) not in "\n\t"), "\ufffd")


def plain(text: str) -> str:
    """`text` without anything that a terminal obeys: control characters (C0, C1) and those that turn the direction of
    writing become `�`. Newlines and tabs stay. A director must not draw on the operator's screen."""
    return text.translate(_REPLACED)


def plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """A JSON object whose texts, and those in its lists, are plain: JSON spells control characters out as escapes.

    For `json.loads(object_hook=…)`.
    """
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    return [_plain_value(each) for each in value] if isinstance(value, list) else value
