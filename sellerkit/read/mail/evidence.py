"""The `mails` table: what each mail itself said, kept beside the message that it became.

Which conversation a mail belongs to, whether it bounced and whether it is a mere copy depend on
other mails, which may arrive in a later file. So the lake keeps what each mail says by itself, and
`sellerkit.read.mail.conversations` concludes from all of them, whatever the order they came in.
"""

from sellerkit.tables import MAILS

__all__ = ["MAILS"]
