"""Check forms and answers from the command line.

    python -m care.forms check FILE...
    python -m care.forms validate QUESTIONNAIRE RESPONSE

Exit 0 when nothing is wrong; 1 with a line per fault on standard output; 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from care.forms import Fault, FormError, check, load, validate
from care.forms.source import parse


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    try:
        faults = _check(asked.files) if asked.command == "check" else _validate(asked.form, asked.response)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 2
    for path, fault in faults:
        print(f"{path}: {fault}")  # noqa: T201
    return 1 if faults else 0


def _check(files: list[Path]) -> list[tuple[Path, Fault]]:
    return [(path, fault) for path in files for fault in check(path.read_bytes())]


def _validate(form: Path, response: Path) -> list[tuple[Path, Fault]]:
    form_bytes, response_bytes = form.read_bytes(), response.read_bytes()
    try:
        questionnaire = load(form_bytes)
    except FormError as error:
        return [(form, fault) for fault in error.faults]
    try:
        return [(response, fault) for fault in validate(questionnaire, parse(response_bytes))]
    except FormError as error:
        return [(response, fault) for fault in error.faults]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m care.forms", description="Check forms and answers.")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="is each file a form that the app supports?")
    checking.add_argument("files", nargs="+", type=Path, metavar="FILE")
    validating = commands.add_parser("validate", help="does a response satisfy its form?")
    validating.add_argument("form", type=Path, metavar="QUESTIONNAIRE")
    validating.add_argument("response", type=Path, metavar="RESPONSE")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
