"""Answers and refusals as SCIM words them (RFC 7644, 3.12)."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from endpoint.errors import Refused
from endpoint.people.errors import ScimError

logger = logging.getLogger("rapp.scim")
MEDIA = "application/scim+json"
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def answer(body: Any, status: int = 200, **headers: str) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA, headers=headers)


def _refused(_request: Request[Any, Any, Any], error: Any) -> Response[bytes]:
    if isinstance(error, ScimError):
        return _said(error.status, error.detail, error.kind)
    if isinstance(error, Refused):
        return _said(error.status, error.problem.reason or error.problem.code)
    return (
        _said(error.status_code, str(error.detail))
        if error.status_code < 500
        else _unexpected(_request, error)
    )


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    logger.error("%s %s", request.method, request.url.path, exc_info=error)
    return _said(500, "the fault is here, not in what was sent")


def _said(status: int, detail: str, kind: str = "") -> Response[bytes]:
    body = {"schemas": [_ERROR], "status": str(status), "detail": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(
        msgspec.json.encode(body | ({"scimType": kind} if kind else {})),
        status_code=status,
        media_type=MEDIA,
        headers=headers,
    )


HANDLERS: dict[int | type[Exception], Any] = {
    ScimError: _refused,
    Refused: _refused,
    HTTPException: _refused,
    Exception: _unexpected,
}
