"""Egenkontroll on the console: planned, done, corrected, looked over, counted; each by those who may."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from care.check import CheckDocument, CheckPlanned, CheckResultDocument, Start, result_id
from care.facts import Ref
from care.published import FormPublished
from care.rights import Act, Role, scopes
from care.signing import local_day
from endpoint import documents
from endpoint.console.answers import FOLDER, forms
from endpoint.console.checks import ROLES
from endpoint.console.forms.typed import Typed, names
from endpoint.log_control.tables import log_controls
from endpoint.yearly import FORM, proposals
from tests.console_world import GRANEN, NORR, World, world
from tests.test_console_pages import Page

CHECK = "0192dddd-0000-7000-8000-000000000001"
NIGHT_FAST = (FOLDER / "checks" / "night-fast.json").read_bytes()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def today(here: World) -> date:
    return local_day(here.now)


async def plan(
    here: World,
    form: str = "night-fast",
    due: int = -3,
    units: Sequence[str] = (GRANEN, NORR),
    role: Role = Role.UNIT_MANAGER,
    id: str = CHECK,
    **changes: Any,
) -> str:
    """A yearly check that is due so many days from today. Gives the address of Granen's."""
    day = today(here) + timedelta(days=due)
    body = CheckPlanned(
        title=changes.pop("title", "Nattfasta"),
        form=f"{FORM}{form}" if form else "",
        rule="FREQ=YEARLY",
        role=role,
        starts=tuple(Start(unit, day) for unit in units),
        effective=day - timedelta(days=400),
        **changes,
    )
    await here.says("Eva Holm", body, Ref("check", id), units[0])
    return f"/checks/results/{id}/{units[0]}/{day}"


def filled(here: World, form: str = "night-fast", **answers: str) -> dict[str, Any]:
    """The fields of a form as a browser sends them. Keys: linkIds with _ for what Python lacks."""
    questionnaire = forms()[FORM + form]
    fields = names(questionnaire)
    typed: Typed = {
        "night-fast.living": ["20"],
        "night-fast.people": ["18"],
        "night-fast.long": ["7"],
        "night-fast.mean": ["10,5"],
        "night-fast.longest": ["13"],
        "night-fast.late": ["yes"],
        "night-fast.early": ["yes"],
        "night-fast.wish": ["2"],
    }
    typed |= {key.replace("__", "-").replace("_", "."): [value] for key, value in answers.items()}
    sent: dict[str, Any] = {fields[link_id]: values for link_id, values in typed.items()}
    seen = [fields[item.link_id] for item in questionnaire.walk() if not item.enable_when]
    return sent | {"shown": seen}


async def result(here: World, path: str) -> CheckResultDocument | None:
    plan, unit, day = path.split("/")[-3:]
    return await documents.get(
        here.parts.database, CheckResultDocument, result_id(plan, unit, date.fromisoformat(day))
    )


async def test_the_mas_takes_over_the_proposed_year_for_every_unit(here: World) -> None:
    await here.sign_in("Eva Holm")
    assert "Förslag: årets egenkontroll" in await here.see("/checks/plans")
    assert (await here.send("/checks/plans/adopt")).status_code == 303
    made = await documents.of_kind(here.parts.database, CheckDocument)
    assert {one.plan.title for one in made if one.plan} == {one.title for one in proposals()}
    assert all(one.plan and set(one.plan.units) == {GRANEN, NORR} for one in made)
    html = await here.see("/checks/plans")
    assert "Förslag" not in html
    assert (await here.send("/checks/plans/adopt")).status_code == 303
    assert len(await documents.of_kind(here.parts.database, CheckDocument)) == len(proposals())
    await here.sign_in("Maria Nyberg")
    year = await here.see(f"/checks?unit={GRANEN}&year={today(here).year + 1}")
    assert all(one.title in year for one in proposals())


async def test_a_check_is_done_and_shown_as_done(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    html = await here.see("/checks")
    assert "Försenad" in html
    assert re.search(r'id="count-checks">\s*2\b', html)
    assert "Hur många hade längre nattfasta" in await here.see(path)
    answer = await here.send(path, filled(here))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console{path}")
    html = await here.see(path)
    assert "Maria Nyberg, enhetschef" in html
    assert "10,5 timmar" in html
    found = await result(here, path)
    assert found is not None
    assert (found.plan, found.unit, found.done) == (CHECK, GRANEN, today(here))
    html = await here.see(f"/checks?unit={GRANEN}&year={found.due.year if found.due else 0}")
    assert "Gjord senare" in html
    assert re.search(r'id="count-checks">\s*1\b', html)


async def test_what_was_typed_stays_when_something_is_wrong_and_is_said_beside_it(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    answer = await here.send(path, filled(here, night__fast_people="nitton", night__fast_mean="25"))
    assert answer.status_code == 422
    assert 'value="nitton"' in answer.text
    assert "Skriv ett helt tal" in answer.text
    assert "Det högsta som går är 24" in answer.text
    assert "2 frågor behöver ses över" in answer.text
    assert await result(here, path) is None
    assert 'value="nitton"' in await here.see(path)


async def test_a_check_is_begun_by_one_and_gone_on_with_later(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    assert (await here.send(f"{path}/draft", filled(here, night__fast_living="23"))).status_code == 303
    html = await here.see(path)
    assert 'value="23"' in html
    assert "Sparat som utkast" in html
    await here.sign_in("Karin Ström")
    assert 'value="23"' not in await here.see(path)


async def test_an_answer_that_leads_to_more_questions_shows_them_before_it_is_signed(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    sent = filled(here, night__fast_late="no")
    answer = await here.send(path, sent)
    assert answer.status_code == 422
    assert "Vad ska göras?" in answer.text
    assert "behöver ses över" not in answer.text
    field = names(forms()[f"{FORM}night-fast"])
    more = [field["night-fast.action"], field["night-fast.by"]]
    seen = {**sent, "shown": [*sent["shown"], *more]}
    assert "Svara på frågan" in (await here.send(path, seen)).text
    done = seen | {more[0]: "Ett sent mål från nästa vecka.", more[1]: "2026-12-01"}
    assert (await here.send(path, done)).status_code == 303
    assert "Ett sent mål" in await here.see(path)


async def test_with_scripts_questions_come_and_go_and_the_draft_is_kept(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    sent = filled(here, night__fast_late="no")
    answer = await here.client.post(f"/console{path}/draft", data=sent, headers=headers)
    assert answer.status_code in (200, 201)
    assert "Vad ska göras?" in answer.text
    assert answer.text.count("hx-swap-oob") == 3
    assert "Sparat som utkast" in answer.text


async def test_nothing_that_looks_like_a_personnummer_is_signed(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    field = names(forms()[f"{FORM}night-fast"])["night-fast.good"]
    answer = await here.send(path, filled(here) | {field: "Bra för 19360302-2383"})
    assert "Det ser ut som ett personnummer" in answer.text
    assert await result(here, path) is None


async def test_a_correction_is_a_new_fact_and_both_stay_readable(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    await here.send(path, filled(here))
    assert 'value="18"' in await here.see(f"{path}?correct=true")
    await here.sign_in("Karin Ström")
    corrected = filled(here, night__fast_people="19") | {"reason": "En till mättes."}
    assert (await here.send(path, corrected)).status_code == 303
    html = await here.see(path)
    assert "Före rättelsen" in html
    assert "En till mättes." in html
    assert html.index("<dd>19</dd>") < html.index("<dd>18</dd>")
    found = await result(here, path)
    assert found is not None
    assert [given.role for given in found.given] == [Role.UNIT_MANAGER, Role.NURSE]


async def test_the_same_check_of_other_years_is_at_hand(here: World) -> None:
    path = await plan(here, due=-368)
    await here.sign_in("Maria Nyberg")
    await here.send(path, filled(here))
    year = int(path[-10:-6])
    html = await here.see(path.replace(f"/{year}-", f"/{year + 1}-"))
    assert "Gjord tidigare" in html
    assert f'href="/console{path}"' in html


async def test_the_mas_sees_every_unit_and_the_figures_hold_no_name_and_no_words(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    field = names(forms()[f"{FORM}night-fast"])["night-fast.good"]
    await here.send(path, filled(here) | {field: "Alla i köket hjälper till"})
    await here.send(path.replace(GRANEN, NORR), filled(here, night__fast_long="3"))
    await here.sign_in("Eva Holm")
    year = path[-10:-6]
    html = await here.see(f"/checks/overview?year={year}")
    assert html.count("1 av 1 gjorda") == 2
    html = await here.see(f"/checks/figures?year={year}")
    assert "100 %" in html
    assert re.search(r"Längre än 11 timmar</th>.*?>7</span>.*?>3</span>.*?<strong>10</strong>", html)
    assert "medel 5, 3 till 7" in html
    answer = await here.client.get(f"/console/checks/figures.csv?year={year}")
    table = answer.content.decode("utf-8-sig")
    assert f"{year};Nattfasta;Alla;Medeltal (timmar);Medeltal;10,5" in table
    assert f"{year};Nattfasta;Granen;Sent kvällsmål;Ja;1" in table
    for text in (html, table):
        assert "Alla i köket" not in text
        assert "Nyberg" not in text.partition("<main")[2]


async def test_each_page_is_for_those_who_may(here: World) -> None:
    path = await plan(here)
    allowed = {
        "/checks": {"Karin Ström", "Sara Lind", "Maria Nyberg", "Eva Holm", "Anders Fjäll"},
        path: {"Karin Ström", "Sara Lind", "Maria Nyberg", "Eva Holm", "Anders Fjäll"},
        "/checks/overview": {"Eva Holm", "Anders Fjäll"},
        "/checks/figures": {"Eva Holm", "Anders Fjäll"},
        "/checks/figures.csv": {"Eva Holm", "Anders Fjäll"},
        "/checks/plans": {"Maria Nyberg", "Eva Holm", "Anders Fjäll"},
        f"/checks/plans/{CHECK}": {"Maria Nyberg", "Eva Holm", "Anders Fjäll"},
    }
    for name in ("Karin Ström", "Sara Lind", "Maria Nyberg", "Eva Holm", "Anders Fjäll", "Amina Yusuf"):
        await here.sign_in(name)
        for page, who in allowed.items():
            await here.see(page, 200 if name in who else 403)
    await here.sign_in("Amina Yusuf")
    assert (await here.send(path, filled(here))).status_code == 403
    assert (await here.send(f"/checks/plans/{CHECK}/end")).status_code == 403
    await here.sign_in("Karin Ström")
    assert (await here.send("/checks/plans/adopt")).status_code == 403


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Egen kontroll",
        "form": f"{FORM}falls",
        "months": "3",
        "role": "nurse",
        "remind": "10",
        "sides": "hsl",
        "units": GRANEN,
        f"first-{GRANEN}": "2026-12-31",
    } | changes


async def test_a_check_is_made_of_any_form_changed_paused_and_ended(here: World) -> None:
    await here.sign_in("Eva Holm")
    assert "Ny egenkontroll" in await here.see("/checks/plans/new")
    assert (await here.send("/checks/plans/new", fields())).status_code == 303
    (made,) = await documents.of_kind(here.parts.database, CheckDocument)
    assert made.plan is not None
    assert (made.plan.rule, made.plan.starts) == (
        "FREQ=MONTHLY;INTERVAL=3",
        (Start(GRANEN, date(2026, 12, 31)),),
    )
    path = f"/checks/plans/{made.id}"
    assert (await here.send(path, fields(title="Nytt namn", months="12"))).status_code == 303
    assert (await here.send(f"{path}/pause")).status_code == 303
    assert "Pausad" in await here.see(path)
    assert (await here.send(f"{path}/resume")).status_code == 303
    assert "Det som är gjort finns kvar" in await here.see(f"{path}/end")
    assert (await here.send(f"{path}/end")).status_code == 303
    found = await documents.get(here.parts.database, CheckDocument, made.id)
    assert found is not None
    assert (len(found.versions), found.ended) == (2, today(here) - timedelta(days=1))


WRONG = [
    ({"title": " "}, "Skriv vad kontrollen heter"),
    ({"form": "nothing"}, "Välj ett formulär"),
    ({"months": "5"}, "Välj hur ofta"),
    ({"role": "carer"}, "Välj vem som ansvarar"),
    ({"remind": "-1"}, "Skriv ett tal från 0 till 90"),
    ({"sides": ""}, "Välj minst en."),
    ({"units": "elsewhere"}, "Välj minst en enhet"),
    ({f"first-{GRANEN}": "2026-02-30"}, "Välj en dag"),
]


async def test_a_plan_says_what_is_wrong_with_it_and_keeps_the_rest(here: World) -> None:
    await here.sign_in("Eva Holm")
    for changes, said in WRONG:
        answer = await here.send("/checks/plans/new", fields(about="Därför", **changes))
        assert answer.status_code == 422, changes
        assert said in answer.text
        assert "Därför" in answer.text
    assert not await documents.of_kind(here.parts.database, CheckDocument)


async def test_a_form_that_is_published_can_be_planned_and_answers_keep_their_version(here: World) -> None:
    raw = msgspec.json.decode(NIGHT_FAST)
    for version in ("2", "3"):
        raw |= {"version": version, "title": f"Nattfasta, utgåva {version}"}
        body = FormPublished(
            url=raw["url"], form_version=version, questionnaire=msgspec.Raw(msgspec.json.encode(raw))
        )
        await here.says("Robin Sand", body, Ref("form", "0192dddd-0000-7000-8000-00000000000f"), GRANEN)
        if version == "2":
            path = await plan(here)
            await here.sign_in("Maria Nyberg")
            await here.send(path, filled(here))
    await here.sign_in("Eva Holm")
    assert "Nattfasta, utgåva 3" in await here.see("/checks/plans/new")
    found = await result(here, path)
    assert found is not None
    assert found.current is not None
    assert found.current.answers.form_version == "2"
    assert "10,5 timmar" in await here.see(path)


async def test_a_log_control_is_done_when_the_month_before_is_closed(here: World) -> None:
    await plan(here, form="", due=0, units=(GRANEN,), title="Loggkontroll", page="log_control")
    await here.sign_in("Maria Nyberg")
    html = await here.see("/checks")
    assert 'href="/console/log_control"' in html.partition("<main")[2]
    assert re.search(r'id="count-checks">\s*</span>', html)
    month = (today(here).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    row = {
        "id": "x",
        "unit": GRANEN,
        "month": month,
        "drawn_by": "",
        "method": 1,
        "seed": b"",
        "known": b"",
        "input": b"",
        "told": b"",
    } | dict.fromkeys(("since", "until", "drawn", "closed"), here.now)
    await here.parts.database.write(lambda c: c.execute(log_controls.insert().values(row)))
    html = await here.see(f"/checks?unit={GRANEN}&year={today(here).year}")
    assert "Inget att göra nu" in html
    assert "Gjord</span>" in html


async def test_what_is_not_there_is_told_in_words(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Maria Nyberg")
    for wrong in (
        path[:-10] + "2001-01-01",
        path[:-10] + "when",
        path.replace(CHECK, GRANEN),
        path.replace(GRANEN, CHECK),
        "/checks?unit=x",
        "/checks?year=1",
        f"/checks/plans/{GRANEN}",
    ):
        await here.see(wrong, 404)


def test_the_roles_that_may_answer_for_a_check_are_those_that_may_do_one() -> None:
    assert set(ROLES) == {role for role in Role if scopes(Act.CHECK_DO, frozenset({role}))}


async def test_every_page_is_whole_without_scripts_and_every_control_has_a_name(here: World) -> None:
    path = await plan(here)
    await here.sign_in("Eva Holm")
    await here.send("/checks/plans/adopt")
    wrong = await here.send(path, filled(here, night__fast_people="x", night__fast_late="no"))
    await here.send(f"{path}/draft", filled(here, night__fast_late="no"))
    pages = ["/checks", "/checks/overview", "/checks/figures", "/checks/plans", f"/checks/plans/{CHECK}"]
    pages += ["/checks/plans/new", f"/checks/plans/{CHECK}/end", path, "/routines", "/routines/new"]
    for html in [wrong.text, *[await here.see(page) for page in pages]]:
        elements = Page(html).elements
        assert len([tag for tag, _ in elements if tag == "h1"]) == 1
        assert not [1 for tag, had in elements if tag == "style" or "style" in had]
        ids = [had["id"] for _, had in elements if "id" in had]
        assert len(set(ids)) == len(ids)
        labelled = {had.get("for") for tag, had in elements if tag == "label"}
        for tag, had in elements:
            if tag in ("textarea", "select") or (tag == "input" and "id" in had):
                assert had["id"] in labelled, had
            for name in (had.get("aria-describedby") or "").split():
                assert name in ids
