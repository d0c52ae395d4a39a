"""Which terminal driver the app is given."""

import os
from typing import Final

from textual import constants
from textual.driver import Driver

WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
"""What TEXTUAL_DRIVER says where a browser is the terminal."""


def driver_class() -> type[Driver] | None:
    """What to pass as `App(driver_class=…)`: our driver on POSIX; None, for Textual's choice, elsewhere.

    Where TEXTUAL_DRIVER names Textual's web driver, ours for a browser; None where it names another one, which Textual
    then loads itself.
    """
    if constants.DRIVER == WEB_DRIVER:
        from lvstop.ui.served_driver import ServedDriver

        return ServedDriver
    if os.name != "posix" or constants.DRIVER is not None:
        return None
    # Deferred: the module needs termios, which other systems have not.
    from lvstop.ui.steady_driver import SteadyDriver

    return SteadyDriver
