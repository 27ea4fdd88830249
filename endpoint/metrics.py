"""Figures for Prometheus at /metrics: calls by their address's pattern, facts, what waits. They name nobody.

Served where RAPP_METRICS_TOKEN_FILE is set, to whoever shows that token, to nobody otherwise.
With several workers each writes its figures to a folder, and whichever is asked sums them up.
"""

import hmac
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.plugins.prometheus import PrometheusConfig
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Connection, func, select

from endpoint.anchors import first_end
from endpoint.errors import NotKnown
from endpoint.limits import token_holds
from endpoint.parts import Parts
from endpoint.scheduler import jobs_done
from endpoint.schema import devices, quarantine
from endpoint.watch import outgoing
from endpoint.watch.settings import secret

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the workers' figures are, by prometheus-client's own name for it."""
calls = PrometheusConfig(app_name="rapp", prefix="rapp", group_path=True, exclude=["^/metrics$"])


def together(data: Path, workers: int) -> None:
    """Let several workers count together. Call before any of them starts."""
    if workers > 1:
        folder = data / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        os.environ[FOLDER] = str(folder)


@get("/metrics", include_in_schema=False)
async def metrics(parts: NamedDependency[Parts], request: Request[Any, Any, Any]) -> Response[bytes]:
    """All figures, as text."""
    token = secret(parts.settings.metrics_token_file)
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode(), token.encode()):
        raise NotKnown("metrics_token", "not for whoever asks")
    token_holds(request.scope)
    said = await parts.database.read(lambda connection: list(_held(connection, parts)))
    registry = CollectorRegistry()
    registry.register(_Said(said))
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY) + generate_latest(registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


class _Said:
    """What was read from the database, as a collector."""

    def __init__(self, said: list[GaugeMetricFamily]) -> None:
        self._said = said

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._said


def _held(connection: Connection, parts: Parts) -> Iterable[GaugeMetricFamily]:
    """What the database knows, whichever worker is asked."""
    now = parts.now()
    set_aside = connection.execute(select(func.count()).select_from(quarantine)).scalar_one()
    yield _gauge("rapp_set_aside", "Facts that could not be taken in", {(): set_aside})
    open_phones = select(func.count(), func.coalesce(func.sum(devices.c.unsent), 0))
    phones, unsent = connection.execute(open_phones.where(devices.c.closed.is_(None))).one()
    yield _gauge("rapp_phones", "Phones in use", {(): phones})
    yield _gauge("rapp_phones_unsent", "Facts that phones say they have not sent", {(): int(unsent)})
    messages: dict[Any, float] = {(state,): count for state, count in outgoing.counts(connection).items()}
    yield _gauge("rapp_messages", "Messages of the watch, by state", messages, ["state"])
    ages = {
        (row.job,): (now - row.done).total_seconds() for row in connection.execute(select(jobs_done)).all()
    }
    yield _gauge("rapp_job_age_seconds", "Since when each job was last done", ages, ["job"])
    if end := first_end(parts.settings.anchors):
        left: dict[Any, float] = {(): (end - now).total_seconds()}
        yield _gauge("rapp_anchors_left_seconds", "Until the first of the anchors of TLS ends", left)


def _gauge(
    name: str, about: str, values: dict[Any, float], labels: list[str] | None = None
) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, about, labels=labels or [])
    for of, value in values.items():
        made.add_metric(list(of), value)
    return made
