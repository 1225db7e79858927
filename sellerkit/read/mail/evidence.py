"""The `mails` table: what each mail itself said, kept beside the message that it became.

Which conversation a mail belongs to, whether it bounced and whether it is a mere copy depend on
other mails, which may arrive in a later file. So the lake keeps what each mail says by itself, and
`sellerkit.read.mail.conversations` concludes from all of them, whatever the order they came in.
"""

from sellerkit.tables import Table, columns_of

#: ``kind``: a buyer's or the seller's mail, Amazon's copy of a reply written in Seller Central, a
#: notice from Amazon, a bounce, or Amazon's word that the buyer opted out and got nothing.
#: ``references``: Message-IDs of In-Reply-To, then References. ``voids``: Message-IDs that a bounce
#: says were not delivered. ``text_key``: a hash of the text, white space and case folded.
MAILS = Table(
    "mails",
    ("account", "message_id"),
    columns_of(
        """
        account str
        message_id str
        kind str buyer|seller|copy|amazon|bounce|opt_out
        sent_at ts
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
