"""Which terminal driver the app is given."""

import os

from textual import constants
from textual.driver import Driver


def driver_class() -> type[Driver] | None:
    """What to pass as `App(driver_class=…)`: our driver on POSIX; None, for Textual's choice, elsewhere.

    None also where TEXTUAL_DRIVER names one, which Textual then loads itself.
    """
    if os.name != "posix" or constants.DRIVER is not None:
        return None
    # Deferred: the module needs termios, which other systems have not.
    from lvstop.ui.steady_driver import SteadyDriver

    return SteadyDriver


def in_browser() -> bool:
    """The terminal is a page: one of several that a server starts, a program for each who looks."""
    return constants.DRIVER is not None and constants.DRIVER.startswith("textual.drivers.web_driver")
