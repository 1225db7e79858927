"""Files → lake: the one place that knows readers, texts and the lake."""

from sellerkit.read.ingest.account import FileAccount, IngestReport
from sellerkit.read.ingest.run import ingest

__all__ = ["FileAccount", "IngestReport", "ingest"]
