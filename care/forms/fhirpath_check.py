"""What of FHIRPath a form may use. Everything else is named when the form is loaded.

Left out: what depends on the hour while a form is filled in (an answer must read the same tomorrow, and on
every phone), what can take long or for ever (repeat, aggregate, large powers), and what the engine gets wrong
on answers (quantities written in an expression, a minus before an answer).
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from msgspec import Struct

from care.forms import pattern
from care.forms.fhirpath import MOST, Node, tree_of

_NONE = (
    "empty", "not", "count", "distinct", "isDistinct", "first", "last", "single", "tail",
    "allTrue", "anyTrue", "allFalse", "anyFalse", "children", "descendants", "sum", "min", "max", "avg",
    "abs", "ceiling", "floor", "truncate", "sqrt", "toInteger", "toDecimal", "toString",
    "length", "upper", "lower", "trim",
)  # fmt: skip
_ONE = (
    "all", "where", "select", "take", "skip", "ofType", "is", "as", "round", "union", "combine", "intersect",
    "exclude", "matches", "startsWith", "endsWith", "contains", "indexOf",
)  # fmt: skip
FUNCTIONS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(_NONE, (0,)),
    **dict.fromkeys(_ONE, (1,)),
    "exists": (0, 1),
    "join": (0, 1),
    "substring": (1, 2),
    "replace": (2,),
    "power": (1,),
    "iif": (2, 3),
}
"""How many parameters each takes."""
_AT_START = {"today": (0,), "now": (0,)}
_CRITERIA = frozenset({"all", "where", "select", "exists"})
_TAKES_TYPE = frozenset({"ofType", "is", "as"})
_TYPES = frozenset(
    {"boolean", "integer", "decimal", "string", "date", "dateTime", "time", "Quantity", "Coding"}
)
_ELEMENTS = frozenset(
    {
        "item", "answer", "value", "linkId", "text", "definition", "id", "code", "system", "display",
        "version", "unit", "status", "questionnaire",
    }
)  # fmt: skip
_VARIABLES = frozenset({"resource", "context"})
_POWERS = ("2", "3")
MOST_POWERS = 2
"""In one expression: a power of a power of a power is a number that no phone has room for."""
DEEPEST = 3
"""Criteria within criteria: each is tried on all that the one around it is tried on."""


def faults_of(expression: str, link_ids: Set[str], *, at_start: bool = False) -> list[str]:
    """Why a form cannot have this expression, each reason once. `at_start`: it is reckoned once, when the
    form is opened, and may ask the hour.
    """
    if len(expression) > MOST:
        return [f"the expression is longer than {MOST} characters"]
    try:
        tree = tree_of(expression)
    except ValueError as error:
        return [f"not a FHIRPath expression: {error}"]
    known = FUNCTIONS | (_AT_START if at_start else {})
    nodes = list(_walk(tree, 0))
    reasons = [reason for node in nodes for reason in _faults(node, known, link_ids)]
    if sum(_function(seen.node) == "power" for seen in nodes) > MOST_POWERS:
        reasons.append(f"power() more than {MOST_POWERS} times")
    return list(dict.fromkeys(reasons))


def asked_by(expression: str) -> set[str]:
    """The linkIds whose items an expression asks for. None when it cannot be read."""
    try:
        tree = tree_of(expression)
    except ValueError:
        return set()
    wanted = (seen.node for seen in _walk(tree, 0) if seen.node.get("terminalNodeText") in (["="], ["in"]))
    return {link_id for node in wanted for link_id in _named(node)}


class _Seen(Struct, frozen=True):
    """A node, and in how many criteria it stands."""

    node: Node
    criteria: int


def _walk(node: Node, criteria: int) -> Iterator[_Seen]:
    yield _Seen(node, criteria)
    function = _function(node)
    if function in _TAKES_TYPE:
        return
    inside = criteria + (function in _CRITERIA)
    for child in node.get("children", []):
        yield from _walk(child, inside if child.get("type") == "ParamList" else criteria)


def _faults(seen: _Seen, known: dict[str, tuple[int, ...]], link_ids: Set[str]) -> Iterator[str]:
    node, text = seen.node, str(seen.node.get("text"))
    match node.get("type"):
        case "Functn":
            yield from _function_faults(seen, known)
        case "MemberInvocation":
            yield from _element_faults(_name(node))
        case "ExternalConstant" if _name(node) not in _VARIABLES:
            yield f"%{_name(node)} is not supported: only %resource and %context are"
        case "ExternalConstant" if seen.criteria and _name(node) == "resource":
            yield "%resource in a criterion is not supported: it can take long"
        case "TypeSpecifier" if text not in _TYPES:
            yield f"unknown type in an expression: {text}"
        case "Unit" if node.get("terminalNodeText"):
            yield "a quantity in an expression is not supported: compare value.value, and value.code"
        case "PolarityExpression" if node.get("terminalNodeText") == ["-"] and not _is_literal(node):
            yield "a minus before an answer is not supported: write 0 - x"
        case "ThisInvocation" | "IndexInvocation" if not seen.criteria:
            yield f"{node['terminalNodeText'][0]} outside a criterion: write %context"
        case "TotalInvocation":
            yield "$total is not supported"
        case "EqualityExpression" | "MembershipExpression":
            for link_id in sorted(_named(node) - link_ids):
                yield f"the expression asks an item that does not exist: {link_id!r}"


def _function_faults(seen: _Seen, known: dict[str, tuple[int, ...]]) -> Iterator[str]:
    name, parameters = _function(seen.node), _parameters(seen.node)
    if name not in known:
        yield f"unknown or unsupported function: {name}()"
        return
    if len(parameters) not in known[name]:
        yield f"{name}() takes {' or '.join(map(str, known[name]))} parameters, not {len(parameters)}"
        return
    if name in _TAKES_TYPE and str(parameters[0].get("text")) not in _TYPES:
        yield f"unknown type in an expression: {parameters[0].get('text')}"
    if name in ("children", "descendants") and seen.criteria:
        yield f"{name}() in a criterion is not supported: it can take long"
    if name in _CRITERIA and seen.criteria >= DEEPEST:
        yield f"criteria more than {DEEPEST} deep"
    if name == "power" and str(parameters[0].get("text")) not in _POWERS:
        yield f"power() takes {' or '.join(_POWERS)}, not {parameters[0].get('text')}"
    if name == "matches":
        written = _text_of(parameters[0])
        wrong = "needs a pattern in quotes" if written is None else pattern.fault_of(written)
        if wrong:
            yield f"matches() {wrong}"


def _element_faults(name: str) -> Iterator[str]:
    if name == "QuestionnaireResponse":
        yield "an expression begins at its item: write %resource for the whole response"
    elif name.startswith("value") and name != "value":
        yield f"{name} is no element in FHIRPath: write value"
    elif name not in _ELEMENTS:
        yield f"unknown or unsupported element of a response: {name}"


def _named(node: Node) -> set[str]:
    """The linkIds that a comparison compares with: linkId = 'a', linkId in ('a' | 'b')."""
    sides = node.get("children", [])
    if node.get("type") not in ("EqualityExpression", "MembershipExpression") or len(sides) != 2:
        return set()
    for one, other in (sides, sides[::-1]):
        if str(one.get("text")).rpartition(".")[2] == "linkId":
            texts = (
                _text_of(seen.node) for seen in _walk(other, 0) if seen.node.get("type") == "StringLiteral"
            )
            return {text for text in texts if text is not None}
    return set()


def _function(node: Node) -> str:
    return _name(node) if node.get("type") == "Functn" else ""


def _parameters(node: Node) -> list[Node]:
    lists = [child for child in node.get("children", []) if child.get("type") == "ParamList"]
    return [one for listed in lists for one in listed.get("children", [])]


def _name(node: Node) -> str:
    return str(next((one.get("text") for one in node.get("children", [])), "")).strip("`")


def _is_literal(node: Node) -> bool:
    return any(seen.node.get("type") == "NumberLiteral" for seen in _walk(node, 0)) and not any(
        seen.node.get("type") in ("MemberInvocation", "Functn", "ExternalConstant") for seen in _walk(node, 0)
    )


def _text_of(node: Node) -> str | None:
    """What is written in quotes, when that is all that the node is."""
    text = str(node.get("text"))
    quoted = len(text) >= 2 and text[0] == text[-1] == "'" and "'" not in text[1:-1].replace("\\'", "")
    return text[1:-1].replace("\\'", "'").replace("\\\\", "\\") if quoted else None
