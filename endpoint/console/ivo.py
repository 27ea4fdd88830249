"""The text for IVO of a lex Maria or a lex Sarah, as it can be written from what the case holds.

It is a proposal for whoever decides to go on from. Nothing is sent: it is copied into IVO's own service.
"""

from care.deviation import SIDE_OF, SIDES, DeviationDocument
from care.deviation_case import Track
from care.handling import tree
from endpoint.console.deviations import Report
from endpoint.console.texts import Texts
from endpoint.console.times import dated


def concerns(case: DeviationDocument, track: Track) -> bool:
    """Whether a track is shown: what happened falls under its law, or somebody has asked for it."""
    return SIDE_OF[track] in SIDES[case.category] or SIDE_OF[track] in case.sides


def proposed(report: Report, track: str, t: Texts) -> str:
    """Headings as IVO's form has them, each with what is known; what is not known is left to be written."""
    analysis = report.case.handling.analysis
    body = analysis.body if analysis else None
    causes = [f"{'  ' * (depth - 1)}- {cause.text}" for depth, cause in tree(body.causes if body else ())]
    actions = [f"- {one.text}" for one in report.case.handling.standing]
    told = [f"{line.label}: {line.text}" for line in report.reading.lines]
    parts = {
        "ivo.when": dated(report.case.occurred or report.at, t),
        "ivo.where": report.unit.name,
        "ivo.what": body.happened if body and body.happened else "\n".join(told),
        "ivo.harm": _assessed(report.case, t),
        "ivo.why": "\n".join([body.why, *causes]).strip() if body else "",
        "ivo.actions": "\n".join([body.prevent if body else "", *actions]).strip(),
    }
    heading = t(f"ivo.title.{track}")
    return "\n\n".join([heading, *(f"{t(key)}\n{text or t('ivo.missing')}" for key, text in parts.items())])


def _assessed(case: DeviationDocument, t: Texts) -> str:
    found = case.assessment
    if found is None:
        return ""
    severity, probability = (
        t(f"risk.severity.{found.severity}"),
        t(f"risk.probability.{found.probability}"),
    )
    return t("ivo.assessed", severity=severity.lower(), probability=probability.lower())
