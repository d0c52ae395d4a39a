"""The part of the application that tells what it costs."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from lvstop.ui.alarms.app import AlarmingApp


class DiagnosedApp(AlarmingApp):
    """An application that can be asked what it costs, from wherever one is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "L",
            "diagnostics",
            "Diagnostics",
            tooltip="What lvstop itself costs: processor, memory, how long directors take to answer",
            show=False,
            id="app.diagnostics",
        )
    ]

    def action_diagnostics(self) -> None:
        """Show it, once."""
        from lvstop.engine.own_process import PsutilProcess
        from lvstop.ui.screens.diagnostics import DiagnosticsScreen

        if not isinstance(self.screen, DiagnosticsScreen):
            self.push_screen(DiagnosticsScreen(self.feeds, self.clock, PsutilProcess(self.clock)))
