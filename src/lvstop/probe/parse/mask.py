"""Secrets that keepalived writes in clear, taken out of texts before anybody sees them.

Up to 2.3.4 the JSON dump carries `"auth_data":"…"` and the data dump `Password = …` (vrrp_json.c, vrrp_data.c);
keepalived.conf has `auth_pass …`.
"""

import re

MASK = "********"

# A string may be cut off anywhere, so its closing quote is optional; a raw newline in it is one of the writer's bugs.
_JSON_STRING = re.compile(r'("auth_data"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_LINE = re.compile(r"(password *[=:][^\S\n]*|auth_?(?:pass|data)\w*(?: *=[^\S\n]*|[^\S\n]+))\S[^\n]*", re.IGNORECASE)


def mask_secrets(text: str) -> str:
    """`text` with each value of `auth_data`, `Password` and `auth_pass` replaced by asterisks, whole lines kept."""
    text = _JSON_STRING.sub(rf'\1"{MASK}"', text)
    return _LINE.sub(rf"\1{MASK}", text)
