"""Numbers as the kernel and its tools print them: plain ASCII digits. `int` alone takes `1_0`, ` 7` and `٣` as well."""

_DIGITS_LIMIT = 20
"""Digits of the greatest 64-bit number."""

_MEMO_LIMIT = 20_000


def read_unsigned(text: str, maximum: int = 2**64 - 1) -> int | None:
    """The decimal number `text` says, or None where it is none of 0–`maximum`."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS_LIMIT:
        return None
    value = int(text)
    return value if value <= maximum else None


def read_hex(text: str, digits: int = 16) -> int | None:
    """The hexadecimal number `text` says, or None where it is none or has more than `digits` digits."""
    if not 0 < len(text) <= digits or not all(character in "0123456789abcdefABCDEF" for character in text):
        return None
    return int(text, 16)


def read_float(text: str) -> float | None:
    """The plain decimal fraction `text` says, not negative; None for anything else (`nan`, `1e9`)."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit() and whole) or len(digits) > 2 * _DIGITS_LIMIT:
        return None
    return float(text)


class SignedNumbers(dict[str, int]):
    """Signed 32-bit decimal numbers by their text, remembered: a table repeats the same few ten thousand times.

    Looking one up raises ValueError where the text is no such number.
    """

    def __missing__(self, text: str) -> int:
        negative = text.startswith("-")
        value = read_unsigned(text[1:] if negative else text, 2**31 if negative else 2**31 - 1)
        if value is None:
            raise ValueError("not a signed 32-bit number")
        number = -value if negative else value
        if len(self) < _MEMO_LIMIT:
            self[text] = number
        return number
