"""What the watch has told, on the phones of those who were told."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from care.dose import DoseGiven
from care.facts import ENDPOINT, Ref
from care.notice import NoticeNotified, NoticeOver, notice_id
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from tests.store_case import UNIT
from tests.test_answering import screen
from tests.ward import AMINA, INGEGERD, KARIN, MARIA, START, Ward
from views.model import reading
from views.model.watched import watched
from views.places import Inbox, Today

DOSES = tuple(f"0192eeee-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
NOTICE = Ref("notice", notice_id(UNIT, "late_doses", "2026-03"))


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def tell(ward: Ward, stage: int = 1) -> None:
    to = ("nurse", "chief")[stage - 1]
    said = NoticeNotified(matter="late_doses", stage=stage, to=to, about=DOSES, since=START)  # type: ignore[arg-type]
    ward.say(said, NOTICE, author=ENDPOINT)
    ward.deliver()


async def test_the_nurse_reads_it_in_the_inbox_and_a_signature_clears_it_at_once(ward: Ward) -> None:
    karin, amina = ward.phone("k", KARIN), ward.phone("a", AMINA)
    tell(ward)
    async with screen(karin, Inbox()) as seen:
        assert seen.has("3 uppgifter i Granen är inte signerade i tid.")
        assert seen.has("Besked 06:52")
        given = DoseGiven(order="o", planned=START, performed=START, amount="1", order_fact="f")
        for dose in DOSES[:2]:
            ward.say(given, Ref("dose", dose), INGEGERD, AMINA)
        ward.deliver()
        await seen.settle()
        assert seen.has("1 uppgift i Granen är inte signerad i tid.")
        ward.say(NoticeOver(matter="late_doses", about=DOSES), NOTICE, author=ENDPOINT)
        ward.deliver()
        await seen.settle()
        assert not seen.has("Granen är inte signerad")
    assert watched(amina, "nurse") == []


async def test_the_chief_reads_it_first_on_idag_and_the_carer_does_not(ward: Ward) -> None:
    maria, amina = ward.phone("m", MARIA), ward.phone("a", AMINA)
    tell(ward, 2)
    async with screen(maria, Today()) as seen:
        assert seen.has("3 uppgifter i Granen är inte signerade i tid.")
    async with screen(amina, Today()) as seen:
        assert not seen.has("inte signerade i tid")
    ward.pass_(timedelta(hours=25).total_seconds() / 60)
    assert watched(maria, "chief") == []


async def test_mas_reads_of_every_unit_of_the_vardgivare_whichever_they_are_mas_in(ward: Ward) -> None:
    """A nurse on this unit's phone who is MAS in a unit that the phone knows nothing of."""
    start, office = date(2020, 1, 1), "0192ffff-0000-7000-8000-000000000001"
    roles = (RoleInUnit(Role.NURSE, UNIT, start), RoleInUnit(Role.MAS, office, start))
    ward.more[KARIN] = {f"mas:{UNIT}"}
    karin = ward.phone("k", KARIN)
    about = Ref("notice", notice_id(UNIT, "overdue_mas", "2026-03"))
    case = (DOSES[0],)
    ward.say(
        NoticeNotified(matter="overdue_mas", stage=1, to="mas", about=case, since=START),
        about,
        author=ENDPOINT,
    )
    ward.deliver()
    assert not reading.reads(karin, "mas")
    assert watched(karin, "mas") == []
    ward.say(StaffSet(name="Karin Ström", title="nurse", roles=roles), Ref("staff", KARIN))
    ward.deliver()
    assert reading.reads(karin, "mas")
    assert [one.matter for one in watched(karin, "mas")] == ["overdue_mas"]
    async with screen(karin, Today()) as seen:
        assert seen.has("MAS")
