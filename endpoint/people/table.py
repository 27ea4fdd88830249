"""Reading a file of staff: a table with a heading, as spreadsheets, HR systems and HSA export it."""

import codecs
import csv
import io
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct

from endpoint.people.errors import Unreadable
from endpoint.people.words import plain

BYTES_MOST = 5 * 1024 * 1024
ROWS_MOST = 20_000
_CELL_MOST = 500

COLUMNS: dict[str, tuple[str, ...]] = {
    "identity": ("id", "hsa-id", "hsaid", "hsa id", "hsaidentity", "anställningsid", "anställnings-id",
                 "anställningsnummer", "användarnamn", "employeenumber", "username"),
    "name": ("namn", "fullständigt namn", "name", "cn", "displayname"),
    "given": ("förnamn", "tilltalsnamn", "givenname", "given name"),
    "family": ("efternamn", "mellan- och efternamn", "sn", "surname", "familyname"),
    "title": ("titel", "yrkestitel", "befattning", "legitimerad yrkesgrupp", "title", "hsatitle"),
    "phone": ("telefon", "telefonnummer", "mobil", "mobiltelefon", "mobile", "telephonenumber",
              "hsatelephonenumber", "phone"),
    "email": ("e-post", "epost", "e-postadress", "mail", "email", "e-mail"),
    "language": ("språk", "language", "preferredlanguage"),
    "unit": ("enhet", "enhetsnamn", "arbetsplats", "ou", "unit", "department"),
    "role": ("roll", "uppdrag", "behörighet", "role"),
    "start": ("från", "från och med", "fr.o.m.", "startdatum", "anställd från", "start", "hsastartdate",
              "startdate"),
    "end": ("till", "till och med", "t.o.m.", "slutdatum", "anställd till", "slut", "end", "hsaenddate",
            "enddate"),
}  # fmt: skip
"""Each column, and the headings it is known by. The first is the one in the template."""
TEMPLATE = ("identity", "name", "title", "phone", "email", "language", "unit", "role", "start",
            "end")  # fmt: skip


class Line(Struct, frozen=True, omit_defaults=True):
    """One row as it was written: one role of one person. None: the file has no such column.

    ``row``: counted as a spreadsheet does, the heading is 1.
    """

    row: int
    identity: str = ""
    name: str = ""
    title: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    unit: str | None = None
    role: str | None = None
    start: str | None = None
    end: str | None = None


class Sheet(Struct, frozen=True):
    """What was read, and the headings that nothing is made of."""

    lines: list[Line]
    passed_over: list[str] = []


def read(data: bytes, also: Mapping[str, str] = MappingProxyType({})) -> Sheet:
    """The rows of a CSV file; `also`: other headings, with their columns. Raises Unreadable, nothing else."""
    text = decoded(data)
    heading, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(";,\t", key=heading.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable("people.file.broken", reason=str(error)) from error
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not numbered:
        raise Unreadable("people.file.empty")
    places, unknown = _places(numbered[0][1], also)
    if len(numbered) - 1 > ROWS_MOST:
        raise Unreadable("people.file.too_many", most=ROWS_MOST)
    if len(numbered) == 1:
        raise Unreadable("people.file.no_rows")
    return Sheet([_line(number, row, places) for number, row in numbered[1:]], unknown)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by its mark, UTF-8 by its form, otherwise Windows-1252."""
    if len(data) > BYTES_MOST:
        raise Unreadable("people.file.too_large", most=BYTES_MOST // 1024 // 1024)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable("people.file.spreadsheet")
    for coding in _codings(data):
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        if any(one < " " and one not in "\t\r\n" for one in text):
            break
        return text
    raise Unreadable("people.file.not_text")


def template() -> bytes:
    """A file to fill in: UTF-8 with a mark, so that spreadsheets read å, ä and ö."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow([COLUMNS[column][0] for column in TEMPLATE])
    rows.writerow(
        ["SE2120000000-1A01", "Anna Prov", "undersköterska", "070-1740601", "anna.prov@example.se", "sv",
         "Granen", "omsorgspersonal", "2026-01-01", ""]
    )  # fmt: skip
    return codecs.BOM_UTF8 + out.getvalue().encode()


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as a file that a spreadsheet opens. What would be taken for a formula is taken for text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _codings(data: bytes) -> list[str]:
    if data.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    if len(data) >= 4 and len(data) % 2 == 0:
        # Swedish text in UTF-16 is every second byte zero; no other text file has any.
        if not any(data[1:200:2]):
            return ["utf-16-le"]
        if not any(data[0:200:2]):
            return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def _places(heading: list[str], also: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """Where each column is, and the headings that are not known. Raises Unreadable without those needed."""
    words = {plain(word): column for column, known in COLUMNS.items() for word in known}
    words |= {plain(word): column for word, column in also.items()}
    places: dict[str, int] = {}
    unknown = []
    for number, cell in enumerate(heading):
        column = words.get(plain(cell))
        if column is None:
            unknown.append(cell.strip()[:60])
        elif column in places:
            raise Unreadable("people.file.column_twice", column=cell.strip()[:60])
        else:
            places[column] = number
    missing = [] if "identity" in places else [COLUMNS["identity"][0]]
    if "name" not in places and not {"given", "family"} <= places.keys():
        missing.append(COLUMNS["name"][0])
    if missing:
        raise Unreadable("people.file.columns", columns=", ".join(missing))
    return places, [cell for cell in unknown if cell]


def _line(number: int, row: list[str], places: dict[str, int]) -> Line:
    def cell(column: str) -> str | None:
        at = places.get(column)
        return None if at is None else " ".join((row[at] if at < len(row) else "")[:_CELL_MOST].split())

    name = cell("name") or " ".join(part for part in (cell("given"), cell("family")) if part)
    return Line(
        row=number,
        identity=cell("identity") or "",
        name=name,
        **{column: cell(column) for column in TEMPLATE[2:]},
    )
