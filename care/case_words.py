"""What a case of avvikelse is besides its answers, in words: the console and the phone say the same."""

from care.days import Say
from care.deviation import DeviationDocument


def beside(case: DeviationDocument, t: Say) -> list[str]:
    """An outside party, harm to staff, one reader alone: a line each, of those that there are."""
    lines = []
    if case.outside:
        party = t(f"outside.{case.outside.party}")
        lines.append(t(f"cases.outside_{case.outside.direction}", party=party))
    if case.befell_staff:
        lines.append(t("cases.staff"))
    if case.instead:
        lines.append(t("cases.instead", reader=t(f"fill.reader.{case.instead}")))
    return lines
