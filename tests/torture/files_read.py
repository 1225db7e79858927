"""Hostile spreadsheets and Parquet files, which libraries of C++ and Rust read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from builders import histories, message
from sheets import workbook

from sellerkit import tables
from sellerkit.lake import Lake
from sellerkit.report.findings import write_findings
from sellerkit.report.load import load_run

_SHEET = "xl/worksheets/s1.xml"


def _with_sheet(path: Path, cells: str, shared: str = "") -> Path:
    """Write a workbook whose sheet has cells that no program would write."""
    with zipfile.ZipFile(io.BytesIO(workbook(S=[["a"]]))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    begin = parts[_SHEET].partition("<sheetData>")[0]
    parts[_SHEET] = f"{begin}<sheetData>{cells}</sheetData></worksheet>"
    if shared:
        related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        link = f'<Relationship Id="x" Type="{related}/sharedStrings" Target="sharedStrings.xml"/>'
        rels = "xl/_rels/workbook.xml.rels"
        parts[rels] = parts[rels].replace("</Relationships>", f"{link}</Relationships>")
        main = begin.split('xmlns="')[1].split('"')[0]
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}"><si><t>{shared}</t></si></sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


_LAST = "1048576"


def far_cells(folder: Path, size: float) -> Path:
    cells = "".join(
        f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>'
        for column, row in (("A", 1), ("XFD", 1_048_576))
    )
    return _with_sheet(folder / "far.xlsx", cells)


def repeated_text(folder: Path, size: float) -> Path:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    return _with_sheet(folder / "same.xlsx", cells, "y" * 1_000_000)


def _findings(folder: Path) -> Path:
    """Write the findings of a shop of one message."""
    frame = histories(messages=[message("2026-10-01T10:00")])["messages"]
    log = {
        "account": "shop", "source": "f", "source_sha256": "0", "reading": "", "read": 1, "used": 1,
        "skipped": "{}", "quarantined": 0, "tables": "{}", "seconds": 0.0,
    }  # fmt: skip
    with Lake.open_or_new(folder / "lake").writing() as writer:
        writer.upsert(tables.MESSAGES, frame)
        writer.commit(pd.DataFrame([log]))
    out = folder / "bad"
    write_findings(load_run(str(folder / "lake"), as_of="2026-10-05T06:00:00Z"), out)
    return out


def _contacts(out: Path) -> tuple[Path, pa.Table]:
    path = out / "contacts.parquet"
    return path, pq.read_table(path)


def many_rows(folder: Path, size: float) -> Path:
    out = _findings(folder)
    path, one = _contacts(out)
    rows = pa.concat_tables([one] * 1000).take(pa.array([n % 1000 for n in range(200_000)]))
    with pq.ParquetWriter(path, rows.schema, compression="zstd") as writer:
        for _ in range(max(1, int(150 * size))):
            writer.write_table(rows)
    return out


def huge_dictionary(folder: Path, size: float) -> Path:
    out = _findings(folder)
    path, one = _contacts(out)
    rows = one.take(pa.array([0] * 100_000))
    # a hundred rows of ten megabytes in the file, each of which stands in a thousand
    texts = pa.DictionaryArray.from_arrays(
        pa.array([0] * 100_000, pa.int32()), pa.array(["z" * int(10_000_000 * size)])
    )
    at = rows.schema.get_field_index("why_not")
    changed = rows.set_column(at, "why_not", texts)
    pq.write_table(changed, path, compression="zstd", dictionary_pagesize_limit=2**30)
    return out


def forged_counts(folder: Path, size: float) -> Path:
    """A footer that counts more rows than there are, everywhere or in its head alone."""
    out = _findings(folder)
    path, one = _contacts(out)
    count, more = (1_000_003, 40_000) if size >= 1 else (10_003, 4_000)
    rows = one.take(pa.array([0] * count))
    pq.write_table(rows, path, compression="zstd")
    raw = path.read_bytes()
    length = int.from_bytes(raw[-8:-4], "little")
    foot = raw[-8 - length : -8].replace(_varint(count), _varint(count + more))
    path.write_bytes(raw[: -8 - length] + foot + raw[-8:])
    return out


def _varint(number: int) -> bytes:
    """Return a number as Parquet's footer writes it."""
    left, found = number * 2, bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*found, left])
