"""What the endpoint writes about itself: one line per event, with its time in UTC, to standard error.

    2026-11-22T10:51:33.123Z WARNING rapp.refused 403 not_yours POST /console/inbox/{id}/answer by <staff id>

With ``--log-form json`` each is a JSON object.

Who signed in and who was refused is always written (`rapp.signin`, `rapp.refused`); the rest by ``--log``.
Never a name, a person's number, a secret or what was sent (tests/test_hardening_secrets.py). Who has read or
written of a care recipient is in another log, in the database: docs/audit.md.
"""

import json
import logging
import time
from typing import Any, Literal

ALWAYS = ("rapp.signin", "rapp.refused")
refusals, sign_ins = logging.getLogger("rapp.refused"), logging.getLogger("rapp.signin")
Form = Literal["lines", "json"]
FIELDS = "said"
"""Where a record has its fields, as ``extra``."""
_NOTED = frozenset({401, 403, 413, 429})


class Lines(logging.Formatter):
    """One event, one line: what somebody has sent cannot begin another."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return super().formatMessage(record).encode("unicode_escape", "backslashreplace").decode()


class JsonLines(logging.Formatter):
    """One event, one JSON object: time, level, logger, message, and the fields that it was noted with."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=True)


def configuration(level: str, form: Form = "lines") -> dict[str, Any]:
    """For `logging.config.dictConfig`, in the server and in each of its workers."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {"()": "endpoint.logs.Lines", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "endpoint.logs.JsonLines"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {name: {"level": "INFO"} for name in ALWAYS},
    }


def set_aside(device: str, reason: str, count: int, fact: str) -> None:
    """Note that facts of a phone were not taken in: how many, why, and the id of the first."""
    fields = {"code": reason, "device": device, "count": count, "fact": fact}
    refusals.warning(
        "set aside %s %s from phone %s, the first %s", count, reason, device, fact, extra={FIELDS: fields}
    )


def came_back(device: str) -> None:
    """Note that a phone that had destroyed its keys has opened a session: a copy of its file was put back."""
    fields = {"code": "closed_phone_back", "device": device}
    sign_ins.warning("closed phone %s is back: a copy of its file exists", device, extra={FIELDS: fields})


def refusal(scope: Any, status: int, code: str, who: str = "") -> None:
    """Note that somebody was not let in: where, by the address's pattern, and who, when that is known."""
    if status in _NOTED:
        path = scope.get("path_template") or "elsewhere"
        by = f" by {who}" if who else ""
        fields = {"status": status, "code": code, "method": scope.get("method"), "path": path, "by": who}
        refusals.warning("%s %s %s %s%s", status, code, scope.get("method"), path, by, extra={FIELDS: fields})
