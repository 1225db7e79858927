"""Small exports of help desks for tests, in the shapes that their makers document."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from sellerkit.read.registry import detect
from sellerkit.read.source import Context, Format, Parsed, Source
from sellerkit.tables import MESSAGES, conform

CONTEXT = Context("shop", "DE", frozenset({"service@seller.example"}))
ALIAS = "a1b2c3d4e5f6g7@marketplace.amazon.de"
ORDER = "302-0000001-0000001"
OTHER = "302-0000002-0000002"


def read(form: Format, export: Any, context: Context = CONTEXT) -> Parsed:
    """Read an export, given as text or as what JSON is to be made of; check the account."""
    text = export if isinstance(export, str | bytes) else json.dumps(export)
    data = text.encode() if isinstance(text, str) else text
    source = Source("export.json", data)
    assert detect(source) in (form, None)
    parsed = form.parse(source, context)
    assert parsed.used == len(parsed.tables.get("messages", []))
    assert parsed.used >= 0 and all(count > 0 for count in parsed.skipped.values())
    _walk_back(form, source, parsed, context)
    return parsed


def _walk_back(form: Format, source: Source, parsed: Parsed, context: Context) -> None:
    """Check that the unit of each row says what the row says, and stands in the file."""
    for row in rows(parsed).to_dict("records"):
        unit = form.unit(source, row["source_pos"], context)
        assert unit is not None and unit.data in source.data
        text = json.dumps(json.loads(unit.data), ensure_ascii=False).encode("utf-8", "replace")
        for word in ("" if pd.isna(row["body"]) else row["body"]).split()[:3]:
            assert word.encode() in text
        if unit.counts == "object":
            assert f"{row['sent_at']:%H:%M}".encode() in text


def rows(parsed: Parsed) -> pd.DataFrame:
    """Return the messages in time's order."""
    frame = conform(pd.DataFrame(parsed.tables.get("messages", [])), MESSAGES)
    return frame.sort_values(["sent_at", "message_id"]).reset_index(drop=True)


def lines(*documents: Any) -> str:
    """Return JSON lines."""
    return "\n".join(map(json.dumps, documents)) + "\n"


def mail_from(address: str, **more: Any) -> dict[str, Any]:
    """Return Zendesk's `via` of a mail that came in."""
    origin = {"address": address, "name": "Jo", **more}
    to = {"name": "Shop", "address": "service@seller.example"}
    return {"channel": "email", "source": {"from": origin, "to": to, "rel": None}}


WEB = {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}}


def comment(number: int, author: int, body: str, hour: int = 0, **more: Any) -> dict[str, Any]:
    """Return a comment as Zendesk's API gives it; hours count from midnight."""
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": f"<div><p>{body}</p></div>",
        "plain_body": body,
        "public": True,
        "attachments": [],
        "audit_id": 1000 + number,
        "via": WEB,
        "created_at": f"2026-01-{5 + hour // 24:02}T{hour % 24:02}:00:00Z",
        "metadata": {"system": {"client": "Mozilla", "ip_address": "127.0.0.1"}, "custom": {}},
        **more,
    }


def ticket(number: int, *comments: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a ticket of buyer 7 as Zendesk's API gives it, with comments."""
    return {
        "url": f"https://shop.zendesk.com/api/v2/tickets/{number}.json",
        "id": number,
        "created_at": "2026-01-05T00:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "subject": f"Frage (Bestellung: {ORDER})",
        "raw_subject": f"Frage (Bestellung: {ORDER})",
        "description": comments[0]["body"] if comments else "…",
        "status": "open",
        "requester_id": 7,
        "submitter_id": 7,
        "assignee_id": 1,
        "tags": ["amazon"],
        "custom_fields": [{"id": 360, "value": None}],
        "via": mail_from(ALIAS),
        "comments": list(comments),
        **more,
    }
