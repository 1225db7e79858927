"""Cut, garbled and made-up exports: our own error or an account that adds up, nothing else."""

from __future__ import annotations

import json

import pytest
from desks import ALIAS, CONTEXT, ORDER, comment, lines, mail_from, ticket
from hypothesis import given, settings
from hypothesis import strategies as st

from sellerkit.errors import InputError
from sellerkit.read.helpdesk import FORMATS, FRESHDESK, GORGIAS, REAMAZE, ZENDESK
from sellerkit.read.source import Format, Source
from sellerkit.tables import MESSAGES, conform, to_arrow

_ZENDESK = {
    "tickets": [
        ticket(5, comment(11, 7, "Wo?", via=mail_from(ALIAS)), comment(12, 1, "Da.", 2)),
        ticket(6, comment(13, 1, "Hm", public=False)),
    ],
    "users": [{"id": 7, "email": ALIAS, "role": "end-user"}],
    "suspended_tickets": [
        {
            "id": 1, "cause": "failed", "content": "x", "ticket_id": 5, "author": {"email": "a@b"},
            "created_at": "2026-01-05T05:00:00Z", "via": mail_from("MAILER-DAEMON@x.example"),
        }
    ],
    "ticket_events": [
        {
            "ticket_id": 8, "created_at": "2026-01-05T05:00:00Z",
            "child_events": [comment(14, 7, "Ja", event_type="Comment")],
        }
    ],
}  # fmt: skip
_FRESHDESK = [
    {
        "id": 20, "subject": ORDER, "requester_id": 9, "responder_id": 1, "description_text": "Wo?",
        "created_at": "2026-01-05T00:00:00Z", "custom_fields": {"a": ORDER}, "tags": ["x"],
        "conversations": [
            {"id": 1, "incoming": False, "private": False, "body_text": "Da.",
             "to_emails": [ALIAS], "created_at": "2026-01-05T03:00:00Z", "attachments": [{}]},
        ],
    }
]  # fmt: skip
_GORGIAS = {
    "data": [
        {"id": 1, "ticket_id": 2, "from_agent": False, "body_text": "Wo?", "message_id": "<a@b>",
         "created_datetime": "2026-01-05T00:00:00", "sender": {"id": 1, "email": ALIAS},
         "source": {"from": {"address": ALIAS}, "to": [{"address": "x@y"}]}},
    ]
}  # fmt: skip
_REAMAZE = {
    "messages": [
        {"body": "Wo?", "created_at": "2026-01-05T00:00:00Z", "visibility": 0, "recipients": ["a"],
         "user": {"email": ALIAS, "staff?": False}, "conversation": {"slug": "a", "subject": "b"}},
    ]
}  # fmt: skip
EXPORTS = {
    "zendesk": (ZENDESK, _ZENDESK),
    "freshdesk": (FRESHDESK, _FRESHDESK),
    "gorgias": (GORGIAS, _GORGIAS),
    "reamaze": (REAMAZE, _REAMAZE),
}

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(
        [ALIAS, ORDER, "2026-01-05T00:00:00Z", "<p>x</p>", "\ud800", "a\0b", 10**400]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value, path=()):
    """Return every place in a document."""
    found = [path]
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def replaced(value, path, new):
    """Return the document with another value in one place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def check(form: Format, data: bytes) -> None:
    """Read hostile bytes: an account that adds up and rows that fit their table, or our error."""
    try:
        parsed = form.parse(Source("x.json", data), CONTEXT)
    except InputError as error:
        assert str(error).startswith("x.json: ")
        return
    frame = parsed.tables.get("messages")
    assert parsed.used == (0 if frame is None else len(frame))
    assert all(unit.reason for unit in parsed.quarantined)
    if frame is not None:
        to_arrow(conform(frame, MESSAGES).assign(account="a"), MESSAGES)


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=25)
@given(data=st.data())
def test_any_value_in_any_place(name: str, data: st.DataObject) -> None:
    form, export = EXPORTS[name]
    path = data.draw(st.sampled_from(places(export)))
    changed = replaced(export, path, data.draw(ANYTHING))
    check(form, json.dumps(changed).encode())


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=20)
@given(data=st.data())
def test_cut_and_garbled_bytes(name: str, data: st.DataObject) -> None:
    form, export = EXPORTS[name]
    parts = export if isinstance(export, list) else [export]
    raw = data.draw(st.sampled_from([json.dumps(export), lines(*parts, *parts)])).encode()
    start = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.integers(0, 40))
    check(form, raw[:start])
    check(form, raw[:start] + data.draw(st.binary(max_size=10)) + raw[start + length :])


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@settings(max_examples=20)
@given(value=ANYTHING)
def test_any_document(form: Format, value: object) -> None:
    check(form, json.dumps(value).encode())
    check(form, json.dumps([value, value]).encode())
