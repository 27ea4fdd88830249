"""Problems: every refusal as JSON with a stable code, and nothing of our insides."""

import logging
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from endpoint import logs
from endpoint.errors import Refused
from wire.messages import Problem

logger = logging.getLogger("rapp.endpoint")
_CODES = {400: "bad_request", 404: "no_such_call", 405: "no_such_call", 413: "too_large", 415: "bad_media"}
_LATER_S = 5

AnyRequest = Request[Any, Any, Any]


def refused(request: AnyRequest, error: Refused) -> Response[Problem]:
    logs.refusal(request.scope, error.status, error.problem.code)
    return answer(error.status, error.problem)


def not_valid(_request: AnyRequest, error: ValidationException) -> Response[Problem]:
    extra = error.extra if isinstance(error.extra, list) else []
    first: dict[str, Any] = extra[0] if extra and isinstance(extra[0], dict) else {}
    reason = str(first.get("message", error.detail))
    return answer(400, Problem(code="bad_request", field=first.get("key"), reason=reason))


def http(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    if error.status_code >= 500:
        return unexpected(request, error)
    code = _CODES.get(error.status_code, "bad_request")
    logs.refusal(request.scope, error.status_code, code)
    return answer(error.status_code, Problem(code=code, reason=error.detail))


def unavailable(_request: AnyRequest, error: Exception) -> Response[Problem]:
    logger.error("the database does not answer: %s", error)
    return answer(503, Problem(code="unavailable", reason="try again", retry_after=_LATER_S))


def unexpected(request: AnyRequest, error: Exception) -> Response[Problem]:
    logger.error("%s %s", request.method, request.scope.get("path_template"), exc_info=error)
    return answer(500, Problem(code="unexpected", reason="the fault is here, not in what was sent"))


def answer(status: int, problem: Problem) -> Response[Problem]:
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return Response(problem, status_code=status, headers=headers, media_type=MediaType.JSON)


PROBLEMS = {
    status: ResponseSpec(Problem, generate_examples=False, description="Refused")
    for status in (400, 401, 403, 404, 410, 413, 429, 503)
}
"""For the description of the calls."""

HANDLERS: dict[int | type[Exception], Any] = {
    Refused: refused,
    ValidationException: not_valid,
    HTTPException: http,
    OperationalError: unavailable,
    PoolTimeout: unavailable,
    Exception: unexpected,
}
