"""``python -m endpoint anchors``: what phones are told, until when it holds, and whether they believe us."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select

from care.unit import UnitDocument
from endpoint import anchors, documents
from endpoint.database import Database
from endpoint.schema import devices
from endpoint.settings import Settings
from wire.anchors import context

_WAIT_S = 10.0
_NAMED_MOST = 40
_IN_USE = select(devices).where(devices.c.closed.is_(None)).order_by(devices.c.unit, devices.c.name)
Subparsers = Any


def add(commands: Subparsers, data: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the command. `data` adds the option that names the data folder."""
    parser = commands.add_parser(
        "anchors", help="the authorities that phones believe, and whether our certificate is from one of them"
    )
    data(parser)
    parser.set_defaults(run=_tell)


def _tell(chosen: Settings, given: argparse.Namespace) -> int:
    held = chosen.anchors
    if not held.certificates:
        sys.stdout.write(f"{anchors.SETTING} is not set: phones believe whom their system believes\n")
        return 0
    for line in (*anchors.described(held), *anchors.ending(held, datetime.now(UTC))):
        sys.stdout.write(f"{line}\n")
    for line in _phones(chosen):
        sys.stdout.write(f"{line}\n")
    fault = _fault(chosen)
    sys.stdout.write(f"{chosen.base_url}: {fault or 'phones believe it'}\n")
    return 1 if fault else 0


def _phones(chosen: Settings) -> list[str]:
    """How many phones that are in use have these anchors, and which have said that they do not."""
    if not chosen.database_url and not (chosen.data / "endpoint.sqlite").exists():
        return []
    database = Database(chosen.database)
    try:
        rows, units = database.read_now(
            lambda connection: (
                connection.execute(_IN_USE).all(),
                {unit.id: unit.name for unit in documents.all_of(connection, UnitDocument)},
            )
        )
    finally:
        database.close()
    lacking = [row for row in rows if row.anchors != chosen.anchors.name]
    named = [f"  not yet: {row.name}, {units.get(row.unit, row.unit)}" for row in lacking[:_NAMED_MOST]]
    more = [f"  and {len(lacking) - _NAMED_MOST} more"] if len(lacking) > _NAMED_MOST else []
    return [f"{len(rows) - len(lacking)} of {len(rows)} phones have told that they have these", *named, *more]


def _fault(chosen: Settings) -> str:
    """Why phones that have these anchors would not come through; empty: they do."""
    if not chosen.secure:
        return "not https: there is no certificate to believe (RAPP_PUBLIC_URL)"
    try:
        with httpx.Client(
            verify=context(chosen.anchors.certificates), trust_env=False, timeout=_WAIT_S
        ) as client:
            client.get(f"{chosen.base_url}/v1/health").raise_for_status()
    except httpx.HTTPError as error:
        return str(error)
    return ""
