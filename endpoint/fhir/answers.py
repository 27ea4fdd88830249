"""Answers and refusals as FHIR words them: JSON, and an OperationOutcome that names field and reason."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from endpoint import logs
from endpoint.errors import Refused
from endpoint.fhir.errors import FhirError

logger = logging.getLogger("rapp.fhir")
MEDIA = "application/fhir+json"
Json = dict[str, Any]
AnyRequest = Request[Any, Any, Any]
_CODES = {401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 413: "too-costly"}
_CODES |= {429: "throttled", 503: "transient"}


def answer(body: Json, status: int = 200, **headers: str) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA, headers=headers)


def outcome(code: str, reason: str, field: str = "") -> Json:
    """An OperationOutcome of one issue."""
    issue: Json = {"severity": "error", "code": code, "diagnostics": reason}
    if field:
        issue["expression"] = [field]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _fhir(request: AnyRequest, error: FhirError) -> Response[bytes]:
    logs.refusal(request.scope, error.status, error.code)
    return answer(outcome(error.code, error.reason, error.field), error.status)


def _refused(request: AnyRequest, error: Refused) -> Response[bytes]:
    problem = error.problem
    logs.refusal(request.scope, error.status, problem.code)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    said = outcome(_CODES.get(error.status, "invalid"), problem.reason or problem.code, problem.field or "")
    return answer(said, error.status, **headers)


def _http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    if error.status_code >= 500:
        return _unexpected(request, error)
    return answer(outcome(_CODES.get(error.status_code, "invalid"), error.detail), error.status_code)


def _unavailable(_request: AnyRequest, error: Exception) -> Response[bytes]:
    logger.error("the database does not answer: %s", error)
    return answer(outcome("transient", "try again"), 503, **{"Retry-After": "5"})


def _unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    logger.error("%s %s", request.method, request.scope.get("path_template"), exc_info=error)
    return answer(outcome("exception", "the fault is here, not in what was sent"), 500)


HANDLERS: dict[int | type[Exception], Any] = {
    FhirError: _fhir,
    Refused: _refused,
    HTTPException: _http,
    OperationalError: _unavailable,
    PoolTimeout: _unavailable,
    Exception: _unexpected,
}
