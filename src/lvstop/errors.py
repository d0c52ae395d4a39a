"""The exceptions lvstop raises.

    LvstopError
    ├── ConfigError         a cluster file or an option is wrong: names file, key and line
    ├── ParseError          an answer of a director is not in its documented format
    └── TransportError      (transport.base) a director cannot be asked; carries a Fault

Inside the read path failure is a value (`model.director.Fault`, `ParseIssue`); these are raised where one thing was
asked for and cannot be had at all.
"""


class LvstopError(Exception):
    """Root of what lvstop raises on purpose. Its text is one sentence for the operator."""


class ConfigError(LvstopError):
    """A cluster file, an option or a name given by the operator is not usable.

    Attributes:
        file: the file's path as the operator would write it, or None for the command line.
        line: 1-based line in that file, or None where none applies.
    """

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None) -> None:
        self.file = file
        self.line = line
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(f"{place}{message}")


class ParseError(LvstopError):
    """A text does not follow the format it is documented to have.

    Attributes:
        source: which text, e.g. `/proc/net/ip_vs`.
        line_number: 1-based line, or None for the text as a whole.
    """

    def __init__(self, source: str, message: str, *, line_number: int | None = None) -> None:
        self.source = source
        self.line_number = line_number
        place = source if line_number is None else f"{source}, line {line_number}"
        super().__init__(f"{place}: {message}")
