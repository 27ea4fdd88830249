"""The MAS on the phone of her office: her cases, a report, no residents; the door is as on every phone."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from demo import OFFICE, Demo
from tests.browser.conftest import Phone
from tests.browser.test_walk import chip, unlock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
RESIDENTS = ("Edit Fiktiv", "Asta Provdahl", "Elsy", "Harry Lindgren", "Olle Hagberg")


@pytest.fixture(scope="module")
def office(first_town: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo with the office's phone alone, at `address(1)`."""
    data = tmp_path_factory.mktemp("office") / "data"
    shutil.copytree(first_town.data, data)
    demo = Demo(data, first_town.port, (OFFICE,))
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


def test_mas_unlocks_reads_a_case_with_its_investigation_and_reports(
    office: Demo, phone: Callable[..., Phone]
) -> None:
    eva = phone(office.address(1))
    eva.says("112")
    eva.says("112")
    eva.picture("office-lock")
    unlock(eva, "Eva Holm", to="all-cases")
    chip(eva, "Allt skickat")
    eva.picture("office-idag")
    expect(eva.by_id("contact")).to_have_count(0)
    expect(eva.by_id("as-needed")).to_have_count(0)
    without_residents(eva)

    eva.press("Eva")
    eva.says("Mina rapporter")
    eva.picture("office-menu")
    eva.tap("cases")
    eva.says("Kommunikation")
    eva.picture("office-cases")
    without_residents(eva)
    eva.press("Fall")
    eva.says("Enhet: Granen.")
    eva.says("Vem det gäller visas på datorn.")
    eva.says("Det var mörkt, och rullatorn stod utom räckhåll.")
    eva.says("Maria Nyberg")
    eva.says("Du läser som MAS")
    eva.picture("office-case")
    without_residents(eva)
    eva.text_scale(2.0)
    eva.picture("office-case-large")
    eva.text_scale(1.0)

    eva.back_to(eva.by_id("report"))
    eva.tap("report")
    eva.press("Våld eller hot")
    eva.says("Var hände det?")
    eva.picture("office-where")
    eva.press("Granen")
    eva.says("Våld eller hot, Granen")
    eva.picture("office-report")
    without_residents(eva)


def without_residents(phone: Phone) -> None:
    for name in RESIDENTS:
        assert phone.page.get_by_text(name).or_(phone.page.get_by_label(name)).count() == 0, name


def test_the_office_in_the_dark_and_in_large_text(office: Demo, phone: Callable[..., Phone]) -> None:
    anders = phone(office.address(1), dark=True)
    unlock(anders, "Anders Fjäll", to="all-cases")
    chip(anders, "Allt skickat")
    anders.says("Hemtjänst Norr")
    anders.picture("office-idag-dark")
    anders.text_scale(2.0)
    anders.picture("office-idag-large-dark")
    without_residents(anders)
