"""How often a week with missing mails is named, and holds the truth: `python -m benchmarks.holes`.

Sample shops are made; of each, many times, 30 % of one week's mails are taken out at random before
conversations are put together, as if they had never been read. Said is how often the week is
named, and how often every rate of the whole mailbox lies within the bounds printed without these
mails. Then as many shops with nothing missing, among which none should have a week named.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit import audit
from sellerkit.lake import Lake
from sellerkit.lake.marks import with_marks
from sellerkit.measure.coverage import coverage
from sellerkit.measure.holes import find_holes
from sellerkit.measure.missing import missing_mail
from sellerkit.measure.replies import answered_mails
from sellerkit.measure.shares import by_period
from sellerkit.read.ingest import ingest
from sellerkit.read.mail.conversations import resolve
from sellerkit.read.mail.mailbox import Piece, pieces
from sellerkit.read.mail.record import record_of
from sellerkit.read.source import Context
from sellerkit.sample import Sample, write_sample

KEY = ["account", "message_id"]
WEEK = pd.Timedelta(days=7)
SHARES = ("on_time_share", "late_share", "no_response_share")


@dataclass(frozen=True)
class Shop:
    """A sample shop: its histories but for messages, and its mails as each says by itself."""

    histories: dict[str, pd.DataFrame]
    messages: pd.DataFrame
    mails: pd.DataFrame
    marks: pd.DataFrame
    as_of: pd.Timestamp

    @classmethod
    def make(cls, seed: int, orders: int, folder: Path) -> Shop:
        sample = write_sample(folder / "in", seed=seed, orders=orders)
        context = Context(sample.account, None, frozenset(sample.own_addresses))
        ingest([folder / "in"], folder / "lake", context)
        lake = Lake.open(folder / "lake")
        histories = lake.histories()
        messages, mails = read(sample, context)
        words = histories["messages"].set_index(KEY)[["topic", "topic_rule", "language"]]
        words = words.reindex(pd.MultiIndex.from_frame(messages[KEY])).reset_index(drop=True)
        messages[list(words)] = words
        marks = lake.read(tables.NO_RESPONSE_NEEDED)
        return cls(histories, messages, mails, marks, pd.Timestamp(sample.as_of))

    def without(self, gone: pd.Series) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
        """Return the histories and mails as they are without some of the mails."""
        ids = pd.MultiIndex.from_frame(self.mails.loc[gone, KEY])
        mails = self.mails[~gone].reset_index(drop=True)
        left = ~pd.MultiIndex.from_frame(self.messages[KEY]).isin(ids)
        messages = resolve(self.messages[left].reset_index(drop=True), mails)
        return self.histories | {"messages": with_marks(messages, self.marks)}, mails


def read(sample: Sample, context: Context) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the sample's mails, none of them twice."""
    mail = sample.folder / "mail"
    units = [(p, "takeout.mbox") for p in pieces((mail / "takeout.mbox").read_bytes())]
    for path in sorted((mail / "eml").iterdir()):
        units.append((Piece(0, path.read_bytes(), b"", False), f"eml/{path.name}"))
    records = [record_of(piece, name, context) for piece, name in units]
    kept = [r for r in records if r.message and r.mail]
    frames = (
        tables.conform(pd.DataFrame([r.message for r in kept]), tables.MESSAGES),
        tables.conform(pd.DataFrame([r.mail for r in kept]), tables.MAILS),
    )
    messages, mails = (f.drop_duplicates(KEY).reset_index(drop=True) for f in frames)
    return messages, mails


def rates(histories: Any, as_of: pd.Timestamp, since: pd.Timestamp) -> tuple[Any, Any]:
    """Return an audit, and its shares by figure and period or kind."""
    found = audit(histories, as_of=as_of, since=since)
    periods = by_period(found.contacts, as_of=as_of, since=since, until=as_of)
    shares = {("contacts", p, s): row[s] for p, row in periods.items() for s in SHARES}
    for row in coverage(found.findings["obligations"]).to_dict("records"):
        duty = row["kind"] if pd.isna(row["problem"]) else row["problem"]
        for name in ("coverage", "written_share"):
            shares["obligations", duty, name] = row[name]
    return found, shares


def missing(found: Any, mails: pd.DataFrame) -> dict[str, Any]:
    return missing_mail(
        found.histories, mails, found.contacts, found.findings["obligations"],
        since=found.since, until=found.until, as_of=found.as_of,
    )  # fmt: skip


def bounds_of(said: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {
        (part, name, figure): bound
        for part, rows in said["bounds"].items()
        for name, row in rows.items()
        for figure, bound in row.items()
    }


def trial(
    shop: Shop, truths: dict[pd.Timestamp, Any], seed: int, share: float, align: bool
) -> dict[str, Any]:
    """Take mails out of one week; return whether it is named, and which truths lie outside."""
    rng = np.random.default_rng(seed)
    # any seven days of the quarter, or, every other time, a calendar week
    last = shop.as_of.floor("D") - WEEK
    begin = last - pd.Timedelta(days=int(rng.integers(0, 12 * 7 + 1)))
    if align:
        begin -= pd.Timedelta(days=begin.day_of_week)
    inside = shop.mails["sent_at"].between(begin, begin + WEEK, inclusive="left").to_numpy()
    places = np.flatnonzero(inside)
    gone = pd.Series(False, index=shop.mails.index)
    gone[rng.choice(places, round(share * len(places)), replace=False)] = True
    histories, mails = shop.without(gone)
    named, outside, wide = False, [], {}
    for since, truth in truths.items():
        found, shares = rates(histories, shop.as_of, since)
        said = missing(found, mails)
        weeks = [h["since"] for h in said["holes"] if h["kind"] == "week"]
        named = any(w < begin + WEEK and w + WEEK > begin for w in weeks)
        others = [w for w in weeks if not (w < begin + WEEK and w + WEEK > begin)]
        for key, bound in bounds_of(said).items():
            true = truth[key]
            if true is None or pd.isna(true):
                continue
            low, high = bound["lowest"], bound["highest"]
            if low is None or not low - 1e-12 <= true <= high + 1e-12:
                outside.append((str(since.date()), *key, true, low, shares[key], high))
            elif key[:2] == ("contacts", "window"):
                wide[since, key[2]] = high - low
    return {
        "named": named, "others": others, "outside": outside, "wide": wide, "gone": int(gone.sum()),
        "begin": begin,
    }  # fmt: skip


def shops(count: int, orders: int, first: int) -> Iterator[tuple[int, Shop]]:
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            yield seed, Shop.make(seed, orders, Path(folder))


def with_holes(options: argparse.Namespace) -> None:
    """Print how often the week is named and all rates are bounded."""
    each = -(-options.seeds // options.shops)
    tally, widths, misses = Counter[str](), [], Counter[tuple[str, ...]]()
    for seed, shop in shops(options.shops, options.orders, options.first):
        whole = shop.without(pd.Series(False, index=shop.mails.index))[0]
        lengths = (shop.as_of - pd.Timedelta(days=30), shop.as_of - pd.Timedelta(days=91))
        truths = {since: rates(whole, shop.as_of, since)[1] for since in lengths}
        for number in range(each):
            done = trial(shop, truths, seed * 1000 + number, options.share, number % 2 == 0)
            tally["trials"] += 1
            tally["named"] += done["named"]
            tally["others named"] += bool(done["others"])
            tally["all inside"] += not done["outside"]
            tally["headline inside"] += not any(
                row[1:3] == ("contacts", "window") for row in done["outside"]
            )
            misses.update(row[1:4] for row in done["outside"])
            widths += list(done["wide"].values())
            if not done["named"] or done["outside"]:
                print(
                    f"  shop {seed}, trial {number}, week of {done['begin'].date()}, "
                    f"{done['gone']} mails: named {done['named']}, outside {done['outside']}"
                )
        print(f"shop {seed}: {dict(tally)}", flush=True)
    print("outside:", dict(misses))
    print("width of the bounds, quartiles:", np.quantile(widths, [0.25, 0.5, 0.75, 1]).round(4))


def intact(options: argparse.Namespace) -> None:
    """Print how many whole shops have a week or days named."""
    tally = Counter[str]()
    for seed, shop in shops(options.intact, options.orders, options.first + 10_000):
        whole, mails = shop.without(pd.Series(False, index=shop.mails.index))
        found, _ = rates(whole, shop.as_of, shop.as_of - pd.Timedelta(days=91))
        messages, orders = found.histories["messages"], found.histories["orders"]
        for name, said in (("mails", mails), ("messages only", tables.empty(tables.MAILS))):
            answered = answered_mails(messages, said, orders)
            holes = find_holes(messages, orders, found.contacts, answered, as_of=shop.as_of)
            tally[f"{name}: named"] += len(holes) > 0
            tally[f"{name}: proven missing"] += bool(answered["proven"].any())
            if len(holes):
                print(f"  shop {seed}, {name}: {holes.to_dict('records')}", flush=True)
        tally["shops"] += 1
        if tally["shops"] % 20 == 0:
            print(dict(tally), flush=True)
    print(dict(tally), flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=200, help="holes to make")
    options.add_argument("--shops", type=int, default=10, help="shops to make them in")
    options.add_argument("--intact", type=int, default=200, help="whole shops")
    options.add_argument("--orders", type=int, default=900)
    options.add_argument("--share", type=float, default=0.3, help="of a week's mails taken out")
    options.add_argument("--first", type=int, default=1, help="the first shop's seed")
    asked = options.parse_args()
    if asked.seeds:
        with_holes(asked)
    if asked.intact:
        intact(asked)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
