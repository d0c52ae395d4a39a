"""What the programs have in common that answer a request a line: a table of verbs, and the frame around the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lvstop.demo.commands import Said
from lvstop.demo.director import Director
from lvstop.demo.logins import Login
from lvstop.demo.shell import Output
from lvstop.transport.base import Section, SectionMode
from lvstop.transport.framing import encode_answer


@dataclass(slots=True)
class Setting:
    """Where a verb works: on which director, as whom, and what the program keeps from request to request.

    Attributes:
        kept: the program's own variables.
    """

    director: Director
    login: Login
    kept: dict[str, str] = field(default_factory=dict)


Answer = Sequence[tuple[str, Said]]
"""Sections by their names, in order."""

Verb = Callable[[Setting, str], Answer]
"""Answers one request; the text is what follows the verb."""


class AskedProgram:
    """A program with verbs; a verb that it does not know gets an empty answer.

    Args:
        end: called once when the program ends.
    """

    def __init__(
        self,
        setting: Setting,
        nonce: str,
        output: Output,
        verbs: Mapping[str, Verb],
        end: Callable[[Setting], None] | None = None,
    ) -> None:
        self._setting = setting
        self._nonce = nonce
        self._output = output
        self._verbs = verbs
        self._end = end
        self._answer(0, [("reader", Said("sh\n"))])

    def line(self, text: str) -> None:
        """One request: `SEQUENCE VERB [ARGUMENT …]`."""
        sequence, _, rest = text.strip().partition(" ")
        verb, _, argument = rest.strip().partition(" ")
        answer = self._verbs.get(verb)
        told = answer(self._setting, argument.strip()) if answer else []
        self._answer(int(sequence) if sequence.isdecimal() else 0, told)

    def close(self) -> None:
        """The program ends."""
        end, self._end = self._end, None
        if end is not None:
            end(self._setting)

    def _answer(self, sequence: int, answer: Answer) -> None:
        sections = [Section(name, SectionMode.FULL, said.status, said.text.encode()) for name, said in answer]
        self._output.out(encode_answer(sections, nonce=self._nonce, sequence=sequence))
