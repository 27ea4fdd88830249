"""Invented old reports, as another system would export them; and an endpoint with units to read them into."""

import asyncio
import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from care.deviation_figures import CATEGORIES, HARMS
from care.facts import Ref
from care.unit import UnitSet
from endpoint import keys
from endpoint.database import Database
from endpoint.migrate import migrate
from endpoint.settings import Settings
from endpoint.statements import Statement, state_all

HEAD = (
    "occurred_at", "reported_at", "unit", "unit_type", "category", "subcategory", "harm",
    "reporter_profession", "person_ref",
)  # fmt: skip
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
UNITS = {"Granen": "residential", "Norr": "home_care", "Eken": "short_stay"}
PROFESSIONS = ("assistant_nurse", "care_assistant", "nurse", "", "physiotherapist")
_WEIGHTS = (40, 30, 9, 6, 6, 3, 2, 4, 3, 2, 1, 0, 4)


def reports(count: int, seed: int = 1, years: Sequence[int] = (2023, 2024, 2025)) -> list[dict[str, str]]:
    """Reports as rows. Of some, the time of occurrence, the harm or the person is not told."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        start = datetime(draw.choice(years), 1, 1)
        occurred = start + timedelta(minutes=draw.randrange(364 * 24 * 60))
        reported = occurred + timedelta(minutes=draw.randrange(5, 700))
        category = draw.choices(CATEGORIES, _WEIGHTS)[0]
        unit = draw.choice(list(UNITS))
        found.append(
            {
                "occurred_at": occurred.strftime("%Y-%m-%d %H:%M") if draw.random() > 0.05 else "",
                "reported_at": reported.strftime("%Y-%m-%d %H:%M:%S"),
                "unit": unit,
                "unit_type": UNITS[unit],
                "category": category,
                "subcategory": draw.choice(("missed", "double", "unsigned"))
                if category == "medicine"
                else "",
                "harm": draw.choice((*HARMS, "")),
                "reporter_profession": draw.choice(PROFESSIONS),
                "person_ref": f"P{draw.randrange(200)}" if draw.random() > 0.1 else "",
            }
        )
    return [one for one in found if in_no_gap(one)]


def in_no_gap(row: dict[str, str]) -> bool:
    """Whether both times exist: a March night lacks an hour."""
    gaps = ("2023-03-26 02", "2024-03-31 02", "2025-03-30 02")
    return not row["occurred_at"].startswith(gaps) and not row["reported_at"].startswith(gaps)


def written(rows: Iterable[dict[str, str]], delimiter: str = ";") -> str:
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, HEAD, delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def unit_id(name: str) -> str:
    return f"0193aaaa-0000-7000-8000-{sum(name.encode()):012}"


def endpoint_with_units(
    folder: Path, url: str | None = None, providers: Sequence[str] = ("Provkommun",)
) -> tuple[Database, keys.Keys]:
    """An endpoint with Granen, Norr and Eken; of several vårdgivare in turn, where they are named."""
    settings = Settings(data=folder, database_url=url)
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    held = keys.load(settings.key_file, database)
    migrate(database)
    said = []
    for number, (name, kind) in enumerate(UNITS.items()):
        of = providers[number % len(providers)]
        body = UnitSet(name=name, kind=kind, provider=of, provider_name=of)  # type: ignore[arg-type]
        said.append(Statement(body, Ref("unit", unit_id(name)), unit_id(name)))
    asyncio.run(state_all(database, held, said))
    return database, held
