"""The errors a lab raises."""


class LabError(Exception):
    """Something the lab was asked for could not be done; the text says what, and what was seen instead."""


class LabTimeoutError(LabError):
    """An awaited condition did not come true in time; the text names it."""


class CommandError(LabError):
    """A command ended with a status that was not expected.

    `status` is its exit status, `output` what it wrote to stdout and stderr.
    """

    def __init__(self, what: str, status: int, output: str) -> None:
        super().__init__(f"{what}: exit status {status}\n{output.strip()}")
        self.status = status
        self.output = output
