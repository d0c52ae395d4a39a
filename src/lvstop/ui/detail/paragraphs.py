"""Sentences behind a label."""

from textual.content import Content

from lvstop.ui.fitting import hanging

_LABEL = 9


def labelled(label: str, content: Content, width: int) -> list[Content]:
    """A paragraph behind its label, in lines of `width` cells."""
    return hanging(Content.styled(f" {label:<{_LABEL}}", "$muted"), content, width)
