"""The lake's own tables: the log of ingests, and what did not fit."""

from __future__ import annotations

from sellerkit import tables
from sellerkit.tables import Table, columns_of

QUARANTINE = Table(
    "quarantine",
    ("account", "source_sha256", "source_pos", "reason"),
    columns_of(
        """
        account str
        format str?
        reason str
        raw str?
        source str?
        source_sha256 str
        source_pos int
        """
    ),
    "what did not fit: where it stands, why, and its raw text",
)

#: One row per file and ingest. ``version`` numbers the ingests: it is the lake's version.
#: ``versions`` names the Delta version of every table after it; ``reading`` tells under which
#: options the file was read.
INGESTS = Table(
    "ingests",
    ("version", "source", "source_sha256"),
    columns_of(
        """
        version int
        ingested_at ts
        account str
        source str
        source_sha256 str
        format str?
        reading str
        read int
        used int
        skipped str
        quarantined int
        tables str
        seconds num
        versions str
        """
    ),
    "what each ingest read and did",
)

#: Stands in ``versions`` of the log in the place of versions that a purge removed, with its as-of.
PURGED = "purged"

#: Every table that a lake may hold beside the log; `mails` and `order_parts` are evidence.
TABLES = (
    *tables.AUDITED,
    tables.NO_RESPONSE_NEEDED.name,
    tables.MAILS.name,
    tables.TOLD.name,
    "order_parts",
    QUARANTINE.name,
)
