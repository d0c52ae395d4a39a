"""Secrets do not survive masking, wherever the text is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.probe.parse.issues import IssueLog, quote
from lvstop.probe.parse.mask import MASK, mask_secrets

SECRET = "not-a-secret"  # noqa: S105


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f'{{"auth_type":1,"auth_data":"{SECRET}"}}', f'{{"auth_type":1,"auth_data":"{MASK}"}}'),
        (f'"auth_data" : "{SECRET}', f'"auth_data" : "{MASK}"'),
        (f'"auth_data":"a\\"{SECRET}","x":"y"', f'"auth_data":"{MASK}","x":"y"'),
        (f'"auth_data":"a\n{SECRET}","x":"y"', f'"auth_data":"{MASK}","x":"y"'),
        (f'"auth_data":"{SECRET}\\', f'"auth_data":"{MASK}"'),
        (f"   Password = {SECRET}\n   Priority = 5\n", f"   Password = {MASK}\n   Priority = 5\n"),
        (f" Password : {SECRET}", f" Password : {MASK}"),
        (f"    auth_pass {SECRET}\n  }}", f"    auth_pass {MASK}\n  }}"),
        ("   Password = \n   Priority = 5\n", "   Password = \n   Priority = 5\n"),
        ("Authentication type = SIMPLE_PASSWORD\n", "Authentication type = SIMPLE_PASSWORD\n"),
        ("nothing of the kind", "nothing of the kind"),
        ("", ""),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    """Values go, everything else stays; masking again changes nothing."""
    assert mask_secrets(text) == masked
    assert mask_secrets(masked) == masked


secrets = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1).map(
    lambda text: f"{SECRET}{text}{SECRET}"
)


@given(secret=secrets, length=st.integers(0, 80))
@settings(deadline=None, max_examples=100)
def test_a_cut_does_not_bring_a_secret_back(secret: str, length: int) -> None:
    """Neither in JSON nor in a line."""
    escaped = secret.replace("\\", "\\\\").replace('"', '\\"')
    for text in (f'{{"auth_data":"{escaped}"}}', f"   Password = {secret}\n", f"  auth_pass {secret}\n"):
        assert "secret" not in mask_secrets(text)
        assert "secret" not in mask_secrets(text[:length])
        assert "secret" not in quote(text[:length])


def test_a_long_line_is_masked_before_it_is_shortened() -> None:
    """The name of a secret may be far from where the shown part ends."""
    assert SECRET not in quote(f'{"x" * 150}"auth_data":"{SECRET * 10}"')
    assert len(quote("x" * 10_000)) == 200


def test_issues_stay_in_order_and_few() -> None:
    """A hundred, then a count."""
    log = IssueLog("text")
    for number in range(150, 0, -1):
        log.add(number, "x", "y")
    issues = log.result()
    assert [issue.line_number for issue in issues[:-1]] == list(range(51, 151))
    assert (issues[-1].line_number, issues[-1].reason) == (0, "… and 50 more lines")
