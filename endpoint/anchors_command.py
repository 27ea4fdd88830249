"""``python -m endpoint anchors``: what phones are told, until when it holds, and whether they believe us."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from endpoint import anchors
from endpoint.settings import Settings
from wire.anchors import context

_WAIT_S = 10.0
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
    fault = _fault(chosen)
    sys.stdout.write(f"{chosen.base_url}: {fault or 'phones believe it'}\n")
    return 1 if fault else 0


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
