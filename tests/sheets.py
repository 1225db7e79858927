"""Excel workbooks for tests, written part by part."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from xml.sax.saxutils import escape

_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument\
.spreadsheetml.sheet.main+xml"/>
</Types>"""
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}\
</Relationships>"""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLES = f"""<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/>\
</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>\
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>\
</styleSheet>"""
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (a sheet's dates have no zone)


def workbook(**sheets: list[list[object]]) -> bytes:
    """Return a workbook with these sheets; a cell is a text, number, flag, date or None."""
    file = io.BytesIO()
    names = list(sheets)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        office = f'<Relationship Id="r" Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", _RELS.format(office))
        entries = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="s{n}"/>'
            for n, name in enumerate(names, 1)
        )
        book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{entries}</sheets>'
        archive.writestr("xl/workbook.xml", book + "</workbook>")
        archive.writestr("xl/styles.xml", _STYLES)
        links = "".join(
            f'<Relationship Id="s{n}" Type="{_RELATED}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n in range(1, len(names) + 1)
        )
        links += f'<Relationship Id="st" Type="{_RELATED}/styles" Target="styles.xml"/>'
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(links))
        for n, name in enumerate(names, 1):
            archive.writestr(f"xl/worksheets/s{n}.xml", _sheet(sheets[name]))
    return file.getvalue()


def _sheet(rows: list[list[object]]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + n)}{number}", value) for n, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, dt.datetime):
        days = (value - _EPOCH) / dt.timedelta(days=1)
        return f'<c r="{place}" s="1"><v>{days!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
