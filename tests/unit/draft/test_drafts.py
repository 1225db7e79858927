"""Drafts: which are written, what fills them, whom they go to; hostile values stay values."""

from __future__ import annotations

import email
import email.policy
import re
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import ACCOUNT, ORDER, claim, histories, message, order, return_
from drafting import ALIAS, OUTSIDE, drafted, everything, full_order, item

from sellerkit.audit import audit
from sellerkit.draft import Draft, Templates, all_owed, chosen, eml, write_eml, write_templates
from sellerkit.errors import InputError, UsageError

AS_OF = "2025-04-20T12:00"
LATE = full_order(ORDER)


def written(templates: Templates | None = None, values: Any = None, **rows: Any) -> list[Draft]:
    """Return the drafts of all that is owed."""
    return drafted(audit(histories(**rows), as_of=AS_OF), templates=templates, values=values)


def only(**given: Any) -> Draft:
    (found,) = written(**given)
    return found


# --- which ----------------------------------------------------------------------------------------


def test_each_kind_of_obligation_gets_its_text_the_most_urgent_first() -> None:
    found = everything(OUTSIDE)
    drafts = [one for one in drafted(found) if one.to.language == "de"]
    due = [one.duty["due_at"] for one in drafts]
    assert [one.template for one in drafts] == [
        "late_shipment", "late_delivery", "inquiry", "claim",
    ]  # fmt: skip
    assert due == sorted(due)
    assert {tuple(sorted([one.duty["obligation_id"], *one.also_owed])) for one in drafts} == {
        tuple(sorted(one.duty["obligation_id"] for one in drafts))
    }


def test_what_is_written_waived_or_amazons_is_not_drafted() -> None:
    asked = [message("2025-04-19T10:00"), message("2025-04-19T11:00", "seller")]
    waived = message("2025-04-19T12:00", thread_id="2", no_response_needed=True)
    assert not written(messages=[*asked, waived], orders=[order()])
    assert not written(orders=[LATE | {"fulfillment": "amazon"}])


def test_hours_leave_out_what_is_due_later_but_not_what_is_missed() -> None:
    asked = [message(at, thread_id=at) for at in ("2025-04-20T10:00", "2025-04-19T18:00")]
    found = audit(histories(messages=[*asked, message("2025-04-01")]), as_of=AS_OF)
    due = all_owed(found.obligations, found.as_of, hours=8)["trigger_at"]
    assert [str(at)[:13] for at in due] == ["2025-04-01 00", "2025-04-19 18"]


def test_an_id_of_an_obligation_or_an_order_is_found() -> None:
    found = everything(OUTSIDE)
    orders = found.histories["orders"]
    first = found.obligations["obligation_id"].iloc[0]
    assert chosen(found.obligations, orders, [first])["obligation_id"].tolist() == [first]
    assert len(chosen(found.obligations, orders, ["302-0000000-0000001"])) == 4
    assert len(chosen(found.obligations, orders, ["302-0000000-0000001", first, first])) in (4, 5)
    with pytest.raises(InputError, match="no obligation and no order has the id nothing"):
        chosen(found.obligations, orders, ["nothing"])


def test_what_is_not_owed_is_drafted_by_name_only() -> None:
    found = audit(
        histories(
            orders=[order(fulfillment="amazon"), order(order_id="302-0000009-0000009")],
            returns=[return_("2025-04-01", authorized_by="amazon")],
        ),
        as_of=AS_OF,
    )
    orders = found.histories["orders"]
    settled = found.obligations["obligation_id"].iloc[0]
    with pytest.raises(UsageError, match=f"obligation {settled} does not apply: .*--template"):
        chosen(found.obligations, orders, [settled])
    for wanted in (ORDER, "302-0000009-0000009"):
        with pytest.raises(UsageError, match=f"order {wanted}: no mail is owed; .*--template"):
            chosen(found.obligations, orders, [wanted])
        rows = chosen(found.obligations, orders, [wanted], anyway=True)
        (draft,) = drafted(found, rows, template="check_in")
        assert wanted in draft.subject and draft.duty["order_id"] == wanted


# --- what fills them ------------------------------------------------------------------------------


def test_a_request_after_the_window_is_told_when_it_ended() -> None:
    draft = only(orders=[order(delivered_at="2025-03-10T12:00")], returns=[return_(OUTSIDE)])
    assert draft.template == "outside_window"
    assert "ist am 9. April 2025 abgelaufen" in draft.text


def test_a_request_that_is_refused_within_the_window_names_no_day() -> None:
    draft = only(orders=[order()], returns=[return_("2025-03-20", in_policy=False)])
    assert draft.template == "outside_window" and "2025" not in draft.text


def test_a_window_that_is_open_is_named_and_a_past_one_is_not() -> None:
    asked = return_("2025-04-02T12:00")
    for delivered, day in (("2025-03-30T12:00", "29. April 2025"), ("2025-03-10T12:00", None)):
        text = only(orders=[order(delivered_at=delivered)], returns=[asked]).text
        assert ("Bitte senden Sie den Artikel bis zum" in text) == (day is not None)
        assert (day or "Rücksendeetikett") in text


def test_days_are_those_of_the_store_and_written_as_there() -> None:
    late = order(marketplace="US", currency="USD", latest_ship_at="2025-04-02T06:59:59.999999Z")
    assert "by April 1, 2025, and it is late" in only(orders=[late]).text
    assert "by 2 April 2025, and" in only(orders=[late | {"marketplace": "UK"}]).text


def test_what_is_not_shipped_is_not_said_to_be_and_a_new_day_is_the_sellers_to_name() -> None:
    late = order(latest_ship_at="2025-04-02T12:00")
    assert "Wir versenden sie, so schnell wir können" in only(orders=[late]).text
    told = only(orders=[late], values={"new_date": "25. April"}).text
    assert "Versand bis zum 25. April." in told and "so schnell" not in told


def test_only_the_first_titles_are_named() -> None:
    items = [item(ORDER, title) for title in ("A", "B", "C", "D")]
    draft = only(orders=[order(latest_ship_at="2025-04-02")], order_items=items)
    assert f"{ORDER} (A, B (+ 2))" in draft.text


# --- to whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("messages", "store", "language", "told_by"),
    [
        (["nl", "fr"], "DE", "fr", "the buyer's last message"),
        (["fr", None], "DE", "fr", "the buyer's last message"),
        (["sv"], "DE", "de", "the store"),
        ([], "JP", "ja", "the store"),
        ([], "SE", "en", "no text in the buyer's language"),
        ([], None, "en", "nothing"),
    ],
)
def test_the_language_is_the_buyers_else_the_stores_else_english(
    messages: list[str | None], store: str | None, language: str, told_by: str
) -> None:
    asked = [
        message(f"2025-04-0{day}", language=code, marketplace=store)
        for day, code in enumerate(messages, 1)
    ]
    late = order(latest_ship_at="2025-04-02", marketplace=store)
    found = written(orders=[late], messages=asked)
    found = [one for one in found if one.template == "late_shipment"]
    assert [(one.to.language, one.to.language_from) for one in found] == [(language, told_by)]


@pytest.mark.parametrize(
    ("buyer_id", "channel", "store", "address"),
    [
        (ALIAS, "amazon", "DE", f"{ALIAS}@marketplace.amazon.de"),
        (ALIAS, "amazon", "UK", f"{ALIAS}@marketplace.amazon.co.uk"),
        (ALIAS, "amazon", None, f"{ALIAS}@marketplace.amazon.de"),  # the order's
        (ALIAS, "other", "DE", None),
        ("123456789012", "amazon", "DE", None),  # a help desk's number
        ("a@b.example, c3333333333", "amazon", "DE", None),
        (f"{ALIAS}\nBcc: x@y.example", "amazon", "DE", None),
        (None, "amazon", "DE", None),
    ],
)
def test_the_address_is_the_alias_at_the_store(
    buyer_id: str | None, channel: str, store: str | None, address: str | None
) -> None:
    asked = message("2025-04-19T12:00", buyer_id=buyer_id, channel=channel, marketplace=store)
    draft = only(messages=[asked], orders=[order()])
    assert draft.to.address == address
    assert email.message_from_bytes(eml(draft))["To"] == address


# --- as a mail ------------------------------------------------------------------------------------


def parsed(draft: Draft) -> Any:
    return email.message_from_bytes(eml(draft), policy=email.policy.default)


def test_the_mail_reads_back_as_the_draft() -> None:
    drafts = drafted(everything(OUTSIDE))
    for draft in drafts:
        mail = parsed(draft)
        assert mail["Subject"] == draft.subject
        assert mail.get_content().replace("\r\n", "\n") == draft.text
        assert mail["X-Unsent"] == "1" and mail["From"] is None and mail["Date"] is None
        assert mail["In-Reply-To"] == mail["References"] == f"<{draft.to.replies_to}>"
        assert mail.get_content_charset() == "utf-8"
    assert len(drafts) == 8 * 4


def test_files_are_the_users_alone_and_never_written_over(tmp_path: Path) -> None:
    draft = only(messages=[message("2025-04-19T12:00")], orders=[order()])
    ((path, is_new),) = write_eml([draft], tmp_path / "drafts")
    assert is_new and path.read_bytes() == eml(draft)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(rf"{ORDER}_inquiry_[0-9a-f]{{16}}\.eml", path.name)
    path.write_text("edited", "utf-8")
    assert write_eml([draft], tmp_path / "drafts") == [(path, False)]
    assert path.read_text("utf-8") == "edited"


HOSTILE = (
    "Lamp\r\nBcc: all@evil.example\r\n\r\n{seller} \x1b]0;owned\x07 {0.__class__} \u202e"
    + "x" * 500
)


def test_hostile_values_stay_values(tmp_path: Path) -> None:
    order_id = "../../etc/passwd\r\nBcc: x"
    asked = message("2025-04-19T12:00", order_id=order_id, message_id="a\r\nBcc: x@y.example")
    late = order(
        order_id=order_id, latest_ship_at="2025-04-02", carrier=HOSTILE, tracking_id=HOSTILE,
        shipped_at="2025-04-03",
    )  # fmt: skip
    drafts = written(messages=[asked], orders=[late], order_items=[item(order_id, HOSTILE)])
    assert {one.template for one in drafts} == {"inquiry", "late_shipment"}
    for draft, (path, _) in zip(drafts, write_eml(drafts, tmp_path / "out"), strict=True):
        mail = parsed(draft)
        assert set(mail.keys()) == {
            "X-Unsent", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        }  # fmt: skip
        assert mail.get_content().replace("\r\n", "\n") == draft.text
        assert path.parent == tmp_path / "out"
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", draft.text)
        assert "x" * 100 not in draft.text
    late_text = next(one.text for one in drafts if one.template == "late_shipment")
    assert "{seller}" in late_text and ACCOUNT in late_text


# --- the seller's own texts ----------------------------------------------------------------------

OWN = """
[inquiry]
subject = "Ihre Frage {order_id}"
text = "Hallo!\\n? Nr. {tracking}\\nGruß {seller}"
"""


def test_edited_texts_and_values_go_before_ours(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(OWN, "utf-8")
    (tmp_path / "values.toml").write_text('seller = "Lampen  Meier"', "utf-8")
    templates = Templates.load(tmp_path)
    asked = message("2025-04-19T12:00")
    late = order(latest_ship_at="2025-04-19T02:00")
    found = written(templates, messages=[asked], orders=[late])
    texts = {one.template: one.text for one in found}
    assert texts["inquiry"] == "Hallo!\nGruß Lampen Meier\n"
    assert texts["late_shipment"].endswith("Lampen Meier\n")


def test_a_language_may_be_added(tmp_path: Path) -> None:
    (tmp_path / "sv.toml").write_text(OWN.replace("Hallo", "Hej"), "utf-8")
    asked = message("2025-04-19T12:00", language="sv")
    draft = only(templates=Templates.load(tmp_path), messages=[asked], orders=[order()])
    assert draft.to.language == "sv" and draft.text.startswith("Hej!")


def test_ours_are_copied_out_and_read_back_the_same(tmp_path: Path) -> None:
    first = write_templates(tmp_path)
    assert [path.name for path in first] == sorted(path.name for path in tmp_path.iterdir())
    assert Templates.load(tmp_path) == Templates.load()
    (tmp_path / "de.toml").write_text(OWN, "utf-8")
    assert write_templates(tmp_path) == []
    assert (tmp_path / "de.toml").read_text("utf-8") == OWN


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("de.toml", OWN.replace("{tracking}", "{trackin}"), r"there is no \{trackin\}; .*tracking"),
        ("de.toml", OWN.replace("{tracking}", "{seller.__class__}"), "there is no"),
        ("de.toml", OWN.replace("{tracking}", "{seller!r}"), "more than a name in its braces"),
        ("de.toml", OWN.replace("{tracking}", "{seller:>99999999}"), "more than a name"),
        ("de.toml", OWN.replace("{tracking}", "{"), "write a brace itself as"),
        ("de.toml", OWN.replace("inquiry", "inquiri"), "no text is called inquiri; .*inquiry"),
        ("de.toml", '[inquiry]\nsubject = "x"', "has to have a subject and a text"),
        ("de.toml", '[inquiry]\nsubject = "x"\ntext = 3', "empty text"),
        ("german.toml", OWN, "name the file by its language"),
        ("values.toml", 'shop = "x"', r"there is no \{shop\}"),
        ("values.toml", "seller = 3", "has to be a text in quotes"),
    ],
)
def test_a_slip_in_a_text_is_one_sentence(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said) as caught:
        Templates.load(tmp_path)
    assert name in str(caught.value)


@pytest.mark.parametrize("data", [b"[inquiry", b"\xff", b"#" * 300_000])
def test_a_file_that_is_none_is_said_to_be(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "de.toml").write_bytes(data)
    with pytest.raises(InputError, match="de.toml"):
        Templates.load(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        Templates.load(tmp_path / "nowhere")


def test_a_claim_names_the_last_refund() -> None:
    refunds = [
        return_(at, return_id=at, refunded_at=at, refund_amount=amount, currency="EUR")
        for at, amount in (("2025-04-02", 5.0), ("2025-04-03", 12.5))
    ]
    found = written(orders=[order()], returns=refunds, claims=[claim("2025-04-19")])
    (text,) = [one.text for one in found if one.template == "claim"]
    assert "Eine Erstattung über 12,50 € wurde am 3. April 2025" in text


def test_no_duties_give_no_drafts() -> None:
    found = everything(OUTSIDE)
    assert drafted(found, pd.DataFrame(found.obligations.head(0))) == []
