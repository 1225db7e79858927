"""Bodies of messages, and what a person reads in each: kinds of `content_expected` and problems."""

from __future__ import annotations

#: Each body with its language as on file, and what it says of what can be asked of an answer. A
#: null in place of a set: it cannot be known, since the language is unknown or has no phrases.
SAID: tuple[tuple[str, str | None, frozenset[str] | None], ...] = (
    ("text", None, frozenset()),
    ("Thank you for your message, we will look into it.", "en", frozenset()),
    (
        "Your return is approved. Please print the return label in your account.",
        "en",
        frozenset({"return_information", "claim"}),
    ),
    ("Die Rückgabefrist ist am 3. März abgelaufen.", "de", frozenset({"outside_window", "claim"})),
    (
        "Wir konnten noch nicht versenden. Ihr Paket geht am Montag raus.",
        "de",
        frozenset({"late_shipment", "late_delivery"}),
    ),
    (
        "Your parcel is lost. We are sending a replacement today.",
        "en",
        frozenset({"late_delivery", "claim"}),
    ),
    (
        "El artículo está agotado. Le hemos reembolsado todo el importe.",
        "es",
        frozenset({"out_of_stock", "claim", "return_information"}),  # money without a return
    ),
    ("Vi återkommer så snart som möjligt till dig om detta.", "sv", None),
    ("Vi återkommer så snart som möjligt till dig om detta.", None, None),
)


def says(body: str | None, language: str | None, expected: str | None) -> bool | None:
    """Return whether a body says what is expected; null where that cannot be known."""
    if body is None or expected is None:
        return None
    kinds = next(kinds for text, code, kinds in SAID if (text, code) == (body, language))
    return None if kinds is None else expected in kinds
