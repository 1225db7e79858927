"""Whole ingests against what a user would begin with: the standard library's mail parser, pandas.

`sellerkit ingest` reads, cuts, classifies, concludes and writes a lake, and is timed from the start
of its process to its end. The others only parse: what they find is compared with what is in the lake.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import mailbox_file, measure, orders_file, written

Answer = dict[str, float]


def mail_compat32(path: Path) -> Answer:
    """`mailbox.mbox` as it comes: headers and texts decoded by hand, as its documents show."""
    import mailbox
    from email.header import decode_header, make_header
    from email.utils import getaddresses, parsedate_to_datetime

    found = {"mails": 0, "kept": 0, "sent": 0.0}
    for mail in mailbox.mbox(path):
        str(make_header(decode_header(mail["subject"])))
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                part.get_payload(decode=True).decode(part.get_content_charset("utf-8"))
        addresses = getaddresses([mail["from"], mail["to"]])
        _count(found, [a for _, a in addresses], parsedate_to_datetime(mail["date"]).timestamp())
    return found


def mail_default(path: Path) -> Answer:
    """`mailbox.mbox` with `email.policy.default`, which the documents recommend for new code."""
    import email
    import mailbox
    from email.policy import default

    found = {"mails": 0, "kept": 0, "sent": 0.0}
    for mail in mailbox.mbox(
        path, lambda file: email.message_from_binary_file(file, policy=default)
    ):
        str(mail["subject"])
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                part.get_content()
        addresses = [*mail["from"].addresses, *mail["to"].addresses]
        _count(found, [a.addr_spec for a in addresses], mail["date"].datetime.timestamp())
    return found


def _count(found: Answer, addresses: list[str], sent: float) -> None:
    found["mails"] += 1
    if any("amazon." in address for address in addresses):
        found["kept"] += 1
        found["sent"] += sent


def orders_pandas(path: Path) -> Answer:
    """`pandas.read_csv(dtype=str)`, its default engine, and nothing done with it."""
    import pandas as pd

    lines = pd.read_csv(path, sep="\t", dtype=str)
    return {"lines": len(lines), "orders": lines["amazon-order-id"].nunique()}


CONTESTANTS: dict[str, Callable[[Path], Answer]] = {
    "mailbox + email (policy.default)": mail_default,
    "mailbox + email (compat32)": mail_compat32,
    "pandas.read_csv(dtype=str)": orders_pandas,
}


def _lake_of_mail(lake: Path, read: int) -> Answer:
    from sellerkit.lake import Lake
    from sellerkit.tables import MESSAGES

    sent = Lake.open(lake).read(MESSAGES, ["sent_at"])["sent_at"]
    seconds = (sent.astype("int64") / 1e6).sum()
    return {"mails": read, "kept": len(sent), "sent": float(seconds)}


def _lake_of_orders(lake: Path, read: int) -> Answer:
    from sellerkit.lake import Lake
    from sellerkit.tables import ORDERS

    return {"lines": read, "orders": len(Lake.open(lake).read(ORDERS, ["order_id"]))}


def compare(
    title: str, path: Path, rivals: list[str], answer: Callable[[Path, int], Answer]
) -> list[tuple[str, ...]]:
    """Run all once after the other, check that they found the same, print and return the ratios."""
    rows = []
    print(f"\n{title}: {path.stat().st_size / 2**20:,.0f} MiB")
    lake = path.parent / f"{path.stem}.lake"
    words = ["-m", "sellerkit", "ingest", str(path), "--lake", str(lake), "--account", "shop",
             "--own-address", mailbox_file.OWN, "--json"]  # fmt: skip
    own, mib, printed = measure.run(words)
    found = answer(lake, json.loads(printed)["totals"]["read"])
    print(f"{'':36}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
    print(f"{'sellerkit ingest, into the lake':36}{own:9.1f}{1:8.2f}{mib:10.0f}")
    rows.append(("`sellerkit ingest`, into the lake", f"{own:.1f}", "1", f"{mib:,.0f}"))
    for name in rivals:
        seconds, mib, printed = measure.run(["-m", "benchmarks.ingest", name, str(path)])
        theirs = json.loads(printed)
        if any(abs(theirs[key] - found[key]) > 1e-6 * abs(found[key]) for key in found):
            sys.exit(f"{name} found {theirs}, sellerkit {found}")
        print(f"{name:36}{seconds:9.1f}{seconds / own:8.2f}{mib:10.0f}")
        rows.append((f"`{name}`", f"{seconds:.1f}", f"{seconds / own:.1f}", f"{mib:,.0f}"))
    print(f"all agree: {found}")
    return rows


def main(folder: Path, mails: int, lines: int, *, write: bool = False) -> None:
    """Write the files, compare, and keep the results where that is asked for."""
    mailbox, report = folder / "all.mbox", folder / "all-orders.txt"
    mailbox_file.write(mailbox, mails)
    names = list(CONTESTANTS)
    of_mail = compare(f"Mailbox of {mails:,} mails", mailbox, names[:2], _lake_of_mail)
    mailbox.unlink()
    orders_file.write(report, lines)
    of_orders = compare(f"All Orders, {lines:,} lines", report, names[2:], _lake_of_orders)
    if write:
        for name, head, rows in (
            ("mail", f"{mails:,} mails", of_mail),
            ("orders", f"{lines:,} lines", of_orders),
        ):
            written.fill(name, (head, "seconds", "ratio", "peak MiB"), rows)


if __name__ == "__main__":
    print(json.dumps(CONTESTANTS[sys.argv[1]](Path(sys.argv[2]))))
