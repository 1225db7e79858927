"""Every history and finding: its columns, types and keys, stated once.

A *history* is what was read (messages, orders, …), a *finding* is what the audit concluded
(contacts, obligations, …). In memory both are pandas DataFrames with these columns, in this
order. Types, by the names used here:

========  ==============================  =======================================
name      pandas dtype                    meaning
========  ==============================  =======================================
``str``   ``str``                         text; a missing value is ``NaN``
``ts``    ``datetime64[us, UTC]``         an instant; a missing value is ``NaT``
``bool``  ``bool``, ``boolean`` if null   a flag
``int``   ``int64``, ``Int64`` if null    a whole number
``num``   ``float64``                     a number; a missing value is ``NaN``
``list``  ``object`` of ``list[str]``     a list of words, never missing
========  ==============================  =======================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

Kind = Literal["str", "ts", "bool", "int", "num", "list"]

TS_DTYPE = "datetime64[us, UTC]"

_PANDAS: dict[tuple[Kind, bool], str] = {
    ("str", False): "str",
    ("str", True): "str",
    ("ts", False): TS_DTYPE,
    ("ts", True): TS_DTYPE,
    ("bool", False): "bool",
    ("bool", True): "boolean",
    ("int", False): "int64",
    ("int", True): "Int64",
    ("num", False): "float64",
    ("num", True): "float64",
    ("list", False): "object",
    ("list", True): "object",
}

_ARROW: dict[Kind, pa.DataType] = {
    "str": pa.large_string(),
    "ts": pa.timestamp("us", "UTC"),
    "bool": pa.bool_(),
    "int": pa.int64(),
    "num": pa.float64(),
    "list": pa.list_(pa.string()),
}


#: The same as pandas has them: making one of its name, or a name of one, takes longer than a look.
_DTYPES = {name: pd.api.types.pandas_dtype(name) for name in {*_PANDAS.values()}}


@dataclass(frozen=True)
class Column:
    """One column: its name, type, whether it may be null, the words allowed, and its default."""

    name: str
    kind: Kind
    nullable: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column."""
        return _PANDAS[self.kind, self.nullable]

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type of the column on disk."""
        return _ARROW[self.kind]


@dataclass(frozen=True)
class Table:
    """One history or finding: its name, key and columns."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    about: str = ""
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the columns by name."""
        self._by_name.update({column.name: column for column in self.columns})

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether the table has a column of that name."""
        return name in self._by_name

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [column.name for column in self.columns]

    @cached_property
    def _no_rows(self) -> pd.DataFrame:
        return conform(pd.DataFrame(), self)

    @property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema on disk; only key columns refuse null."""
        return pa.schema(
            [pa.field(c.name, c.arrow_type, nullable=c.name not in self.key) for c in self.columns]
        )


def columns_of(text: str) -> tuple[Column, ...]:
    """Read columns from lines of ``name kind[?] [choice|choice] [=default]``."""
    found = []
    for line in text.strip().splitlines():
        name, kind, *rest = line.split()
        choices: tuple[str, ...] = ()
        default: Any = None
        for word in rest:
            if word.startswith("="):
                default = {"false": False, "true": True, "0": 0}.get(word[1:], word[1:])
            else:
                choices = tuple(word.split("|"))
        bare: Kind = kind.rstrip("?")  # type: ignore[assignment]
        found.append(Column(name, bare, kind.endswith("?"), choices, default))
    return tuple(found)


#: Where a row came from, so that a finding can be walked back to the exact bytes: the file's name
#: as given, its SHA-256, and the byte offset (mailbox), line (text) or index (JSON) in it.
PROVENANCE = columns_of(
    """
    source str?
    source_sha256 str?
    source_pos int?
    """
)

TOPICS = (
    "inquiry", "return", "order_problem", "claim", "refund", "check_in", "notice", "other",
)  # fmt: skip


def _history(name: str, key: str, text: str, about: str) -> Table:
    return Table(name, ("account", *key.split()), columns_of(text) + PROVENANCE, about)


def _finding(name: str, key: str, text: str, about: str) -> Table:
    return Table(name, tuple(key.split()), columns_of(text), about)


MESSAGES = _history(
    "messages",
    "message_id",
    f"""
    message_id str
    thread_id str
    order_id str?
    account str
    marketplace str?
    sent_at ts
    sender str buyer|seller|amazon
    buyer_id str?
    channel str amazon|other =amazon
    topic str? {"|".join(TOPICS)}
    topic_rule str?
    subject str?
    body str?
    language str?
    no_response_needed bool =false
    automated bool =false
    undelivered bool =false
    attachments int =0
    """,
    "one per message between a buyer and the seller, or a notice from Amazon",
)

ORDERS = _history(
    "orders",
    "order_id",
    """
    order_id str
    account str
    marketplace str?
    purchased_at ts
    status str pending|unshipped|shipped|canceled
    fulfillment str merchant|amazon
    latest_ship_at ts?
    shipped_at ts?
    promised_by ts?
    delivered_at ts?
    canceled_at ts?
    canceled_by str? buyer|seller|amazon
    cancel_reason str?
    total num?
    currency str?
    carrier str?
    tracking_id str?
    signature bool?
    units int?
    """,
    "one per order; several reports describe one order in part",
)

ORDER_ITEMS = _history(
    "order_items",
    "order_id item_id",
    """
    order_id str
    item_id str
    account str
    sku str?
    asin str?
    title str?
    quantity int?
    price num?
    """,
    "one per item of an order",
)

RETURNS = _history(
    "returns",
    "return_id",
    """
    return_id str
    order_id str
    requested_at ts
    authorized_at ts?
    authorized_by str? seller|amazon
    closed_at ts?
    reason str?
    in_policy bool?
    refunded_at ts?
    refund_amount num?
    currency str?
    label str?
    tracking_id str?
    account str
    """,
    "one per return request",
)

CLAIMS = _history(
    "claims",
    "claim_id",
    """
    claim_id str
    order_id str
    filed_at ts
    reason str not_received|not_as_described|refund_not_issued|other
    amount num?
    currency str?
    respond_by ts?
    responded_at ts?
    decided_at ts?
    outcome str? open|seller_funded|amazon_funded|withdrawn|denied
    appeal_by ts?
    appealed_at ts?
    account str
    """,
    "one per A-to-z Guarantee claim",
)

CALLS = _history(
    "calls",
    "call_id",
    """
    call_id str
    order_id str?
    started_at ts
    minutes num?
    direction str outbound|inbound
    buyer_requested bool =false
    purpose str?
    notes str?
    account str
    """,
    "one per telephone call with a buyer",
)

PERFORMANCE = _history(
    "performance",
    "marketplace period_start period_end metric",
    """
    account str
    marketplace str
    period_start ts
    period_end ts
    metric str
    value num
    numerator num?
    denominator num?
    """,
    "what Amazon itself reported: one per metric and period",
)

#: A list that marks buyers' messages as needing no response, by message or by order: then every
#: one of that order sent before `marked_at`, or all of them where that is null. ``marks``: the id.
NO_RESPONSE_NEEDED = Table(
    "no_response_needed",
    ("account", "kind", "marks"),
    columns_of(
        """
        account str
        kind str message|order
        marks str
        marked_at ts?
        """
    )
    + PROVENANCE,
    "what the seller marked as needing no response",
)

#: Requests for a review or feedback that were sent with Amazon's Solicitations API: no message, no
#: mail and no report shows them, so they are known by a list of one's own, `check_ins.csv`.
SOLICITATIONS = _history(
    "solicitations",
    "order_id sent_at",
    """
    order_id str
    sent_at ts
    account str
    """,
    "one per check-in that was sent with Amazon's Solicitations API",
)

#: What the audit asks of Amazon's notices. The whole table, `sellerkit.read.mail.notices.NOTICES`,
#: says more.
NOTICED = Table(
    "notices",
    ("account", "message_id"),
    columns_of(
        """
        account str
        message_id str
        sent_at ts
        order_id str?
        event str
        """
    ),
    "one per notice from Amazon that says what happened to an order",
)

#: What each mail said by itself, evidence beside the messages. ``kind``: a buyer's or the seller's
#: mail, Amazon's copy of a reply written in Seller Central, a notice from Amazon, a bounce, or
#: Amazon's word that the buyer opted out and got nothing. ``received_at``: when the seller's own
#: server took it in, by the topmost Received. ``references``: Message-IDs of In-Reply-To, then
#: References. ``voids``: Message-IDs that a bounce says were not delivered. ``text_key``: a hash
#: of the text, white space and case folded.
MAILS = Table(
    "mails",
    ("account", "message_id"),
    columns_of(
        """
        account str
        message_id str
        kind str buyer|seller|copy|amazon|bounce|opt_out
        sent_at ts
        received_at ts?
        buyer_id str?
        named_order_id str?
        references list
        automated bool
        undelivered bool
        voids list
        text_key str?
        """
    ),
    "what a mail itself said: one per mail read",
)

#: What a purge keeps of the words of a message that it removes: all that figures ask of them.
#: ``reply``: a mail program marked the subject as a reply's. ``asks_call``: the buyer asks for a
#: call. ``content``: for each of `sellerkit.text.content.EXPECTED` a letter, ``y``, ``n`` or ``?``.
#: ``places``: JSON, what breaks a rule, where it is read as unasked and as asked for:
#: ``{"unasked": [[rule, start, end, in the subject], …], "asked": […]}``. ``request``: JSON, the
#: first request for a review, ``[start, end]``. Never the words themselves.
TOLD = Table(
    "told",
    ("account", "message_id"),
    columns_of(
        """
        account str
        message_id str
        reply bool
        asks_call bool
        content str
        places str?
        request str?
        """
    ),
    "what the words of a purged message had said: one per message",
)

#: The seven histories, by name.
HISTORIES: dict[str, Table] = {
    table.name: table
    for table in (MESSAGES, ORDERS, ORDER_ITEMS, RETURNS, CLAIMS, CALLS, PERFORMANCE)
}

#: All that an audit looks at: the histories, and what is known beside them.
AUDITED: dict[str, Table] = HISTORIES | {table.name: table for table in (SOLICITATIONS, NOTICED)}

STATUSES = ("met", "late", "missed", "open", "waived", "not_applicable")
KINDS = ("inquiry", "return", "order_problem", "claim")
PROBLEMS = ("out_of_stock", "late_shipment", "late_delivery")

CONTACTS = _finding(
    "contacts",
    "account message_id",
    """
    message_id str
    thread_id str
    order_id str?
    account str
    marketplace str?
    sent_at ts
    due_at ts
    answered_at ts?
    answered_by str?
    response_hours num?
    status str met|late|missed|open|waived|not_applicable
    counted bool
    why_not str?
    topic str?
    rule str
    """,
    "one per buyer message in the window",
)

OBLIGATIONS = _finding(
    "obligations",
    "obligation_id",
    """
    obligation_id str
    kind str inquiry|return|order_problem|claim
    problem str? out_of_stock|late_shipment|late_delivery
    order_id str?
    thread_id str?
    account str
    marketplace str?
    trigger_at ts
    due_at ts
    satisfied_at ts?
    satisfied_by str?
    status str met|late|missed|open|waived|not_applicable
    proactive bool?
    content_expected str? return_information|outside_window
    content_ok bool?
    why str
    rule str
    """,
    "one per duty to write, in the window by trigger_at",
)

#: The checklist of a claim, in the order in which `missing` names what fails.
CHECKLIST = (
    "order_on_file",
    "tracking",
    "shipped_on_time",
    "delivery_proof",
    "contacted_before",
    "inquiries_answered",
    "no_silence",
    "return_answered",
    "problem_notified",
    "claim_answered",
    "refund_recorded",
)

CLAIMS_READINESS = _finding(
    "claims_readiness",
    "account claim_id",
    """
    claim_id str
    order_id str
    account str
    filed_at ts
    respond_by ts?
    reason str
    amount num?
    verdict str ready|gaps|indefensible
    score num?
    hours_left num?
    """
    + "\n".join(f"{item} bool?" for item in CHECKLIST)
    + """
    missing list
    exposure num?
    """,
    "one per claim filed in the window",
)

EXPOSURE = _finding(
    "exposure",
    "account order_id",
    """
    order_id str
    account str
    claim_window_ends_at ts
    claimable_from ts?
    auto_lost bool
    exposure num?
    reasons list
    """,
    "one per order without a claim that still could have one and has a late or missed duty",
)

CALLS_REVIEW = _finding(
    "calls_review",
    "account call_id",
    """
    call_id str
    order_id str?
    account str
    started_at ts
    verdict str email_owed|delivery|not_permitted|requested|complex|email_preferred
    owed_kinds list
    followed_up bool
    why str
    """,
    "one per call in the window",
)

VIOLATIONS = _finding(
    "violations",
    "account message_id rule start",
    """
    message_id str
    order_id str?
    account str
    sent_at ts
    rule str
    severity str error|warning
    excerpt str
    start int
    end int
    why str
    """,
    "one per broken rule in a message that the seller sent",
)

CHECK_INS = _finding(
    "check_ins",
    "account order_id",
    """
    order_id str
    account str
    state str sent|due|skipped|too_early|blocked
    from_at ts
    to_at ts
    sent_at ts?
    why str
    """,
    "one per delivered order",
)

#: Two views of one call, which disagree (`sellerkit.audit.phone`). No finding of the contract, so
#: concluded only where it is asked for, as is the next one.
CALL_VIEWS = _finding(
    "call_views",
    "account call_id",
    """
    call_id str
    order_id str?
    account str
    started_at ts
    verdict str email_owed|delivery|not_permitted|requested|complex|email_preferred
    amazon_view str permitted|not_permitted
    amazon_why str
    seed_view str fit|not_fit
    seed_why str
    disagree bool
    rule str
    """,
    "one per call in the window: whether Amazon permitted it, and whether it was fit",
)

CALLS_MISSING = _finding(
    "calls_missing",
    "account message_id",
    """
    order_id str?
    thread_id str
    account str
    marketplace str?
    fit_at ts
    message_id str
    reasons list
    changes int
    written_at ts?
    amazon_view str permitted|delivery_only
    why str
    rule str
    """,
    "one per order, or thread without one, where a call would have been fit and none was made",
)

#: The seven findings, by name.
FINDINGS: dict[str, Table] = {
    table.name: table
    for table in (
        CONTACTS, OBLIGATIONS, CLAIMS_READINESS, EXPOSURE, CALLS_REVIEW, VIOLATIONS, CHECK_INS,
    )
}  # fmt: skip


def empty(table: Table) -> pd.DataFrame:
    """Return a frame of no rows with the table's columns and dtypes."""
    return table._no_rows.copy(deep=False)  # writing to the copy leaves the original as it is


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame with exactly the table's columns, in order, in the table's dtypes.

    A column that the frame lacks becomes null, or its default where null is not allowed; a
    column that the table lacks is left out. Values must already fit their type: a reader
    quarantines what does not, before it comes here.

    Raises
    ------
    ValueError, TypeError
        A value that cannot be cast (pandas' own error).
    """
    return frame_of(dict(frame.items()), table, frame.index)


def frame_of(columns: Mapping[str, Any], table: Table, index: pd.Index) -> pd.DataFrame:
    """Return a frame of the table from columns by name, as `conform` does from a frame.

    A column is a Series of this index, an array, or one value for all rows. It stays where it is:
    pandas copies it when the frame is written to.
    """
    return pd.DataFrame(
        {
            column.name: _cast(_series(columns[column.name], column, index), column)
            if column.name in columns
            else _absent(column, index)
            for column in table.columns
        },
        index=index,
        copy=False,
    )


def _series(values: Any, column: Column, index: pd.Index) -> pd.Series:
    if isinstance(values, pd.Series):
        return values
    # of a missing value alone pandas would not know what it is a missing one of
    dtype = _DTYPES[column.dtype] if np.ndim(values) == 0 or column.kind == "str" else None
    return pd.Series(values, index=index, dtype=dtype, copy=False)


def _cast(values: pd.Series, column: Column) -> pd.Series:
    if values.dtype == _DTYPES[column.dtype]:
        return values
    if column.kind == "list":
        return values.map(list).astype("object")
    if column.kind == "ts":
        return pd.to_datetime(values, utc=True).dt.as_unit("us").astype(TS_DTYPE)
    if column.default is not None and values.isna().any():
        values = values.astype("object").where(values.notna(), column.default)
    if column.kind == "bool" and column.nullable and values.dtype != bool:
        values = values.astype("object").where(values.notna(), None)
    return values.astype(column.dtype)


def _absent(column: Column, index: pd.Index) -> pd.Series:
    if column.kind == "list":
        return pd.Series([[] for _ in index], index=index, dtype="object")
    if column.default is not None:
        return pd.Series(column.default, index=index, dtype=column.dtype)
    if column.dtype in ("bool", "int64"):
        if len(index):
            raise ValueError(f"column {column.name} is missing and may not be null")
        return pd.Series([], index=index, dtype=column.dtype)
    missing = {"str": None, "ts": pd.NaT, "bool": pd.NA, "int": pd.NA, "num": float("nan")}
    return pd.Series(missing[column.kind], index=index, dtype=column.dtype)


def to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """Return the frame as an Arrow table in the table's schema on disk."""
    return pa.Table.from_pandas(
        conform(frame, table), schema=table.arrow_schema, preserve_index=False
    )


def from_arrow(data: pa.Table, table: Table) -> pd.DataFrame:
    """Return an Arrow table (columns in any order) as a frame in the table's dtypes."""
    # flags with missing ones among them would become Python objects
    return conform(data.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get), table)
