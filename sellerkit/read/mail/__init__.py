"""Mailboxes and mails → messages, and what each mail itself said."""

from sellerkit.read.mail.formats import EML, MBOX

__all__ = ["EML", "MBOX"]
