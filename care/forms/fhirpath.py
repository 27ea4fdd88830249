"""FHIRPath (http://hl7.org/fhirpath/N1/): an expression read, and reckoned over the answers to a form.

The engine is fhirpathpy (MIT, pure Python). It is imported with the first form that has an expression, not
when the app starts. What of FHIRPath a form may use is said in `care/forms/fhirpath_check.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from care.forms.errors import NotReckoned
from care.forms.source import Json

Node = dict[str, Any]
MOST = 1000
"""Characters of an expression. What is longer would hold up the phone that reads it."""
_BASE = "QuestionnaireResponse.item"


@lru_cache(maxsize=512)
def tree_of(expression: str) -> Node:
    """The expression as a tree. Raises ValueError for what is no FHIRPath, which says at which character.

    The engine's own reader passes over what follows the first whole expression, and over what is missing.
    """
    from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker, Token
    from fhirpathpy.parser import ASTPathListener, FHIRPathLexer, FHIRPathParser

    lexer = FHIRPathLexer(InputStream(expression))
    lexer.removeErrorListeners()
    lexer.addErrorListener(_Strict())
    parser = FHIRPathParser(CommonTokenStream(lexer))
    parser.removeErrorListeners()
    parser.addErrorListener(_Strict())
    try:
        read = parser.expression()
        if parser.getCurrentToken().type != Token.EOF:
            raise ValueError(f"nothing may follow at character {parser.getCurrentToken().column + 1}")
        listener = ASTPathListener()
        ParseTreeWalker().walk(listener, read)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    tree: Node = listener.parentStack[0]
    return tree


def evaluate(expression: str, focus: Json, response: Json, now: datetime | None = None) -> list[Any]:
    """What the expression gives, as plain JSON values. Raises NotReckoned.

    `focus` is the item of the response that the expression belongs to, in FHIRPath %context; `response` is
    %resource. `now` only where the hour may count: for what a form starts with.
    """
    from fhirpathpy import apply_parsed_path
    from fhirpathpy.engine.nodes import ResourceNode
    from fhirpathpy.models import models

    item = ResourceNode.create_node(focus, _BASE)
    functions = {name: {"fn": function} for name, function in (_numbers() | _clock(now)).items()}
    variables = {"resource": response, "context": item}
    try:
        found = apply_parsed_path(
            item, tree_of(expression), variables, models["r4"], {"userInvocationTable": functions}
        )
    except Exception as error:
        # The engine has no type for its own failures: whatever it raises, this expression gave nothing.
        raise NotReckoned(f"{type(error).__name__}: {error}") from error
    return [_plain(value) for value in found]


class _Strict:
    """Tells of the first fault in the text of an expression (an ANTLR error listener)."""

    def syntaxError(  # noqa: N802
        self, reader: object, token: object, line: int, column: int, said: str, error: object
    ) -> None:
        raise ValueError(f"{said} at character {column + 1}")

    def reportAmbiguity(self, *told: object) -> None: ...  # noqa: N802

    def reportAttemptingFullContext(self, *told: object) -> None: ...  # noqa: N802

    def reportContextSensitivity(self, *told: object) -> None: ...  # noqa: N802


@cache
def _numbers() -> dict[str, Callable[[list[Any]], list[Any]]]:
    """The engine's own of these fail on answers: they do not take a number out of the answer it stands in."""
    return {
        "sum": lambda given: [sum(_all_numbers(given))],
        "min": lambda given: [min(_all_numbers(given))] if given else [],
        "max": lambda given: [max(_all_numbers(given))] if given else [],
        "avg": lambda given: [Decimal(sum(_all_numbers(given))) / len(given)] if given else [],
    }


def _clock(now: datetime | None) -> dict[str, Callable[[list[Any]], list[Any]]]:
    """The engine would ask the machine's own clock. Without a `now` nothing may ask it."""
    if now is None:
        return {"today": _no_hour, "now": _no_hour, "timeOfDay": _no_hour}
    return {"today": lambda _: [now.date().isoformat()], "now": lambda _: [now.isoformat(timespec="seconds")]}


def _no_hour(_: list[Any]) -> list[Any]:
    raise ValueError("the hour may not count here")


def _all_numbers(given: list[Any]) -> list[int | Decimal]:
    if not all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in given):
        raise TypeError("only numbers can be counted together")
    return given


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | Decimal | str | dict) else str(value)
