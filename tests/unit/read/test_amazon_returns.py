"""Return requests, flat and XML, and XML that means harm."""

from __future__ import annotations

import pandas as pd
import pytest
from amazon_samples import MFN_RETURN_ROW, ORDER, XML_RETURN, table, xml_returns

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name
from sellerkit.read.source import Context, Parsed, Source
from sellerkit.tables import RETURNS, conform

GERMAN = Context("shop", marketplace="DE")


def parse(name: str, data: bytes, context: Context = GERMAN) -> Parsed:
    return by_name(name).parse(Source("returns", data), context)


def rows(parsed: Parsed) -> list[dict[str, object]]:
    return conform(parsed.tables["returns"].assign(account="shop"), RETURNS).to_dict("records")


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_a_flat_return_has_a_day_and_is_requested_by_its_end():
    parsed = parse("mfn_returns", table(MFN_RETURN_ROW).encode())
    (row,) = rows(parsed)
    assert row["return_id"] == "R1"
    assert row["requested_at"] == utc("2026-03-10 22:59:59.999999")
    assert row["in_policy"] is True
    assert row["refund_amount"] == 19.98
    assert pd.isna(row["tracking_id"])  # a single blank says nothing
    assert pd.isna(row["authorized_at"]) and pd.isna(row["refunded_at"])


def test_an_xml_return_has_its_moment():
    parsed = parse("xml_returns", xml_returns(XML_RETURN))
    (row,) = rows(parsed)
    assert row["requested_at"] == utc("2026-03-10 12:44:17")
    assert row["order_id"] == ORDER
    assert (row["return_id"], row["reason"], row["label"], row["tracking_id"]) == (
        "R1", "CR-DEFECTIVE", "AmazonUnPaidLabel", "T1",
    )  # fmt: skip
    assert row["refund_amount"] == 9.99
    assert row["in_policy"] is True
    assert (parsed.read, parsed.used) == (1, 1)


def test_a_return_with_a_claim_gives_no_claim_but_a_warning():
    flat = table(MFN_RETURN_ROW | {"A-to-Z Claim": "Y"}).encode()
    xml = xml_returns(XML_RETURN.replace("<a_to_z_claim>false", "<a_to_z_claim>true"))
    for name, data in (("mfn_returns", flat), ("xml_returns", xml)):
        parsed = parse(name, data)
        assert list(parsed.tables) == ["returns"]
        assert f"A-to-z claims on {ORDER} are named" in parsed.warnings[0]
    assert not parse("xml_returns", xml_returns(XML_RETURN)).warnings


ITEM = XML_RETURN[XML_RETURN.index("<item_details>") : XML_RETURN.index("<order_id>")]


def test_items_of_one_return_are_added_up():
    second = ITEM.replace("9.99", "5.01").replace("007", "008")
    one = XML_RETURN.replace(ITEM, ITEM + second)
    (row,) = rows(parse("xml_returns", xml_returns(one)))
    assert row["refund_amount"] == 15.0


def test_an_item_that_is_written_twice_counts_once():
    # together they would be more than was ordered, as in files of Amazon's
    one = XML_RETURN.replace(ITEM, ITEM + ITEM).replace("<order_quantity>2", "<order_quantity>1")
    (row,) = rows(parse("xml_returns", xml_returns(one)))
    assert row["refund_amount"] == 9.99


def test_two_units_of_one_item_count_twice():
    (row,) = rows(parse("xml_returns", xml_returns(XML_RETURN.replace(ITEM, ITEM + ITEM))))
    assert row["refund_amount"] == 19.98


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
def test_the_declaration_decides_the_encoding(encoding):
    reason = XML_RETURN.replace("CR-DEFECTIVE", "zurück")
    (row,) = rows(parse("xml_returns", xml_returns(reason, encoding=encoding)))
    assert row["reason"] == "zurück"


def test_japanese_xml_is_read():
    reason = XML_RETURN.replace("ä", "").replace("CR-DEFECTIVE", "不良品")
    (row,) = rows(parse("xml_returns", xml_returns(reason, encoding="Shift_JIS")))
    assert row["reason"] == "不良品"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (("2026-03-10T12:44:17Z", "10/03/26"), "return-request-date: '10/03/26' is no date"),
        ((f"<order_id>{ORDER}</order_id>", ""), "order-id: is missing"),
        (("9.99", "NaN"), "refunded-amount: 'NaN' is no amount"),
        (("<in_policy>Y", "<in_policy>perhaps"), "in-policy: 'perhaps' is no yes or no"),
    ],
)
def test_a_return_that_does_not_fit_is_set_aside_with_its_text(broken, reason):
    parsed = parse("xml_returns", xml_returns(XML_RETURN, XML_RETURN.replace(*broken)))
    (unfit,) = parsed.quarantined
    assert (unfit.pos, unfit.reason) == (1, reason)
    assert "<return_details>" in unfit.raw
    assert parsed.used == 1


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<return_details><order_id>&b;</order_id></return_details>"
)
OUTSIDE = (
    b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<return_details><order_id>&a;</order_id></return_details>"
)


@pytest.mark.parametrize("data", [BOMB, OUTSIDE])
def test_entities_are_not_read(data):
    with pytest.raises(InputError, match="it defines entities"):
        parse("xml_returns", data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (xml_returns(XML_RETURN)[:-20], r"line 1\d, column \d+: the XML is cut or damaged"),
        (b"<return_details>\xe4</return_details>", "line 1, column 17: the XML is cut"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "not in the encoding that it declares"),
        (b'<?xml version="1.0" encoding="cp932"?><a>\x81</a>', "not in the encoding"),
        (b"", "the XML is cut"),
    ],
)
def test_xml_that_is_none_is_refused_with_the_place(data, message):
    with pytest.raises(InputError, match=message):
        parse("xml_returns", data)


def test_a_hundred_thousand_nested_elements_do_no_harm():
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    parsed = parse("xml_returns", b"<return_details>" + deep + b"</return_details>")
    assert [unfit.reason for unfit in parsed.quarantined] == ["order-id: is missing"]
