"""Files → lake: the one place that knows readers, texts and the lake."""

from sellerkit.read.ingest.run import FileAccount, IngestReport, ingest

__all__ = ["FileAccount", "IngestReport", "ingest"]
