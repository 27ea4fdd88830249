"""Two vårdgivare, three units, and one person for each role: what the rights matrix is tried on.

Each unit has one care recipient, so that a name found where it has no business says whose it is. Whatever a
call writes is rolled back: each call meets the same square.
"""

import asyncio
import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from msgspec import Raw, Struct
from msgspec.structs import asdict

from care.check import CheckPlanned, Start
from care.complaint import ComplaintReceived
from care.council import CouncilCalled
from care.delegation import DelegationIssued
from care.deviation import DeviationReported
from care.facts import ENDPOINT, Body, Fact, Ref, encode, raw
from care.ids import stock_id
from care.order import OrderPlaced, Plan, Slot
from care.person import PersonSet
from care.photo import DeviationPhotographed
from care.published import FormPublished
from care.rights import Role
from care.risk_analysis import RiskAnalysisDescribed
from care.routine import RoutinePublished
from care.sbar import SbarRecorded
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.stock import StockReceived
from care.unit import UnitDocument, UnitSet
from endpoint import documents
from endpoint.app import create_app
from endpoint.audit.log import Entry, note
from endpoint.console.routes import console
from endpoint.fhir import keys as fhir_keys
from endpoint.identity import console_session, standing
from endpoint.identity.openid_settings import OpenId, Secret
from endpoint.keeping import decisions
from endpoint.keeping.tables import erasures
from endpoint.log_control import drawing, judging, months
from endpoint.log_control.tables import log_control_rows, log_control_steps, log_controls
from endpoint.parts import Parts
from endpoint.people import tokens
from endpoint.people.schema import scim_tokens
from endpoint.photos import photos
from endpoint.record import Arrival, record
from endpoint.schema import devices, enrol_codes, sessions, sign_ins
from endpoint.served import front
from endpoint.sessions import digest
from endpoint.settings import Settings
from endpoint.statements import Statement, state_all
from endpoint.watch import outgoing
from endpoint.watch.outgoing import Message
from tests.console_world import ASTA, BROR, answered
from wire import signature
from wire.envelope import stated

UNITS = ("own", "sibling", "foreign")
"""The unit where the role is held; another of the same vårdgivare; one of another vårdgivare."""
PROVIDER = {"own": "Provkommun", "sibling": "Provkommun", "foreign": "Grannvård"}
OFFICE_PHONE = "office"
"""Tokens "office/<who>": of those who would have an office's phone in their hand."""
RECIPIENT = {"own": "Asta Granprov", "sibling": "Bror Björkprov", "foreign": "Cora Grannprov"}
ENDED = "ended"
"""Somebody whose role has ended."""


NOW = datetime.now(UTC)
MONTH = months.before(NOW.date(), 1)[0]
ALIKE = {
    "first": "1",
    "n": "0",
    "csv": "csv",
    "kind": "person",
    "resource": "QuestionnaireResponse",
    "month": months.name(MONTH),
    "day": NOW.date().isoformat(),
    "track": "lex_maria",
}
"""What an address may hold that is the same in every unit."""


PROVIDER_SET_UP = OpenId(
    issuer="http://127.0.0.1:9", client_id="rapp", client_secret=Secret("x"), identity_claim="sub", acr=()
)
"""An identity provider that nobody reaches: its pages are there, and send nobody on."""


def same_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.square.rapp.test"))


UNIT = {unit: same_id(f"unit/{unit}") for unit in UNITS}
STAFF = {who: same_id(f"staff/{who}") for who in [*Role, ENDED]}
PERSON = {unit: same_id(f"person/{unit}") for unit in UNITS}
OFFICE_UNIT = same_id("unit/office")
"""Of Provkommun too. Nobody holds a role there, and nobody is cared for."""
DEVICE = {unit: same_id(f"device/{unit}") for unit in UNITS}


class Square(Struct):
    """The endpoint, a console session for each of `STAFF`, and tokens by "<unit>/<who on its phone>"."""

    client: TestClient[Any]
    parts: Parts
    cookies: dict[str, str]
    tokens: dict[str, str]

    def say(self, body: Body, ref: Ref, unit: str, person: str | None = None, author: str = ENDPOINT) -> None:
        """State something of a unit ("own", "sibling", "foreign"). Remember it in `THINGS`."""
        said = Statement(body, ref, UNIT[unit], person)
        asyncio.run(state_all(self.parts.database, self.parts.keys, [said], author))


@contextmanager
def square(folder: Path) -> Iterator[Square]:
    """The square, filled; from here on nothing that is written stays."""
    settings = Settings(data=folder, public_url="https://testserver.local", openid=PROVIDER_SET_UP)
    with TestClient(create_app(settings, [console, front]), base_url="https://testserver.local") as client:
        made = Square(client, client.app.state.parts, {}, {})
        # A matrix calls oftener than any person.
        client.app.state.limiter.limits = ()
        _fill(made)
        _roll_back(made.parts)
        yield made


def _fill(here: Square) -> None:
    said = [_unit(unit) for unit in UNITS] + [_employed(who) for who in STAFF] + [_person(u) for u in UNITS]
    asyncio.run(state_all(here.parts.database, here.parts.keys, said))
    for thing in THINGS.values():
        for unit in UNITS:
            thing(here, unit)
    _office(here)
    for who, id in STAFF.items():
        kept = standing.wrap(here.parts.keys, id, standing.Kept(who, "", ""))
        # Not NOW, when this file was read: a sign-in is fresh for ten minutes.
        now = datetime.now(UTC)
        vouched = console_session.Vouched(now, who, None, kept)
        cookie = asyncio.run(
            console_session.create(here.parts.database, here.parts.settings, id, now, vouched)
        )
        here.cookies[who] = f"{cookie.key}={cookie.value}"


def _unit(unit: str) -> Statement:
    provider = PROVIDER[unit]
    body = UnitSet(name=f"Enhet {unit}", kind="residential", provider=provider, provider_name=provider)
    return Statement(body, Ref("unit", UNIT[unit]), UNIT[unit])


def _employed(who: str) -> Statement:
    role, end = (Role(who), None) if who != ENDED else (Role.NURSE, NOW.date() - timedelta(days=2))
    held = RoleInUnit(role, UNIT["own"], date(2025, 1, 1), end)
    body = StaffSet(name=f"Prov {who}", title="assistant_nurse", roles=(held,))
    return Statement(body, Ref("staff", STAFF[who]), UNIT["own"])


def _person(unit: str) -> Statement:
    body = PersonSet(name=RECIPIENT[unit], personnummer="19400101-2397", born=date(1940, 1, 1))
    return Statement(body, Ref("person", PERSON[unit]), UNIT[unit], PERSON[unit])


def _roll_back(parts: Parts) -> None:
    database: Any = parts.database
    kept = database.write_now

    def write_now(work: Callable[[Any], Any]) -> Any:
        def undone(connection: Any) -> Any:
            done = work(connection)
            connection.rollback()
            return done

        return kept(undone)

    database.write_now = write_now


# ------------------------------------------------------------ things that a unit has


def id_of(thing: str, unit: str) -> str:
    """The id of a unit's thing."""
    known = {"unit": UNIT, "person": PERSON, "device": DEVICE}
    if thing in ALIKE:
        return ALIKE[thing]
    return known[thing][unit] if thing in known else same_id(f"{thing}/{unit}")


def _sbar(here: Square, unit: str) -> None:
    body = SbarRecorded(answers=answered("sbar", ASTA, NOW))
    here.say(body, Ref("sbar", id_of("sbar", unit)), unit, PERSON[unit], STAFF[Role.CARER])


def _deviation(here: Square, unit: str) -> None:
    """A fall with a danger, in which a carer was hurt too: every role that reads any reads it."""
    body = DeviationReported(
        category="fall",
        answers=answered("fall", BROR, NOW),
        occurred=NOW,
        danger=("fall.headHit",),
        staff=True,
    )
    here.say(body, Ref("deviation", id_of("deviation", unit)), unit, PERSON[unit], STAFF[Role.CARER])


def _photo(here: Square, unit: str) -> None:
    """A picture of that fall, named on the unit's phone and come whole."""
    said = DeviationPhotographed(sha256=hashlib.sha256(b"x").hexdigest(), size=1, width=1, height=1)
    fact = Fact(
        id=id_of("photo", unit),
        type="deviation.photographed",
        version=1,
        aggregate=Ref("deviation", id_of("deviation", unit)),
        rank=2,
        at=NOW,
        author=STAFF[Role.CARER],
        device=DEVICE[unit],
        seq=1,
        unit=UNIT[unit],
        person=PERSON[unit],
        body=raw(said),
    )
    arrival = Arrival(fact, stated(encode(fact), signature.new_key()))
    row = {"id": fact.id, "media": said.media, "received": NOW, "data": b"x"}

    def add(connection: Any) -> None:
        record(connection, [arrival], NOW)
        connection.execute(photos.insert(), row)

    here.parts.database.write_now(add)


def _complaint(here: Square, unit: str) -> None:
    body = ComplaintReceived(kind="complaint", answers=answered("complaint", {}, NOW))
    here.say(body, Ref("complaint", id_of("complaint", unit)), unit, PERSON[unit], STAFF[Role.CARER])


def _risk(here: Square, unit: str) -> None:
    body = RiskAnalysisDescribed(title="Flytt", change="x", from_day=NOW.date(), units=(UNIT[unit],))
    here.say(body, Ref("risk-analysis", id_of("risk", unit)), unit)


def _council(here: Square, unit: str) -> None:
    body = CouncilCalled(on=NOW.date(), units=(UNIT[unit],))
    here.say(body, Ref("council", id_of("council", unit)), unit)


def _device(here: Square, unit: str) -> None:
    """A phone with a session of its own, one of its carer's, and a sign-in that waits."""
    row = {"id": DEVICE[unit], "unit": UNIT[unit], "name": f"Telefon {unit}", "public": bytes(32), "app": "1"}
    expires = NOW + timedelta(hours=1)
    signing = {"id": id_of("sign_in", unit), "device": DEVICE[unit], "number": "42", "expires": expires}

    def add(connection: Any) -> None:
        connection.execute(devices.insert(), {**row, "enrolled": NOW, "heard": NOW})
        connection.execute(sign_ins.insert(), {**signing, "refused": False})
        for who in (None, *STAFF):
            here.tokens[f"{unit}/{who or ''}"] = token = secrets.token_urlsafe(32)
            session = {"digest": digest(token), "device": DEVICE[unit], "expires": expires}
            connection.execute(sessions.insert(), {**session, "staff": STAFF[who] if who else None})

    here.parts.database.write_now(add)


def _office(here: Square) -> None:
    """An office with a phone. Whoever should have no code on it has a session there all the same."""
    provider = PROVIDER["own"]
    body = UnitSet(name="Kansli", kind="office", provider=provider, provider_name=provider)
    said = Statement(body, Ref("unit", OFFICE_UNIT), OFFICE_UNIT)
    asyncio.run(state_all(here.parts.database, here.parts.keys, [said]))
    device = same_id("device/office")
    row = {"id": device, "unit": OFFICE_UNIT, "name": "Kansliets", "public": bytes(32), "app": "1"}

    def add(connection: Any) -> None:
        connection.execute(devices.insert(), {**row, "enrolled": NOW, "heard": NOW})
        for who, staff in STAFF.items():
            here.tokens[f"{OFFICE_PHONE}/{who}"] = token = secrets.token_urlsafe(32)
            session = {"digest": digest(token), "device": device, "expires": NOW + timedelta(hours=1)}
            connection.execute(sessions.insert(), {**session, "staff": staff})

    here.parts.database.write_now(add)


def _enrol_code(here: Square, unit: str) -> None:
    """A code that has enrolled no phone yet."""
    id = id_of("enrol_code", unit)
    row = {
        "digest": id.encode(),
        "unit": UNIT[unit],
        "name": "Telefon 9",
        "expires": NOW + timedelta(hours=1),
    }
    here.parts.database.write_now(lambda c: c.execute(enrol_codes.insert(), {**row, "id": id}))


def _log_control(here: Square, unit: str) -> None:
    """Last month's control with one row that nobody has judged, and one that is closed with a case."""
    at = months.midnight(MONTH) + timedelta(hours=12)
    read = Entry(
        at=at,
        staff=STAFF[Role.CARER],
        device="console",
        unit=UNIT[unit],
        person=PERSON[unit],
        act="read",
        what="person",
        role="carer",
        law="PDL 4:1",
    )
    by = StaffDocument(id=STAFF[Role.UNIT_MANAGER], name="Prov chef", title="unit_manager")

    def add(connection: Any) -> None:
        note(connection, [read], at)
        where = documents.one(connection, UnitDocument, UNIT[unit])
        assert where is not None
        opened = drawing.keep(connection, drawing.draw_month(connection, where, MONTH, by.id, NOW))
        closed = drawing.keep(connection, drawing.draw_extra(connection, where, 90, by.id, NOW))
        judging.decide(connection, closed, 1, "investigate", "Varför?", by.id, NOW)
        judging.close(connection, here.parts.keys, closed, by, NOW)
        for name, made in (("log_control", opened), ("closed_control", closed)):
            for table, column in (
                (log_controls, log_controls.c.id),
                (log_control_rows, log_control_rows.c.control),
                (log_control_steps, log_control_steps.c.control),
            ):
                renamed = table.update().where(column == made).values({column.name: id_of(name, unit)})
                connection.execute(renamed)

    here.parts.database.write_now(add)


def _erasure(here: Square, unit: str) -> None:
    """An erasure that somebody else has prepared."""

    def add(connection: Any) -> None:
        made = decisions.prepare(
            connection, UNIT[unit], PERSON[unit], None, "IVO 1", {}, STAFF[Role.UNIT_MANAGER], NOW
        )
        renamed = erasures.update().where(erasures.c.id == made).values(id=id_of("erasure", unit))
        connection.execute(renamed)

    here.parts.database.write_now(add)


def _check(here: Square, unit: str) -> None:
    """A self-check that is due today."""
    start = Start(UNIT[unit], NOW.date())
    body = CheckPlanned(
        title=f"Hygien {unit}",
        form="https://rapp.example/fhir/Questionnaire/check-hygiene",
        rule="FREQ=MONTHLY",
        role=Role.UNIT_MANAGER,
        starts=(start,),
        effective=NOW.date(),
    )
    here.say(body, Ref("check", id_of("check", unit)), unit)


def _routine(here: Square, unit: str) -> None:
    day = NOW.date()
    body = RoutinePublished(
        title=f"Fall {unit}",
        area="fall",
        text="Ring sjuksköterskan.",
        owner=STAFF[Role.UNIT_MANAGER],
        owner_name="Prov chef",
        owner_role=Role.UNIT_MANAGER,
        decided=day,
        decided_by="Prov chef",
        valid_from=day,
        review_by=day + timedelta(days=300),
        units=(UNIT[unit],),
    )
    here.say(body, Ref("routine", id_of("routine", unit)), unit)


def _delegation(here: Square, unit: str) -> None:
    """Of training, which is a nurse's and a therapist's to delegate."""
    body = DelegationIssued(
        holder=STAFF[Role.CARER],
        tasks=("training",),
        units=(UNIT[unit],),
        start=NOW,
        end=NOW + timedelta(days=300),
    )
    here.say(body, Ref("delegation", id_of("delegation", unit)), unit, author=STAFF[Role.NURSE])


def _form(here: Square, unit: str) -> None:
    questionnaire = Raw(
        b'{"resourceType":"Questionnaire","status":"active","url":"https://example.org/f","version":"1",'
        b'"title":"Prov","item":[{"linkId":"a","type":"boolean","text":"Prov?"}]}'
    )
    body = FormPublished(
        url="https://example.org/f", form_version="1", questionnaire=questionnaire, units=(UNIT[unit],)
    )
    here.say(body, Ref("form", id_of("form", unit)), unit)


def _order(here: Square, unit: str) -> None:
    """Of training, which is a nurse's and a therapist's to order."""
    plan = Plan(
        what="Träning",
        form="care",
        amount="10 minuter",
        slots=(Slot("a", "10:00"),),
        start=NOW.date(),
        requires="training",
    )
    placed = OrderPlaced(plan=plan, effective=NOW)
    here.say(placed, Ref("order", id_of("order", unit)), unit, PERSON[unit], STAFF[Role.NURSE])


def _ledger(here: Square, unit: str) -> None:
    """Of the unit's person: its page is named by the person."""
    body = StockReceived(preparation="Oxynorm", unit="kapslar", month=f"{NOW:%Y-%m}", at=NOW, amount=10)
    ref = Ref("stock", stock_id(PERSON[unit], "oxynorm", body.month))
    here.say(body, ref, unit, PERSON[unit], STAFF[Role.NURSE])


def _colleague(here: Square, unit: str) -> None:
    """Somebody who works there."""
    held = RoleInUnit(Role.CARER, UNIT[unit], date(2025, 1, 1))
    body = StaffSet(name=f"Kollega {unit}", title="assistant_nurse", roles=(held,))
    here.say(body, Ref("staff", id_of("colleague", unit)), unit)


def _system(here: Square, unit: str) -> None:
    """A system that may send staff of the unit's vårdgivare."""

    def add(connection: Any) -> None:
        by, provider = STAFF[Role.ADMINISTRATOR], PROVIDER[unit]
        reads = tokens.make(connection, provider, f"Siffror {unit}", by, NOW, "statistics")
        here.tokens[f"{unit}/statistics"] = reads
        seen = tokens.make(connection, provider, f"Lås {unit}", by, NOW, "machines")
        here.tokens[f"{unit}/machines"] = seen
        here.tokens[f"{unit}/system"] = token = tokens.make(connection, provider, f"System {unit}", by, NOW)
        made = scim_tokens.c.digest == digest(token)
        connection.execute(scim_tokens.update().where(made).values(id=id_of("system", unit)))

    here.parts.database.write_now(add)


def _journal_key(here: Square, unit: str) -> None:
    """Keys of a nurse who works in the own unit, and of one who does not any more."""
    if unit != "own":
        return
    for name, who in (("journal", Role.NURSE), ("journal of old", ENDED)):
        make = partial(fhir_keys.make, staff=STAFF[who], name=name, now=NOW)
        here.tokens[f"own/{name}"] = here.parts.database.write_now(make)


def _message(here: Square, unit: str) -> None:
    id = id_of("message", unit)
    made = Message(id, UNIT[unit], "late_doses", 1, 2, "sms", "+46701740605", "Rapp", NOW, given_up=NOW)
    here.parts.database.write_now(lambda c: c.execute(outgoing.outgoing.insert().values(asdict(made))))


THINGS: dict[str, Callable[[Square, str], None]] = {
    "sbar": _sbar,
    "deviation": _deviation,
    "photo": _photo,
    "complaint": _complaint,
    "risk": _risk,
    "council": _council,
    "device": _device,
    "enrol_code": _enrol_code,
    "log_control": _log_control,
    "erasure": _erasure,
    "check": _check,
    "routine": _routine,
    "delegation": _delegation,
    "order": _order,
    "ledger": _ledger,
    "form": _form,
    "colleague": _colleague,
    "system": _system,
    "journal_key": _journal_key,
    "message": _message,
}
"""Each makes one thing in a unit, with the id `id_of(name, unit)`. For a new kind of thing, add one."""
