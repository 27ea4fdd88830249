"""What a chart of Statistik shows, in a sentence or two: for those who do not see it, and for the gist."""

from collections.abc import Sequence

from endpoint.console.figures_chart import BARS_MOST, YEARS_MOST, drawn_rows, drawn_values
from endpoint.console.figures_table import Row, Table, said
from endpoint.console.texts import Texts


def sentence(table: Table, drawn: bool, t: Texts) -> str:
    """What is said under a table's chart, or in its place; "": it is to have none."""
    if table.chart is None or (table.chart == "years" and len(table.heads) < 3):
        return ""
    rows = drawn_rows(table)
    if not rows:
        return t("statistics.chart.nothing")
    if not drawn:
        return t("statistics.chart.not_drawn")
    found = [_gist(table, rows, t)]
    shown = {"bars": BARS_MOST, "years": YEARS_MOST}.get(table.chart, len(table.rows))
    if len(table.rows) - table.sums > shown:
        found.append(t("statistics.chart.some", count=shown))
    if any(None in drawn_values(table, row) for row in rows):
        found.append(t("statistics.chart.untold"))
    return " ".join(one for one in found if one)


def _gist(table: Table, rows: Sequence[Row], t: Texts) -> str:
    match table.chart:
        case "goals":
            return t("statistics.chart.goal") if any(row.days[1] is not None for row in rows) else ""
        case "years":
            return t("statistics.chart.years", first=table.heads[1], last=table.heads[-1])
        case "hours":
            return _most_falls(table, rows, t)
    if table.name == "actions":
        planned, done = (said(value, t) for value in table.rows[-1].values[:2])
        return t("statistics.chart.actions", planned=planned, done=done)
    return _most(table, rows, t)


def _most_falls(table: Table, rows: Sequence[Row], t: Texts) -> str:
    *days, sums = rows
    by_hour = [one for one in zip(table.heads[1:], sums.values, strict=True) if one[0].isdigit()]
    hour, of_hour = max(by_hour, key=lambda one: _number(one[1]))
    day = max(days, key=lambda row: _number(row.values[-1]))
    counts = {"of_hour": said(of_hour, t), "of_day": said(day.values[-1], t)}
    return t("statistics.chart.hours", hour=hour, day=day.name, **counts)


def _most(table: Table, rows: Sequence[Row], t: Texts) -> str:
    """The largest that is told, and the same a period before."""
    top = max(rows, key=lambda row: _number(row.values[0]))
    if _number(top.values[0]) <= 0:
        return t("statistics.chart.none_now", period=table.heads[1]) if table.compared else ""
    found = t("statistics.chart.most", name=top.name, count=said(top.values[0], t))
    if table.compared and top.values[1] is not None:
        before = t("statistics.chart.before", period=table.heads[2], count=said(top.values[1], t))
        return f"{found} {before}"
    return found


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else -1
