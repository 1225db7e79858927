"""What a lake is to hold after a purge, before a byte of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sellerkit import tables
from sellerkit.audit.told import tell
from sellerkit.lake import INGESTS, ORDER_PARTS, QUARANTINE, Lake
from sellerkit.lake.merge import part_ids
from sellerkit.lake.scrub import IDS, item_keys, keys, scrubbed, with_ids, without_references
from sellerkit.lake.tokens import Tokens, is_token, ranked
from sellerkit.measure.replies import is_reply
from sellerkit.purge.choice import Time, chosen
from sellerkit.purge.due import Frames
from sellerkit.read.mail.notices import NOTICES
from sellerkit.tables import MAILS, NO_RESPONSE_NEEDED, SOLICITATIONS, TOLD, Table
from sellerkit.text import asks_for_call

#: Every table of a lake but the log.
ALL: dict[str, Table] = tables.HISTORIES | {
    table.name: table
    for table in (
        SOLICITATIONS, NOTICES, NO_RESPONSE_NEEDED, MAILS, TOLD, ORDER_PARTS, QUARANTINE,
    )
}  # fmt: skip


@dataclass
class Plan:
    """Tables before and after.

    Attributes
    ----------
    before, after : dict of str to pd.DataFrame
        By table; ``ingests`` too.
    goes : mapping of str to np.ndarray
        Which rows are without words and names afterwards.
    newly : dict of str to int
        How many of each table are so by this purge.
    """

    tokens: Tokens
    before: dict[str, pd.DataFrame]
    goes: Mapping[str, np.ndarray]
    after: dict[str, pd.DataFrame] = field(default_factory=dict)
    newly: dict[str, int] = field(default_factory=dict)
    _gone: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def changes(self) -> list[str]:
        """The tables that are to be written."""
        return [name for name in ALL if not self.after[name].equals(self.before[name])]

    def lookup(self, kind: str, accounts: pd.Series, values: pd.Series) -> pd.Series:
        """Return ids with the tokens of those that no row needs any more."""
        gone = self._gone.get(kind)
        if not gone or not len(values):
            return values
        found = pd.Series(keys(accounts, values), index=values.index).map(gone)
        return values.where(found.isna(), found.astype("str"))


def read_all(lake: Lake) -> dict[str, pd.DataFrame]:
    """Return every table of a lake, and its log."""
    frames = {name: lake.read(table) for name, table in ALL.items()}
    for name, table in ALL.items():
        for column in table.columns:
            if column.kind == "list":  # Delta gives arrays, which compare otherwise than lists
                frames[name][column.name] = frames[name][column.name].map(list).astype("object")
    return frames | {INGESTS.name: lake.ingests()}


def plan(frames: dict[str, pd.DataFrame], time: Time, tokens: Tokens) -> Plan:
    """Plan a purge.

    An id goes when the last row goes that needs it: a buyer's stays on an old order while he has a
    newer one.
    """
    made = Plan(tokens, frames, chosen(frames, time))
    made._gone = _gone_ids(frames, made.goes, tokens)
    messages = frames["messages"]
    fresh = made.goes["messages"] & ~is_token(messages["message_id"]).to_numpy(bool)
    told = pd.concat([frames["told"], told_of(messages[fresh])], ignore_index=True)
    on_file = keys(messages["account"], messages["message_id"])
    on_file = on_file.union(keys(frames["mails"]["account"], frames["mails"]["message_id"]))
    for name in ALL:
        rows = told if name == "told" else frames[name]
        new = with_ids(name, rows, made.lookup, tokens)
        if name == "mails":
            new = without_references(new, made.goes[name], on_file, tokens)
        if name == "quarantine":
            new = _set_aside(new, made.goes[name], tokens)
        if name not in ("told", "performance"):
            new = scrubbed(name, new, made.goes[name], tokens)
        if name == "order_parts" and made.goes[name].any():
            ids = part_ids(new)
            new["part_id"] = new["part_id"].where(~made.goes[name], ids)
        made.after[name] = tables.conform(new, ALL[name])
        made.newly[name] = _newly(name, made)
    _without_sources(made)
    return made


def told_of(messages: pd.DataFrame) -> pd.DataFrame:
    """Return what the figures ask of messages' words, as `tables.TOLD`."""
    rows = messages.reset_index(drop=True)
    by_seller = (rows["sender"] == "seller").to_numpy(bool)
    by_buyer = (rows["sender"] == "buyer").to_numpy(bool)
    sent = tell(rows[by_seller].reset_index(drop=True)).set_axis(rows.index[by_seller])
    asks = np.zeros(len(rows), dtype=bool)
    said = rows[by_buyer]
    asks[by_buyer] = asks_for_call(said["subject"], said["body"], said["language"])
    found = rows[["account", "message_id"]].join(sent)
    found = found.assign(reply=is_reply(rows), asks_call=asks, content=found["content"].fillna(""))
    return tables.conform(found, TOLD)


def _newly(name: str, made: Plan) -> int:
    """Count the rows that this purge changes in more than the id of another."""
    if name == "told":
        return 0
    before, after = made.before[name], made.after[name]
    differs = ~(before.astype("str").fillna("") == after.astype("str").fillna("")).all(axis=1)
    return int((differs.to_numpy(bool) & made.goes[name]).sum())


def _gone_ids(
    frames: Frames, goes: Mapping[str, np.ndarray], tokens: Tokens
) -> dict[str, dict[str, str]]:
    """Return by kind the token of each id that only rows name which go."""
    named: dict[str, list[pd.DataFrame]] = {}
    for name, columns in _named().items():
        rows = frames[name]
        for column, kind in columns.items():
            ids = item_keys(rows, tokens) if kind == "item" else rows[column]
            part = pd.DataFrame({"account": rows["account"], "id": ids, "goes": goes[name]})
            own = rows[column] if kind == "item" else ids
            named.setdefault(kind, []).append(part[part["id"].notna() & ~is_token(own)])
    marks = frames["no_response_needed"].rename(columns={"marks": "id"})
    marks = marks.assign(goes=goes["no_response_needed"])[~is_token(marks["id"])]
    for kind in ("message", "order"):
        named[kind].append(marks.loc[marks["kind"] == kind, ["account", "id", "goes"]])
    gone = {}
    for kind, parts in named.items():
        every = pd.concat(parts, ignore_index=True)
        last = every.groupby(["account", "id"])["goes"].all().reset_index()
        last = last[last["goes"]]
        made = tokens.of(kind, last["account"], last["id"])
        if kind == "message":
            made = ranked(made, _ranks(last, frames["messages"]))
        gone[kind] = dict(zip(keys(last["account"], last["id"]), made, strict=True))
    return gone


def _named() -> dict[str, dict[str, str]]:
    """Return the ids that make their kinds: what is mentioned elsewhere is looked up."""
    whole = {name: dict(columns) for name, columns in IDS.items() if name != "told"}
    whole["messages"]["thread_id"] = "thread"
    return whole


def _ranks(ids: pd.DataFrame, messages: pd.DataFrame) -> pd.Series:
    """Return the place of each message among those of its instant, which its id decides."""
    sent = messages.drop_duplicates(["account", "message_id"])
    sent = sent.set_index(["account", "message_id"])["sent_at"]
    at = sent.reindex(pd.MultiIndex.from_frame(ids[["account", "id"]])).to_numpy()
    order = ids.assign(at=at).sort_values("id", kind="stable")
    rank = order.groupby(["account", "at"], dropna=False).cumcount()
    return rank.reindex(ids.index).where(pd.notna(at), 0)


def _set_aside(rows: pd.DataFrame, gone: np.ndarray, tokens: Tokens) -> pd.DataFrame:
    reasons = tokens.of("reason", rows["account"], rows["reason"])
    return rows.assign(reason=rows["reason"].where(~gone, reasons), raw=rows["raw"].mask(gone))


def _without_sources(made: Plan) -> None:
    """Replace names of files from which nothing is left: a mail's file is called as its subject."""
    kept: set[str] = set()
    names: set[str] = set()
    for name in ALL:
        if "source" in made.after[name]:
            sources = made.after[name]["source"]
            kept.update(sources[~made.goes[name]].dropna())
            names.update(sources.dropna())
    log = made.before[INGESTS.name]
    names.update(log["source"])
    gone = pd.Series(sorted(names - kept), dtype="str")
    nobody = pd.Series("", index=gone.index, dtype="str")
    new = dict(zip(gone, made.tokens.of("file", nobody, gone), strict=True))
    for name in (*ALL, INGESTS.name):
        frame = made.after.get(name, log)
        if "source" in frame:
            source = frame["source"].map(lambda s: new.get(s, s), na_action="ignore")
            frame = frame.assign(source=source.astype("str"))
        made.after[name] = frame
