"""The table of messages that break the rules: counts, order, and whose words it shows."""

from __future__ import annotations

import pytest
from builders import ORDER, histories, message

from sellerkit.audit import audit
from sellerkit.show import View, table_violations


def view_of(found, *, texts: bool) -> View:
    return View(
        found.as_of, found.since, found.until, "Europe/Berlin", found.policy, found.histories,
        texts=texts,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    bodies = [f"Visit <b>shop.example.com</b> {ORDER}", f"See other.example.org {ORDER}", "No id"]
    messages = [
        message(f"2025-03-0{n}T10:00", "seller", message_id=f"<id{n}>@mail.example", body=body)
        for n, body in enumerate(bodies, 1)
    ]
    return audit(histories(messages=messages), as_of="2025-03-10")


def html(found, texts: bool = False) -> str:
    return table_violations(found.findings["violations"], view_of(found, texts=texts))._repr_html_()


def test_errors_come_first_and_are_counted(found):
    page = html(found)
    assert page.index("external_link") < page.index("no_order_id")
    assert "3 messages that the seller sent" in page and "2 of them break" in page
    assert "&lt;id1&gt;" in page and "<id1>" not in page
    assert "@" not in page


def test_no_words_of_a_message_are_shown_unless_asked_for(found):
    assert "example.com" not in html(found)
    assert "shop.example.com" in html(found, texts=True)


def test_nothing_to_show_is_said(found):
    none = found.findings["violations"].head(0)
    assert (
        "No message breaks a rule"
        in table_violations(none, view_of(found, texts=False))._repr_html_()
    )
