"""How often a message's topic is told right, on a labelled set: `python -m benchmarks.topics`.

Each labelled message becomes a mail as Amazon sends it, and is read the way a mailbox is: headers,
fence, quoted history, language, topic. Prints the figures of the part that patterns were tuned on
and of the part that is only measured, and writes the latter to docs/topics.md. No message of the
measured part is ever printed, so nobody can tune on it by looking.
"""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.measure import wilson
from sellerkit.read.mail.mailbox import Piece
from sellerkit.read.mail.record import record_of
from sellerkit.read.mail.telling import told
from sellerkit.read.source import Context

LABELLED = Path(__file__).with_name("labelled")
PAGE = Path(__file__).parents[1] / "docs" / "topics.md"
TEMPLATE = LABELLED / "page.md"

#: What is wanted of the measured part, in each language.
WANTED = {"amazon": 0.97, "words": 0.90}
TOLD_BY = {"amazon": "Amazon's header or subject", "words": "the buyer's words"}

_SHOP = "shop@seller.example"
_ORDER = "302-0000001-0000001"
_STORES = {"en": "co.uk", "de": "de", "fr": "fr", "es": "es", "it": "it", "nl": "nl", "ja": "co.jp"}
_FENCES = {
    "de": ("Anfang der Nachricht", "Ende der Nachricht"),
    "fr": ("Début du message", "Fin du message"),
    "es": ("Iniciar mensaje", "Finalizar mensaje"),
    "it": ("Inizio messaggio", "Fine messaggio"),
    "ja": ("メッセージはここから", "メッセージはここまで"),
}
_DASHES = "-" * 13
_FOOTER = "For Your Information: To help arbitrate disputes and preserve trust and safety"


def main() -> None:
    """Print the figures of both parts, and write the page."""
    found = {part: answers(part) for part in ("tune", "held")}
    for part, each in found.items():
        print(f"{part}\n{accuracies(each).to_string(index=False)}\n")
    PAGE.write_text(page(found["held"]), "utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[1])}")


def answers(part: str) -> pd.DataFrame:
    """Return one row per labelled message of a part (``tune`` or ``held``), and what was told.

    Columns: `id`, `written_in`, `told_by`, `wanted` (labels); `language`, `topic`, `topic_rule`.
    """
    labels = [
        label | {"written_in": code}
        for code in _STORES
        for label in map(
            json.loads, (LABELLED / f"{code}.{part}.jsonl").read_text("utf-8").splitlines()
        )
    ]
    messages = told(messages_of(labels))
    frame = pd.DataFrame(labels)[["id", "written_in", "told_by", "topic"]]
    frame = frame.rename(columns={"topic": "wanted"})
    return frame.join(messages[["language", "topic", "topic_rule"]])


def messages_of(labels: list[dict[str, Any]]) -> pd.DataFrame:
    """Return labelled messages as a mailbox's reader records them, before topics are told."""
    rows = [
        record_of(Piece(0, _mail(each), b"", False), "x.eml", Context("shop")) for each in labels
    ]
    return pd.DataFrame([row.message for row in rows])


def accuracies(found: pd.DataFrame) -> pd.DataFrame:
    """Return the share told right by language and by who tells, with its 95 % Wilson interval."""
    right = (found["topic"] == found["wanted"]).groupby(
        [found["written_in"], found["told_by"]], sort=False
    )
    rows = right.agg(n="size", right="sum").reset_index()
    rows["accuracy"] = rows["right"] / rows["n"]
    rows["low"], rows["high"] = wilson(rows["right"], rows["n"])
    order = {code: place for place, code in enumerate(_STORES)}
    return rows.sort_values(
        ["told_by", "written_in"], key=lambda c: c.map(order) if c.name == "written_in" else c
    ).reset_index(drop=True).round(3)  # fmt: skip


def page(found: pd.DataFrame) -> str:
    """Return docs/topics.md."""
    shares = accuracies(found)
    tables = {
        "accuracy": "\n".join(
            f"| {row.written_in} | {TOLD_BY[row.told_by]} | {row.n} | {row.right} "
            f"| {row.accuracy:.3f} | {row.low:.3f} to {row.high:.3f} "
            f"| {'reached' if row.accuracy >= WANTED[row.told_by] else 'missed'} |"
            for row in shares.itertuples()
        ),
        "topics": "\n".join(_by_topic(found)),
        "languages": "\n".join(_by_language(found)),
    }
    wanted = {f"wanted_{told_by}": f"{share:.2f}" for told_by, share in WANTED.items()}
    return TEMPLATE.read_text("utf-8").format(**tables, **wanted)


def _by_topic(found: pd.DataFrame) -> list[str]:
    words = found[found["told_by"] == "words"]
    lines = []
    for code in _STORES:
        own = words[words["written_in"] == code]
        right = own["topic"] == own["wanted"]
        for name in sorted(own["wanted"].unique()):
            is_it, said = own["wanted"] == name, own["topic"] == name
            hits = int((right & is_it).sum())
            precision = f"{hits / said.sum():.2f}" if said.any() else "–"
            lines.append(
                f"| {code} | {name} | {is_it.sum()} | {hits / is_it.sum():.2f} | {precision} |"
            )
    return lines


def _by_language(found: pd.DataFrame) -> list[str]:
    """Return how often the language is told, of what buyers wrote (Amazon mixes languages)."""
    lines = []
    for code in _STORES:
        own = found[(found["written_in"] == code) & (found["told_by"] == "words")]
        right, unknown = (own["language"] == code).sum(), own["language"].isna().sum()
        lines.append(
            f"| {code} | {len(own)} | {right} | {unknown} | {len(own) - right - unknown} "
            f"| {right / len(own):.3f} |"
        )
    return lines


def _mail(label: dict[str, Any]) -> bytes:
    """Return a labelled message as the mail that Amazon would send."""
    store = _STORES[label["id"][:2]]
    is_notice = label.get("sender") == "amazon"
    mail = EmailMessage(SMTP)
    mail["From"] = (
        "donotreply@amazon.com" if is_notice else f"Jo <a1b2c3d4e5f6g7@marketplace.amazon.{store}>"
    )
    mail["To"] = _SHOP
    mail["Date"] = "Tue, 06 Jan 2026 10:00:00 +0000"
    mail["Message-ID"] = f"<{label['id']}@amazonses.com>"
    mail["Subject"] = label["subject"]
    if label["header"]:
        mail["X-Space-Notification-Type"] = label["header"]
    mail.set_content(label["body"] if is_notice else _fenced(label), cte="quoted-printable")
    return mail.as_bytes()


def _fenced(label: dict[str, Any]) -> str:
    begin, end = _FENCES.get(label["id"][:2], ("Begin message", "End message"))
    order = f"# {_ORDER}:\n\n" if label["has_order"] else ""
    before = f"{order}{_DASHES} {begin} {_DASHES}"
    return f"{before}\n\n{label['body']}\n\n{_DASHES} {end} {_DASHES}\n\n{_FOOTER}\n"


if __name__ == "__main__":
    main()
