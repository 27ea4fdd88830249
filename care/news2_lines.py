"""NEWS2 from the command line: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from care.news2 import Score, Vitals, score

HELP = """\
Reads one JSON object a line on standard input and writes one a line on standard output, in the same order.

keys, each of which may be missing or null when it was not measured:
  respiration    breaths a minute, a whole number
  spo2           oxygen saturation, whole per cent 0-100
  scale2         true when a doctor has ordered SpO2 scale 2; missing is false
  oxygen         true when supplemental oxygen is given
  systolic       systolic blood pressure in mmHg, a whole number
  pulse          beats a minute, a whole number
  consciousness  A alert, C new confusion, V voice, P pain, U unresponsive
  temperature    degrees Celsius 10-50; scored in tenths
other keys are passed over.

answers:
  total          0-20; null when something is missing
  complete       whether all seven could be scored
  parts          points of each of the seven; null for what could not be scored
  band           low, low-medium, medium or high. When incomplete: the lowest that the known parts force
                 whatever the missing ones are, or null when they force none above low
On scale 2, SpO2 above 92 cannot be scored without knowing about oxygen.

A line that cannot be scored is answered with {"line": its number, "field": the key or null, "reason": what is
wrong, "error": both in words}; the error also goes to standard error, and the rest goes on. Empty lines are
passed over.

exit: 0 when every line was scored, 1 when one was not.

example:
  $ echo '{"respiration": 22, "spo2": 94, "pulse": 112}' | python -m care.news2
"""
# No count of anything in a minute, and no pressure, comes near it.
_MANY = 10**6
_WHOLE = {"respiration", "spo2", "systolic", "pulse"}
_EXPECTED = {
    "respiration": "a whole number of 0 or more",
    "spo2": "a whole number from 0 to 100",
    "scale2": "true or false",
    "oxygen": "true or false",
    "systolic": "a whole number of 0 or more",
    "pulse": "a whole number of 0 or more",
    "consciousness": "one of A, C, V, P, U",
    "temperature": "a number of degrees Celsius from 10 to 50",
}


class Unscored(Struct, frozen=True):
    """A line that is no vitals: its number from 1, the key that is wrong (None for the whole), and why."""

    line: int
    field: str | None
    reason: str
    error: str


class _Refused(Exception):
    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def score_lines(lines: Iterable[bytes]) -> Iterator[Score | Unscored]:
    """A score for each line of JSON, or what is wrong with the line. Empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _score(_parsed(line))
        except _Refused as refused:
            named = f"line {number}: " + (f"{refused.field}: " if refused.field else "")
            yield Unscored(number, refused.field, refused.reason, named + refused.reason)


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(
        prog="python -m care.news2",
        description="Score vital signs by NEWS2 (Royal College of Physicians, 2017).",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    failed = False
    for scored in score_lines(sys.stdin.buffer):
        if isinstance(scored, Unscored):
            failed = True
            print(scored.error, file=sys.stderr)  # noqa: T201
        sys.stdout.buffer.write(msgspec.json.encode(scored) + b"\n")
        sys.stdout.buffer.flush()  # whoever writes a line and waits for its score is not kept waiting
    return 1 if failed else 0


def _parsed(line: bytes) -> dict[str, Any]:
    """The object, with exact decimals. A key given twice is refused: which of the two was measured?"""
    try:
        read = json.loads(
            line.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise _Refused(None, f"not JSON that can be read: {error}") from error
    if not isinstance(read, dict):
        raise _Refused(None, "not a JSON object")
    return read


def _score(read: dict[str, Any]) -> Score:
    values = {name: _value(name, read.get(name)) for name in _EXPECTED}
    scale2 = values.pop("scale2")
    return score(Vitals(**values), scale2=bool(scale2))


def _value(name: str, given: Any) -> Any:
    """The value as `Vitals` has it; 22.0 is as whole a number as 22."""
    if given is None:
        return None
    if name in _WHOLE and isinstance(given, Decimal) and -_MANY < given < _MANY and given % 1 == 0:
        given = int(given)
    if name == "temperature" and isinstance(given, int | Decimal) and not isinstance(given, bool):
        given = Decimal(given)
    elif name == "temperature":
        raise _refused(name, given)
    try:
        if name in ("scale2", "oxygen"):
            return msgspec.convert(given, bool, strict=True)
        return getattr(msgspec.convert({name: given}, Vitals, strict=True), name)
    except (msgspec.ValidationError, ValueError) as error:
        raise _refused(name, given) from error


def _refused(name: str, given: Any) -> _Refused:
    shown = str(given) if isinstance(given, Decimal) else json.dumps(given, ensure_ascii=False, default=str)
    return _Refused(name, f"must be {_EXPECTED[name]}, not {shown}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    for name in read:
        if sum(one == name for one, _ in pairs) > 1:
            raise _Refused(name, "given twice")
    return read


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
