"""Check forms and answers from the command line: `python -m care.forms --help`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from care.forms import Fault, FormError, check, load, unreckoned, validate, warnings
from care.forms.source import parse

_HELP = """\
A form is a FHIR R4 Questionnaire, an answer a QuestionnaireResponse; both in JSON.

  check      is each file a form that this app supports, whole? Names everything that is faulty or not
             supported: nothing in a form is ever passed over in silence. docs/forms.md has the subset.
  validate   does the response satisfy the form? Types, options, units, limits, lengths and patterns of the
             answers; that what is required is there, where it is enabled, once the response is completed or
             amended; that nothing is answered that is not enabled; that groups and answers are given no
             oftener, and no fewer times, than the form asks; and that the order is that of the form.

Each fault is a line on standard output:

  FILE: linkId at its.place.in[0].the.file: what is wrong

with - in place of the linkId for what concerns the whole. A constraint whose severity is warning is said on
standard error, and is no fault.

exit: 0 when nothing is wrong, 1 when something is, 2 when a file cannot be read or the command is not one.
"""


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    result = 0
    checks = [partial(_check, path) for path in asked.files] if asked.command == "check" else []
    if asked.command == "validate":
        checks.append(partial(_validate, asked.form, asked.response))
    for faults in checks:
        try:
            for path, fault in faults():
                print(f"{path}: {fault}")  # noqa: T201
                result = max(result, 1)
        except OSError as error:
            print(f"{error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
            result = 2
    return result


def _check(path: Path) -> list[tuple[Path, Fault]]:
    return [(path, fault) for fault in check(path.read_bytes())]


def _validate(form: Path, response: Path) -> list[tuple[Path, Fault]]:
    form_bytes, response_bytes = form.read_bytes(), response.read_bytes()
    try:
        questionnaire = load(form_bytes)
    except FormError as error:
        return [(form, fault) for fault in error.faults]
    try:
        read = parse(response_bytes)
        for said in warnings(questionnaire, read):
            print(f"{response}: warning: {said}", file=sys.stderr)  # noqa: T201
        found = [*validate(questionnaire, read), *unreckoned(questionnaire, read)]
        return [(response, fault) for fault in found]
    except FormError as error:
        return [(response, fault) for fault in error.faults]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m care.forms",
        description="Check forms and answers.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="is each file a form that the app supports?")
    checking.add_argument("files", nargs="+", type=Path, metavar="FILE")
    validating = commands.add_parser("validate", help="does a response satisfy its form?")
    validating.add_argument("form", type=Path, metavar="QUESTIONNAIRE")
    validating.add_argument("response", type=Path, metavar="RESPONSE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
