"""Charts: round ticks, no lost peak, gaps that stay gaps, and lines that can be told apart without colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from lvstop.analysis.series import HOLD, Series
from lvstop.config.themes import shipped_themes
from lvstop.ui.chart.axes import Unit, time_ticks, value_axis
from lvstop.ui.chart.curve import extents
from lvstop.ui.chart.dots import BLANK, Canvas, row_of, sample
from lvstop.ui.theme import variable_defaults
from lvstop.ui.widgets.chart import Chart, ChartLine

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("peak", "most", "whole", "ticks"),
    [
        (0, 5, True, (0, 1)),
        (1, 5, True, (0, 1)),
        (3, 5, True, (0, 1, 2, 3)),
        (97, 5, True, (0, 20, 40, 60, 80, 100)),
        (1204, 4, True, (0, 500, 1000, 1500)),
        (1204, 1, True, (0, 1500)),
        (0.3, 3, False, (0, 0.1, 0.2, 0.3)),
        (18.2e6, 4, False, (0, 5e6, 10e6, 15e6, 20e6)),
    ],
)
def test_ticks_are_round_and_begin_at_zero(peak: float, most: int, whole: bool, ticks: tuple[float, ...]) -> None:
    """0 is always there, and a count has no halves."""
    assert value_axis(peak, most=most, whole=whole).ticks == pytest.approx(ticks)


@given(st.floats(1e-6, 1e13), st.integers(1, 6), st.booleans())
def test_every_peak_has_room(peak: float, most: int, whole: bool) -> None:
    """No value stands above the axis, there are no more ticks than lines, and no more than half of it is empty."""
    axis = value_axis(peak, most=most, whole=whole)
    assert axis.top >= peak * (1 - 1e-6)
    assert len(axis.ticks) <= most + 1
    assert axis.top <= 2 * peak or axis.top == 1
    if whole:
        assert all(tick == int(tick) for tick in axis.ticks)


@pytest.mark.parametrize(
    ("span", "width", "labels"),
    [
        (60, 45, ["-60 s", "-45 s", "-30 s", "-15 s", "now"]),
        (300, 30, ["-5 min", "-2.5 min", "now"]),
        (900, 30, ["-15 min", "-10 min", "-5 min", "now"]),
        (900, 60, ["-15 min", "-12 min", "-9 min", "-6 min", "-3 min", "now"]),
        (900, 8, ["-15 min", "now"]),
    ],
)
def test_the_time_axis_counts_back_from_now(span: float, width: int, labels: list[str]) -> None:
    """Labels at even steps, the last one at the right edge."""
    ticks = time_ticks(span, width)
    assert [label for _, label in ticks] == labels
    assert (ticks[0][0], ticks[-1][0]) == (0, width - 1)


@pytest.mark.parametrize(
    ("unit", "value", "label", "told"),
    [
        (Unit.COUNT, 1500.0, "1,500", "1,500"),
        (Unit.PER_SECOND, 2.5, "2.5", "2.5"),
        (Unit.PER_SECOND, 20.0, "20", "20.0"),
        (Unit.BITS, 20e6, "20M", "160M"),
    ],
)
def test_values_are_told_in_their_unit(unit: Unit, value: float, label: str, told: str) -> None:
    """Bytes are recorded and bits are shown; ticks are short."""
    assert unit.label(value) == label
    assert unit.tell(value) == told
    assert unit.tell(None) == "–"


def test_a_peak_between_two_columns_is_not_lost() -> None:
    """A second of 100 among hours of 1 is in the column it belongs to."""
    points = [(NOW - 899 + at, 100.0 if at == 450 else 1.0) for at in range(900)]
    curve = extents(points, now=NOW, span=900, count=30)
    assert max(extent[1] for extent in curve if extent is not None) == 100


def test_a_gap_stays_a_gap() -> None:
    """Nothing is drawn over the time in which nobody could tell; 0 is drawn."""
    points = [(NOW - 60 + at, None if 20 <= at < 40 else 0.0) for at in range(61)]
    known = [extent is not None for extent in extents(points, now=NOW, span=60, count=60)]
    assert known == [*[True] * 19, *[False] * 20, *[True] * 21]


def test_points_that_are_too_far_apart_are_not_joined() -> None:
    """Where nobody looked there is no line."""
    near = extents([(NOW - 50, 1.0), (NOW - 50 + HOLD, 2.0)], now=NOW, span=60, count=60)
    far = extents([(NOW - 50, 1.0), (NOW - 49 + HOLD, 2.0)], now=NOW, span=60, count=60)
    assert near[9:29].count(None) == 0
    assert far[10:29].count(None) == 19


def test_what_nobody_saw_is_no_slope() -> None:
    """Between two points of the coarse past a value holds, and then it is another one: 0 until it was 600."""
    curve = extents([(NOW - 30, 0.0), (NOW - 15, 600.0)], now=NOW, span=60, count=60)
    assert curve[29:44] == [(0.0, 0.0)] * 15
    assert curve[44] == (0.0, 600.0)
    assert curve[45:] == [(600.0, 600.0)] * 15
    near = extents([(NOW - 30, 0.0), (NOW - 25, 600.0)], now=NOW, span=60, count=60)
    assert near[31] == pytest.approx((240, 360))


def test_the_last_value_holds_until_now_but_not_for_ever() -> None:
    """The coarse past has a value every 15 seconds; its line does not end 15 seconds ago."""
    assert extents([(NOW - 10, 1.0)], now=NOW, span=60, count=60)[-1] == (1.0, 1.0)
    assert extents([(NOW - 50, 1.0)], now=NOW, span=60, count=60)[-1] is None


@given(st.lists(st.tuples(st.floats(0, 900), st.none() | st.floats(0, 1e9)), max_size=50), st.integers(1, 400))
def test_any_series_can_be_drawn(raw: list[tuple[float, float | None]], count: int) -> None:
    """Whatever was recorded: as many columns as asked for, and values within those recorded."""
    points = [(NOW - 900 + at, value) for at, value in sorted(raw, key=lambda point: point[0])]
    curve = extents(points, now=NOW, span=600, count=count)
    values = [value for _, value in points if value is not None]
    assert len(curve) == count
    for extent in curve:
        if extent is not None:
            assert min(values) - 1 <= extent[0] <= extent[1] <= max(values) + 1


def test_dots_are_braille_from_the_bottom() -> None:
    """0 is the lowest dot, the top the highest one; what has no dot belongs to nobody."""
    canvas = Canvas(2, 1)
    canvas.draw([(0.0, 0.0), (1.0, 1.0), None, None], 1.0, 0)
    assert canvas.rows() == [[("⡈", 0), (" ", BLANK)]]


def test_a_steep_line_has_no_holes() -> None:
    """A dashed line through a peak is drawn where its dashes would leave it out."""
    canvas = Canvas(3, 2)
    canvas.draw([(0.0, 1.0)] * 6, 1.0, 1)
    assert canvas.rows() == [[("⣿⣿⣿", 1)]] * 2


def test_lines_differ_without_colours() -> None:
    """Each of four lines has a pattern of its own."""
    assert len({sample(number, 6) for number in range(4)}) == 4


def test_rows_of_ticks() -> None:
    """Ticks stand beside their dots."""
    assert [row_of(value, 100, 5) for value in (0, 50, 100)] == [4, 2, 0]


class ChartApp(App[None]):
    """A chart and nothing else."""

    CSS_PATH = "../../src/lvstop/ui/screens/detail.tcss"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The slots of our themes."""
        return variable_defaults(shipped_themes()[0])

    def compose(self) -> ComposeResult:
        """The chart."""
        yield Chart("Connections", Unit.COUNT)

    def text(self) -> list[str]:
        """What the chart shows, line by line."""
        chart = self.query_one(Chart)
        return [chart.render_line(y).text for y in range(chart.size.height)]


def line(name: str, *values: float | None) -> ChartLine:
    """A line with a value a second, the last one now."""
    points = tuple((NOW - len(values) + 1 + number, value) for number, value in enumerate(values))
    return ChartLine(name, Series(points))


async def test_a_chart_names_its_lines_and_their_values() -> None:
    """Legend, ticks, dots and the time axis, to the last column."""
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.query_one(Chart).show([line("active", *[100.0] * 60), line("inactive", *[0.0] * 60)], now=NOW, span=60)
        await pilot.pause()
        text = app.text()
    assert text[0].split() == ["Connections", sample(0), "active", "100", sample(1), "inactive", "0"]
    assert text[1].startswith(" 100┤")
    assert text[-3].startswith("   0┤")
    assert text[-1].split() == ["-60", "s", "-45", "s", "-30", "s", "-15", "s", "now"]
    assert {len(row) for row in text} == {58}


@pytest.mark.parametrize("size", [(40, 24), (40, 12), (24, 12), (30, 9)])
async def test_no_value_of_the_legend_is_cut(size: tuple[int, int]) -> None:
    """Four curves of two directors: in lines of their own where there is room, and names are cut before values."""
    app = ChartApp()
    names = ("active keepalived2", "inactive keepalived2", "active keepalived1", "inactive keepalived1")
    values = (1231.0, 311.0, 77.0, 5.0)
    async with app.run_test(size=size) as pilot:
        lines = [line(name, value) for name, value in zip(names, values, strict=True)]
        app.query_one(Chart).show(lines, now=NOW, span=60)
        await pilot.pause()
        text = app.text()
        top = next(place for place, row in enumerate(text) if "┤" in row)
        legend = "\n".join(row.rstrip() for row in text[:top])
    if size[1] >= 12 and size[0] >= 40:
        assert legend.startswith("Connections")
        for name, told in zip(names, ("1,231", "311", "77", "5"), strict=True):
            assert f"{name} {told}" in legend
    assert legend.count(sample(0)) == 1
    assert "1,231" in legend
    assert "311" in legend
    assert text[-1].split()[-1] == "now"


async def test_a_chart_without_values_says_why() -> None:
    """No curve is not a curve at 0."""
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.query_one(Chart).show([line("active", None, None)], now=NOW, span=60, empty="only root may read counters")
        await pilot.pause()
        text = app.text()
    assert "only root may read counters" in text[5]
    assert text[0].rstrip().endswith("active –")


@pytest.mark.parametrize("size", [(80, 24), (250, 60), (14, 5), (10, 3), (1, 1)])
async def test_a_chart_fits_every_size(size: tuple[int, int]) -> None:
    """Every line has the widget's width; where there is no room for a curve there is none."""
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        app.query_one(Chart).show([line("active", *range(900))], now=NOW, span=900)
        await pilot.pause()
        width = app.query_one(Chart).size.width
        assert {len(row) for row in app.text()} <= {width}
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        assert "now" in app.text()[-1]


async def test_an_unchanged_chart_is_not_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second later the curve stands where it stood: nothing goes to the terminal."""
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        chart = app.query_one(Chart)
        chart.show([line("active", *[5.0] * 900)], now=NOW, span=900)
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(chart, "refresh", lambda *regions, **_: painted.append(regions))
        chart.show([line("active", *[5.0] * 900)], now=NOW, span=900)
        assert painted == []
        chart.show([line("active", *[6.0] * 900)], now=NOW, span=900)
        assert painted != []


async def test_another_theme_has_other_colours() -> None:
    """Styles are read once per theme, not once per line."""
    app = ChartApp()
    async with app.run_test(size=(60, 12)) as pilot:
        chart = app.query_one(Chart)
        chart.show([line("active", *[5.0] * 60)], now=NOW, span=60)
        await pilot.pause()
        before = {segment.style for segment in chart.render_line(1)}
        app.theme = "textual-light"
        await pilot.pause()
        assert before.isdisjoint({segment.style for segment in chart.render_line(1)})
