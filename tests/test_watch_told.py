"""The watch of an endpoint: notices to phones and console, and messages to a real gateway and mail server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from care.dose import DoseGiven
from care.facts import Ref
from care.ids import dose_id
from care.notice import NoticeDocument
from care.order import OrderPlaced, Slot
from care.person import PersonSet
from care.rights import Role
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit, StaffSet
from care.unit import OnCall, UnitSet
from endpoint import documents
from endpoint.errors import SettingError
from endpoint.parts import Parts
from endpoint.schema import devices, facts
from endpoint.settings import from_environment, to_environment
from endpoint.watch import outgoing, telling
from endpoint.watch.numbers import mobile
from endpoint.watch.outgoing import IN_HAND, WAITS
from endpoint.watch.sending import send_due
from endpoint.watch.settings import Channels
from endpoint.watch.telling import watch
from tests import receivers
from tests.endpoint_town import MANAGER, Town, town
from tests.keeping_town import a_town
from tests.postgres import postgres, postgres_url
from tests.receivers import Receiver, receiver
from tests.statements import AMINA, KARIN, ORDER, PERSON, UNIT, plan

__all__ = ["postgres", "postgres_url"]

NAME = "Asta Provdahl"
MINUTE = timedelta(minutes=1)
_ROOT = Path(__file__).parent.parent


class Watched:
    """A unit with a task that nobody has signed in time, and whoever is to be told of it."""

    def __init__(self, here: Town, channels: Channels | None = None) -> None:
        self.here, self.now = here, datetime.now(UTC)
        settings = replace(here.parts.settings, channels=channels or Channels())
        parts = here.parts
        self.parts = Parts(settings, parts.database, parts.keys, parts.provider, lambda: self.now)
        on_call = (OnCall("Karin Ström", "070-1740605", email="jour@example.se"),)
        unit = UnitSet(
            name="Granen", kind="residential", provider="p", provider_name="Provkommun", nurse=on_call
        )
        here.state(unit, Ref("unit", UNIT))
        chief = (RoleInUnit(Role.UNIT_MANAGER, UNIT, self.now.date() - timedelta(days=9)),)
        here.state(
            StaffSet(name="Lena Backlund", title="unit_manager", roles=chief, email="lena@example.se"),
            Ref("staff", MANAGER),
        )
        person = PersonSet(name=NAME, personnummer="19360302-2383", born=self.now.date())
        here.state(person, Ref("person", PERSON), person=PERSON)
        self.task(ORDER, 120)

    def task(self, order: str, ago: int) -> str:
        """A task planned so many minutes ago, to be done within an hour; its dose's id."""
        at = (self.now - ago * MINUTE).astimezone(STOCKHOLM)
        made = plan(slots=(Slot("s", f"{at:%H:%M}"),), start=at.date(), requires=None)
        effective = self.now - timedelta(days=1)
        self.here.state(OrderPlaced(plan=made, effective=effective), Ref("order", order), person=PERSON)
        return dose_id(order, at.date(), "s")

    def sign(self, dose: str, order: str = ORDER) -> None:
        given = DoseGiven(
            order=order, planned=self.now - 120 * MINUTE, performed=self.now - 100 * MINUTE, amount="1",
            order_fact="x",
        )  # fmt: skip
        self.here.state(given, Ref("dose", dose), person=PERSON, author=AMINA)

    def look(self, after: int = 0) -> int:
        self.now += after * MINUTE
        return watch(self.parts, self.now)

    def send(self, after: int = 0) -> int:
        self.now += after * MINUTE
        return send_due(self.parts)

    @property
    def notices(self) -> list[NoticeDocument]:
        return list(self.here.read(lambda c: documents.all_of(c, NoticeDocument)))

    @property
    def tellings(self) -> list[tuple[str, int, str, int]]:
        found = [(n.matter, t.stage, t.to, len(t.about)) for n in self.notices for t in n.tellings]
        return sorted(found)

    @property
    def messages(self) -> list[outgoing.Message]:
        since = self.now - timedelta(days=1)
        return list(self.here.read(lambda c: outgoing.of_units(c, [UNIT], since)))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        yield made


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver("gateway", tmp_path_factory.mktemp("sms") / "gateway") as running:
        yield running


@pytest.fixture
def sms(gateway: Receiver, tmp_path: Path) -> Channels:
    """The gateway with nothing taken yet."""
    for file in gateway.folder.iterdir():
        file.unlink()
    token = tmp_path / "token"
    token.write_text(receivers.TOKEN + "\n")
    return Channels(sms_url=f"http://127.0.0.1:{gateway.port}/sms", sms_token_file=str(token))


def test_a_late_task_is_told_to_the_nurse_then_the_chief_and_then_that_it_is_over(here: Town) -> None:
    watched = Watched(here)
    assert watched.look() == 1
    assert watched.tellings == [("late_doses", 1, "nurse", 1)]
    assert watched.notices[0].tellings[0].name == "Karin Ström"
    assert [watched.look(1) for _ in range(3)] == [0, 0, 0]
    other = watched.task("99999999-7777-5777-8777-777777777777", 130)
    assert watched.look() == 0, "what comes soon after waits for one message"
    assert watched.look(15) == 1
    assert watched.look(45) == 1
    assert watched.tellings[-1] == ("late_doses", 2, "chief", 2)
    dose = next(iter(watched.notices[0].stages.keys() - {other}))
    watched.sign(dose)
    watched.look(1)
    assert set(watched.notices[0].stages) == {other}
    size = here.read(lambda c: len(c.execute(select(facts)).all()))
    watched.look(1)
    assert here.read(lambda c: len(c.execute(select(facts)).all())) == size, "said once"


def test_who_was_told_reads_it_on_their_phone_and_nobody_else_does(here: Town) -> None:
    watched = Watched(here)
    watched.look()
    streams = here.contents()
    [notice] = watched.notices
    ids = set(notice.facts)
    assert {name for name, held in streams.items() if ids & held} == {f"nurse:{UNIT}"}
    phone = here.phone(KARIN, AMINA)
    pulled = {one.fact().id for one in phone.pull_all(KARIN)[f"nurse:{UNIT}"]}
    assert ids <= pulled
    assert NAME not in repr(notice)


def test_silence_is_told_as_silence(here: Town) -> None:
    watched = Watched(here)
    phone = here.phone(AMINA)
    assert phone
    silent = watched.now - 125 * MINUTE
    here.database.write_now(lambda c: c.execute(update(devices).values(heard=silent)))
    watched.look()
    assert watched.tellings == [("silent_unit", 2, "chief", 1)]
    here.database.write_now(lambda c: c.execute(update(devices).values(heard=watched.now)))
    watched.look(1)
    assert [one.stages for one in watched.notices if one.matter == "silent_unit"] == [{}]
    assert ("late_doses", 1, "nurse", 1) in watched.tellings


def test_a_message_says_what_and_where_and_names_nobody(here: Town, sms: Channels, gateway: Receiver) -> None:
    watched = Watched(here, sms)
    watched.look()
    assert watched.send() == 1
    assert watched.send(1) == 0
    [taken] = [json.loads(one.read_text()) for one in gateway.taken]
    assert taken["headers"]["Authorization"] == f"Bearer {receivers.TOKEN}"
    body = json.loads(taken["body"])
    assert body["to"] == "+46701740605"
    assert body["id"] == taken["headers"]["Idempotency-Key"]
    link = f"{watched.parts.settings.base_url}/console/watch"
    assert body["text"] == f"Rapp: 1 uppgift i Granen är inte signerad i tid. {link}"
    said = json.dumps(taken)
    assert not any(word in said for word in (NAME, "19360302", "Karin", PERSON, ORDER))
    assert watched.messages[0].sent


def test_a_gateway_that_is_away_is_tried_again_and_given_up_in_the_end(
    here: Town, sms: Channels, gateway: Receiver
) -> None:
    watched = Watched(here, sms)
    gateway.answer("503")
    watched.look()
    assert watched.send() == 0
    assert (watched.messages[0].error, watched.messages[0].tries) == ("status_503", 1)
    assert watched.send() == 0
    assert gateway.asked == 1, "not before its time"
    for minutes in WAITS:
        watched.send(minutes)
    assert gateway.asked == 1 + len(WAITS)
    assert watched.messages[0].given_up
    gateway.answer("")
    assert here.database.write_now(lambda c: outgoing.again(c, [UNIT], watched.messages[0].id, watched.now))
    assert watched.send() == 1
    assert len(gateway.taken) == 1


def test_what_a_gateway_refuses_for_good_is_given_up_at_once(
    here: Town, sms: Channels, gateway: Receiver
) -> None:
    watched = Watched(here, sms)
    gateway.answer("422")
    watched.look()
    watched.send()
    assert watched.messages[0].given_up
    assert gateway.asked == 1


def test_a_worker_that_dies_in_the_middle_of_sending_is_gone_on_for_and_the_message_comes_once(
    here: Town, sms: Channels, gateway: Receiver
) -> None:
    watched = Watched(here, sms)
    watched.look()
    gateway.answer("hang")
    child = subprocess.Popen(
        [sys.executable, "-c", _SENDS],
        cwd=_ROOT,
        env={**os.environ, **to_environment(watched.parts.settings)},
    )
    gateway.wait(1)
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    gateway.answer("")
    assert watched.messages[0].sent is None
    assert watched.send() == 0, "it may still be in somebody's hand"
    assert watched.send(1 + int(IN_HAND.total_seconds() // 60)) == 1
    assert gateway.asked == 2
    assert len(gateway.taken) == 1, "by its id it is the same"


_SENDS = """
from endpoint import keys, settings
from endpoint.database import Database
from endpoint.parts import Parts, utc_now
from endpoint.watch.sending import send_due
chosen = settings.from_environment()
database = Database(chosen.database)
send_due(Parts(chosen, database, keys.load(chosen.key_file, database), None, utc_now))
"""


def test_a_notice_and_its_messages_stand_or_fall_together(
    here: Town, sms: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(here, sms)
    real = telling.outgoing.put

    def crash(*_: object) -> None:
        raise OSError("the process ends here")

    monkeypatch.setattr(telling.outgoing, "put", crash)
    with pytest.raises(OSError, match="ends here"):
        watched.look()
    assert watched.tellings == []
    monkeypatch.setattr(telling.outgoing, "put", real)
    assert watched.look() == 1
    assert len(watched.messages) == 1


@pytest.mark.postgres
def test_several_workers_tell_and_send_once_on_postgresql(
    postgres_url: str, tmp_path: Path, sms: Channels, gateway: Receiver
) -> None:
    with town(tmp_path / "data", postgres_url) as made:
        watched = Watched(made, sms)
        with ThreadPoolExecutor(4) as workers:
            assert sum(workers.map(lambda _: watch(watched.parts, watched.now), range(8))) == 1
            assert sum(workers.map(lambda _: send_due(watched.parts), range(8))) == 1
        assert watched.tellings == [("late_doses", 1, "nurse", 1)]
        assert gateway.asked == 1


def test_a_letter_goes_by_starttls_with_a_password_and_a_wrong_address_is_given_up(
    here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = tmp_path / "password"
    password.write_text(receivers.PASSWORD)
    with receiver("mail", tmp_path / "mail") as mail:
        channels = Channels(
            mail_url=f"smtp://{receivers.USER}@127.0.0.1:{mail.port}",
            mail_from="rapp@example.se",
            mail_password_file=str(password),
        )
        watched = Watched(here, channels)
        watched.look()
        assert watched.send() == 0, "its certificate is nobody's that is trusted"
        assert watched.messages[0].error == "no_answer"
        monkeypatch.setenv("SSL_CERT_FILE", str(mail.folder / "certificate.pem"))
        assert watched.send(1) == 1
        [letter] = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in mail.taken]
        assert (letter["To"], letter["From"]) == ("jour@example.se", "rapp@example.se")
        assert letter["Subject"] == "Rapp: 1 uppgift i Granen är inte signerad i tid."
        assert "/console/watch" in letter.get_content()
        assert watched.messages[0].id in letter["Message-ID"]
        assert NAME not in str(letter)
        here.database.write_now(
            lambda c: c.execute(
                update(outgoing.outgoing).values(address="nobody@example.se", next=watched.now, sent=None)
            )
        )
        assert watched.send() == 0
        assert (watched.messages[0].error, bool(watched.messages[0].given_up)) == ("no_such_address", True)


def test_a_webhook_is_told_of_every_notice_and_can_check_by_whom(
    here: Town, tmp_path: Path, gateway: Receiver, sms: Channels
) -> None:
    import base64
    import hashlib
    import hmac

    secret = tmp_path / "secret"
    secret.write_text("invented")
    url = f"http://127.0.0.1:{gateway.port}/hook"
    watched = Watched(here, Channels(webhook_url=url, webhook_secret_file=str(secret)))
    watched.look()
    assert watched.send() == 1
    taken = json.loads(gateway.taken[0].read_text())
    headers = {name.lower(): value for name, value in taken["headers"].items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{taken['body']}".encode()
    mark = base64.b64encode(hmac.new(b"invented", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    body = json.loads(taken["body"])
    assert body["type"] == "notice.late_doses"
    assert body["data"] | {"url": ""} == {
        "unit": UNIT, "unit_name": "Granen", "stage": 1, "count": 1, "url": ""
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("070-174 06 05", "+46701740605"),
        ("+46 (0)70-174 06 05", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("+4512345678", "+4512345678"),
        ("08-46500402", None),
        ("112", None),
        ("ring Karin", None),
        ("", None),
    ],
)
def test_messages_go_to_numbers_that_can_take_them(written: str, number: str | None) -> None:
    assert mobile(written) == number


def test_the_settings_reach_the_workers_and_faults_are_named(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    given = {
        "RAPP_SMS_URL": "https://sms.example.se/send",
        "RAPP_SMS_TOKEN_FILE": str(secret),
        "RAPP_MAIL_URL": "smtp://rapp@mail.example.se:587",
        "RAPP_MAIL_FROM": "rapp@example.se",
        "RAPP_MAIL_PASSWORD_FILE": str(secret),
        "RAPP_WEBHOOK_URL": "https://hook.example.se",
        "RAPP_WEBHOOK_SECRET_FILE": str(secret),
    }
    chosen = from_environment(given)
    assert from_environment(to_environment(chosen)) == chosen
    for name, wrong in (
        ("RAPP_SMS_URL", "http://sms.example.se"),
        ("RAPP_MAIL_URL", "mail.example.se"),
        ("RAPP_MAIL_URL", "smtp://rapp:password@mail.example.se"),
        ("RAPP_MAIL_FROM", ""),
        ("RAPP_MAIL_PASSWORD_FILE", ""),
        ("RAPP_WEBHOOK_SECRET_FILE", ""),
        ("RAPP_SMS_TOKEN_FILE", str(tmp_path / "nowhere")),
    ):
        with pytest.raises(SettingError, match=name):
            from_environment({**given, name: wrong})


def test_statements_of_notices_are_the_endpoints_alone(here: Town) -> None:
    from care.notice import NoticeOver

    phone = here.phone(KARIN)
    said = phone.fact(NoticeOver(matter="late_doses", about=()), Ref("notice", ORDER), KARIN)
    [result] = phone.push(said)
    assert (result.status, result.reason) == ("quarantined", "not_permitted")
