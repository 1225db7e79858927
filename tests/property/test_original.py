"""Whatever a file holds and a row says: the exact bytes of a part of it, or none."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.read.original import Originals
from sellerkit.read.source import Context

PIECES = [
    b"From a@b Mon Jan 06 04:49:45 +0000 2020\n", b"\n", b"\r\n", b"\r", b'"', b",", b"\t", b";",
    b"[", b"]", b"{", b"}", b'{"Orders":[', b'"payload":', b"1", b'{"a":"]"}', b"\xef\xbb\xbf",
    b"\xff\xfe", b"\x00", b"\xe4", b"PK\x03\x04", b"<a>", "ü".encode(), b"x,y\n", b'"x\ny",z\n',
]  # fmt: skip
FILES = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES)).map(b"".join))
FORMS = st.sampled_from([None, "mbox", "eml", "orders_v0", "order_items_v0", "orders_csv"])


@settings(max_examples=40)
@given(FILES, FORMS, st.integers(-2, 60) | st.integers(-(2**63), 2**63 - 1))
def test_it_is_a_part_of_the_file_or_nothing(data: bytes, form: str | None, pos: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        sha = hashlib.sha256(data).hexdigest()
        found = Originals().at(str(path), sha, pos, form=form, context=Context("A"))
    assert found.state in ("as read", "no place", "gone")
    if found.state == "as read":
        assert found.data in data and found.text is not None
    else:
        assert found.data is None
