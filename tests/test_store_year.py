"""The file's size stays bounded, however long a phone is used: what comes and what leaves are as much."""

from pathlib import Path

import pytest

from bench.year import BOUND, Week, Year, growth, show
from bench.year_unit import Size

SHORT = Size(persons=3, orders=3, sbars_a_day=0.2, reports_a_day=0.1, late_a_day=0.2)


def lived(folder: Path, size: Size, days: int) -> tuple[Year, list[Week]]:
    year = Year(folder, size)
    try:
        return year, year.weeks(days)
    finally:
        year.close()


def bounded(year: Year, weeks: list[Week]) -> None:
    assert year.fetched > 3
    assert weeks[-1].rows["wanted"] == 0
    assert growth(weeks) <= BOUND
    held = [week.rows["documents"] for week in weeks]
    assert max(held[len(held) // 2 :]) <= BOUND * max(held[5:10])


def test_ninety_days_of_a_small_unit_take_no_more_than_the_first_six_weeks(tmp_path: Path) -> None:
    year, weeks = lived(tmp_path, SHORT, 91)
    bounded(year, weeks)
    # Much has come since, and left.
    assert weeks[-1].rows["documents"] < year.saved


@pytest.mark.soak
def test_a_year_of_a_unit_takes_no_more_than_its_first_ten_weeks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    year, weeks = lived(tmp_path, Size(), 364)
    with capsys.disabled():
        show(weeks)
    bounded(year, weeks)
    assert max(week.bytes for week in weeks) < 30e6
