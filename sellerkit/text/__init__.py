"""What a message says: its own text, its language, its topic, whether it says what it must."""

from sellerkit.text.calls import asks_for_call
from sellerkit.text.content import content_ok
from sellerkit.text.cut import clean, own_text
from sellerkit.text.html import amazon_text, html_text
from sellerkit.text.language import language
from sellerkit.text.topics import topic

__all__ = [
    "amazon_text",
    "asks_for_call",
    "clean",
    "content_ok",
    "html_text",
    "language",
    "own_text",
    "topic",
]
