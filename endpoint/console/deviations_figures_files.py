"""The tables of Statistik as files: CSV for other programs, Excel for people."""

import io
from collections.abc import Iterator, Sequence

import xlsxwriter  # type: ignore[import-untyped]

from endpoint.console.figures_table import Table, Value
from endpoint.console.texts import Texts
from endpoint.people.table import written

_SHEET_MOST = 31
_FORBIDDEN = str.maketrans("[]:*?/\\", "       ")


def as_csv(tables: Sequence[Table], t: Texts) -> bytes:
    """One figure a row: table, row, column, value. Semicolons, decimal commas, UTF-8 and its mark."""
    heads = [t(f"statistics.column.{name}") for name in ("table", "row", "column", "value")]
    return written([heads, *_cells(tables, t)])


def _cells(tables: Sequence[Table], t: Texts) -> Iterator[list[str]]:
    for table in tables:
        for row in table.rows:
            for head, value in zip(table.heads[1:], row.values, strict=True):
                yield [table.title, row.name, head, _said(value, t)]


def _said(value: Value, t: Texts) -> str:
    """A value as programs read it: 1204, 3,25, or that it is not told."""
    if value is None:
        return t("statistics.hidden")
    return f"{value}".replace(".", ",") if isinstance(value, float) else str(value)


def as_xlsx(tables: Sequence[Table], t: Texts) -> bytes:
    """A sheet for each table. Words are written as words: none is a formula or a link."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold = book.add_format({"bold": True})
    for number, table in enumerate(tables, 1):
        sheet = book.add_worksheet(f"{number} {table.title.translate(_FORBIDDEN)}"[:_SHEET_MOST].strip())
        sheet.write_string(0, 0, table.title, bold)
        for column, head in enumerate(table.heads):
            sheet.write_string(1, column, head, bold)
        for line, row in enumerate(table.rows, 2):
            sheet.write_string(line, 0, row.name)
            for column, value in enumerate(row.values, 1):
                if isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, _said(value, t))
        sheet.set_column(0, 0, 34)
        if table.note:
            sheet.write_string(len(table.rows) + 3, 0, table.note)
    book.close()
    return out.getvalue()
