"""A shop whose every text is hostile: script, markup, escapes, templates, formulas, in each field.

`write` makes canonical CSVs, so that the texts come in by the front door.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sellerkit import tables

#: What a script of a stranger's would do if it ran, in whichever way it got in.
RUN = "window.owned=(window.owned||0)+1"

#: Each kind of hostile text. Where it is text, a page shows it; where it is not, it does something.
TEXTS = {
    "script": f"<script>{RUN}</script>",
    "event": f"<img src=x onerror={RUN}><svg onload={RUN}><details open ontoggle={RUN}>",
    "end": f"</script></style></title></pre></textarea>--></template><script>{RUN}</script>",
    "attribute": f"\" onmouseover={RUN} autofocus onfocus={RUN} x=' onfocus={RUN} `",
    "address": f"<a href=javascript:{RUN}>x</a> [x](javascript:{RUN}) javascript:{RUN}",
    "loads": "<img src=https://owned.example/p.png><link rel=stylesheet href=//owned.example/c>"
    "<iframe src=https://owned.example></iframe><base href=//owned.example/><meta "
    "http-equiv=refresh content=0;url=//owned.example/>",
    "template": "{{ 7*7 }} {% for x in y %} ${7*7} #{7*7} %{x} <%= 7*7 %> {0.__class__} %s %n",
    "markdown": "# h **b** `c` ![i](https://owned.example/i.png) <b>b</b> | a | b |\n---|---\n> q",
    "maths": "$$\\href{javascript:window.owned=1}{x}$$ \\(x\\) <math><mi>x</mi></math>",
    "terminal": "\x1b]0;owned\x07\x1b[31m\x1b[2J\x9b31m\x90q\x9c\x08\x7f\r end",
    "direction": "\u202eevil\u202c \u2066\u2067x\u2069 \u200f\u061c \u2028\u2029",
    "formula": '=HYPERLINK("https://owned.example","x") @SUM(1) +cmd|\'/c calc\'!A0 -1\t=1+1',
    "lines": "x\r\nBEGIN:VEVENT\r\nATTACH:https://owned.example\r\nBcc: o@owned.example\r\n\r\n",
    "shell": "$(touch owned) `touch owned` '; touch owned; \" && touch owned | touch owned",
    "python": "'''\"\"\"\\'); open('owned', 'w') #\n__import__('os').system('touch owned')",
    "odd": "e\u0301\ud7ff\ufffe\ufdd0\U0010ffff\ufeff" + "\u0301" * 50 + " " + "W" * 300,
}

#: Times of the events of one text, all before `AS_OF`.
AS_OF = "2026-10-05T06:00:00Z"
_ASKED, _LATE, _ANSWERED = "2026-10-05T05:00:00Z", "2026-09-20T06:00:00Z", "2026-09-29T06:00:00Z"


def _order(n: int) -> str:
    return f"302-{n:07}-{n:07}"


def _rows(n: int, text: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of one text. An order's id is a right one for every fourth, else hostile."""
    key = {"order_id": _order(n) if n % 4 == 3 else f"{text} {n}", "account": ""}
    about = key | {"thread_id": f"{text} t{n}", "buyer_id": f"{text} b{n}", "marketplace": "DE",
                   "subject": text, "topic_rule": text, "language": text[:8]}  # fmt: skip
    words = f"{text}\nI want my money back, call me, www.owned.example"
    return {
        "messages": [
            about | {"message_id": f"{text} m{n}{at}", "sent_at": at, "sender": sender,
                     "topic": "inquiry" if sender == "buyer" else "", "body": words}
            for at, sender in ((_LATE, "buyer"), (_ANSWERED, "seller"), (_ASKED, "buyer"))
        ],
        "orders": [key | {"marketplace": "DE", "purchased_at": "2026-09-01T00:00:00Z",
                          "status": "shipped", "fulfillment": "merchant",
                          "latest_ship_at": "2026-09-03T00:00:00Z",
                          "shipped_at": "2026-09-05T00:00:00Z", "total": "40", "currency": text,
                          "cancel_reason": text, "carrier": text, "tracking_id": text}],
        "order_items": [key | {"item_id": f"{text} i{n}", "sku": text, "asin": text, "title": text,
                               "quantity": "1", "price": "40"}],
        "returns": [key | {"return_id": f"{text} r{n}", "requested_at": _LATE, "reason": text,
                           "currency": text, "label": text, "tracking_id": text}],
        "claims": [key | {"claim_id": f"{text} c{n}", "filed_at": "2026-10-03T06:00:00Z",
                          "reason": "not_received", "amount": "40", "currency": text,
                          "respond_by": "2026-10-06T06:00:00Z"}],
        "calls": [key | {"call_id": f"{text} p{n}", "started_at": "2026-10-01T06:00:00Z",
                         "direction": "outbound", "purpose": text, "notes": words}],
        "performance": [{"marketplace": "DE", "period_start": "2026-09-01T00:00:00Z",
                         "period_end": "2026-09-30T00:00:00Z", "metric": f"{text} {n}",
                         "value": "0.5", "account": ""}],
    }  # fmt: skip


def write(folder: Path, texts: dict[str, str] = TEXTS) -> Path:
    """Write a CSV of each history in which every text is hostile."""
    folder.mkdir(parents=True, exist_ok=True)
    whole: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.HISTORIES}
    for n, text in enumerate(texts.values()):
        for name, rows in _rows(n, text).items():
            whole[name] += rows
    for name, rows in whole.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [c for c in rows[0] if c != "account"],
                                    extrasaction="ignore")  # fmt: skip
            writer.writeheader()
            writer.writerows(rows)
    return folder


def fields() -> set[str]:
    """Return every text field of a history that is not of a closed set of words, by full name."""
    return {
        f"{name}.{column.name}"
        for name, table in tables.HISTORIES.items()
        for column in table.columns
        if column.kind == "str" and not column.choices
    }
