"""Photos on the console: those who handle a case see them, nobody else, and it is logged."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from care.deviation import DeviationDocument
from care.facts import Ref
from endpoint import documents, photos
from endpoint.demo import names
from endpoint.photos import photos as photos_table
from endpoint.statements import Statement, state_all
from tests.console_world import World, world
from tests.photographs import pixels, said

BYTES = pixels(3000)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def photographed(here: World, report: str, come: bool = True) -> str:
    """A photo of a report; its id."""
    case = await documents.get(here.parts.database, DeviationDocument, report)
    assert case
    statement = Statement(said(BYTES), Ref("deviation", report), case.unit, case.person)
    [fact] = await state_all(here.parts.database, here.parts.keys, [statement], names.STAFF["Amina Yusuf"])
    if come:
        row = {"id": fact.id, "media": "image/jpeg", "received": here.parts.now(), "data": BYTES}
        await here.parts.database.write(lambda c: c.execute(photos_table.insert(), row))
    return fact.id


async def test_whoever_handles_the_case_sees_its_photos_and_who_took_them(here: World) -> None:
    id = await here.deviation()
    photo, waits = await photographed(here, id), await photographed(here, id, come=False)
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/deviations/{id}")
    assert f'src="/console/deviations/{id}/photos/{photo}"' in html
    assert f"/photos/{waits}" not in html
    assert html.count("Bilden är på väg från telefonen") == 1
    assert html.count("Sår eller skada") >= 2
    answer = await here.client.get(f"/console/deviations/{id}/photos/{photo}")
    assert (answer.status_code, answer.content) == (200, BYTES)
    headers = answer.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "inline"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_only_a_photo_of_that_case_and_only_to_its_readers(here: World) -> None:
    id, other = await here.deviation(), await here.deviation()
    photo = await photographed(here, id)
    await here.sign_in("Maria Nyberg")
    for path in (
        f"/deviations/{other}/photos/{photo}",
        f"/deviations/{id}/photos/{other}",
        f"/deviations/x/photos/{photo}",
    ):
        assert (await here.client.get(f"/console{path}")).status_code == 404
    await here.sign_in("Amina Yusuf")
    assert (await here.client.get(f"/console/deviations/{id}/photos/{photo}")).status_code in (403, 404)


async def test_what_is_erased_is_shown_to_nobody(here: World) -> None:
    id = await here.deviation()
    photo = await photographed(here, id)
    await here.parts.database.write(lambda c: photos.blank(c, [photo]))
    await here.sign_in("Maria Nyberg")
    assert (await here.client.get(f"/console/deviations/{id}/photos/{photo}")).status_code == 404
    assert "Bilden är på väg från telefonen" in await here.see(f"/deviations/{id}")


async def test_what_is_handed_out_of_a_record_has_the_pictures(here: World) -> None:
    fall = await here.deviation(who="Asta Provdahl")
    photo, waits = await photographed(here, fall), await photographed(here, fall, come=False)
    await here.sign_in("Eva Holm")
    answer = await here.send(f"/keeping/persons/{names.RESIDENTS['Asta Provdahl']}/export", {"reason": "x"})
    file = zipfile.ZipFile(io.BytesIO(answer.content))
    assert file.read(f"photos/{photo}.jpg") == BYTES
    assert f"photos/{waits}.jpg" not in file.namelist()
    assert f"photos/{photo}.jpg" in file.read("manifest.json").decode()
