"""A shop of a few orders, one of each kind that a dossier has to bear, as files and as a lake."""

from __future__ import annotations

from pathlib import Path

from mails import ORDER, mail, mbox, reply

from sellerkit.read.ingest import ingest
from sellerkit.read.source import Context

AS_OF = "2020-02-20T12:00Z"

#: Two claims; asked twice and answered late once; a return, a call.
CLAIMED = ORDER
#: Nothing but its order line.
BARE = "302-0000002-0000002"
#: Only a message names it.
UNSEEN = "302-0000003-0000003"

SECRET = "My neighbour Wilhelmine Quastenflosser keeps the key under the third flowerpot"
HOSTILE = "</pre><script>alert(1)</script>\x1b[2J\x07 tent"


def _to(order: str, text: str, day: str, name: str, **headers: str | None) -> bytes:
    subject = f"Inquiry from Amazon customer Jo (Order: {order})"
    told = {"Subject": subject, "Date": f"{day} +0000", "Message-ID": f"<{name}>"} | headers
    return mail(text, **told)


MAILS = mbox(
    _to(CLAIMED, f"Where is it? {SECRET}", "Mon, 06 Jan 2020 10:00:00", "asked@x"),
    reply("On its way.", **{"Message-ID": "<told@shop>", "Date": "Wed, 08 Jan 2020 10:00:00 +0000",
                            "Subject": f"Re: your order {CLAIMED}"}),
    _to(UNSEEN, "Does it fit two?", "Fri, 10 Jan 2020 09:00:00", "fit@x",
        From="Al - Amazon Marketplace <zz99@marketplace.amazon.de>"),
)  # fmt: skip

FILES = {
    "all.mbox": MAILS,
    "orders.csv": (
        "order_id,marketplace,purchased_at,status,fulfillment,latest_ship_at,shipped_at,"
        "promised_by,delivered_at,total,currency,carrier,tracking_id\n"
        f"{CLAIMED},DE,2020-01-01T09:00Z,shipped,merchant,2020-01-03T22:59Z,2020-01-02T10:00Z,"
        "2020-01-07T22:59Z,,49.90,EUR,DHL,00340\n"
        f"{BARE},DE,2020-01-05T09:00Z,unshipped,merchant,,,,,,,,\n"
    ).encode(),
    "order_items.csv": (
        f"order_id,item_id,sku,asin,title,quantity\n{CLAIMED},1,S1,,{HOSTILE},1\n"
    ).encode(),
    "returns.csv": (
        "return_id,order_id,requested_at,reason\n"
        f"R1,{CLAIMED},2020-01-09T12:00Z,it smells of her dog\n"
    ).encode(),
    "calls.csv": (
        "call_id,order_id,started_at,direction,minutes,purpose,notes\n"
        f"c1,{CLAIMED},2020-01-07T15:00Z,outbound,4,asked for Mrs Fink,she cried\n"
    ).encode(),
    "claims.csv": (
        "claim_id,order_id,filed_at,reason,amount,currency,respond_by,responded_at,decided_at,"
        "outcome,appeal_by\n"
        f"Z1,{CLAIMED},2020-01-12T10:00Z,not_received,49.90,EUR,2020-01-14T10:00Z,"
        "2020-01-13T10:00Z,2020-01-20T10:00Z,seller_funded,\n"
        f"Z2,{CLAIMED},2020-02-19T10:00Z,refund_not_issued,,,2020-02-21T10:00Z,,,open,\n"
    ).encode(),
}


def write_shop(folder: Path) -> Path:
    """Write the files and read them into a lake; return the lake."""
    files = folder / "files"
    files.mkdir(parents=True)
    for name, data in FILES.items():
        (files / name).write_bytes(data)
    context = Context("shop", "DE", frozenset({"shop@seller.example"}))
    ingest([files], folder / "lake", context)
    return folder / "lake"
