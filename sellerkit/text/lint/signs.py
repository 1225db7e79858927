"""What is told from single signs: emoji, blank lines, an order id, a tag in the subject.

All of these are patterns of RE2 (and of Python), so whole columns can be asked for them first.
"""

from __future__ import annotations

import re

#: Signs that are shown as pictures by themselves (Emoji_Presentation of Unicode 17), in ranges.
_PICTURES = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1"
    "\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705"
    "\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50"
    "\u2b55\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f1e6-\U0001f1ff\U0001f201"
    "\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0"
    "\U0001f900-\U0001f9ff\U0001fa70-\U0001faff"
)

#: Signs that are shown so only where the mark for it (U+FE0F) follows. Trade marks, digits and
#: dingbats that a keyboard may mark unasked are not among them.
_MARKED = (
    "\u2194-\u2199\u21a9\u21aa\u2328\u23cf\u23ed-\u23ef\u23f1\u23f2\u23f8-\u23fa\u25b6\u25c0"
    "\u25fb\u25fc\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\U0001f170-\U0001f17f\U0001f202\U0001f237"
)

_ONE = f"(?:[{_PICTURES}][\ufe0f]?|[{_MARKED}]\ufe0f|[0-9#*]\ufe0f?\u20e3)"
_SKIN = "[\U0001f3fb-\U0001f3ff]"

#: A run of emoji: each with its skin and what a joiner (U+200D) adds to it.
EMOJI = f"{_ONE}(?:{_SKIN}|\u200d?(?:{_ONE}))*"

#: Three or more line breaks; lines of spaces between them are blank too.
BLANK_LINES = r"(?:\r\n|\r|\n)(?:[ \t\x{00a0}\x{3000}]*(?:\r\n|\r|\n)){2,}"

#: 17 digits, 3-7-7; digital orders begin with D01.
ORDER_ID = r"(?:[0-9]{3}|[DS]01)[-‐‑‒–—−ー－ ]?[0-9]{7}[-‐‑‒–—−ー－ ]?[0-9]{7}"

#: The word in its brackets, anywhere in the subject.
IMPORTANT = r"(?i)[\[［]\s*important\s*[\]］]"

#: What mail programs put before the subject of what they answer or pass on.
REPLY = (
    r"(?i)^\s*(re|aw|antw|antwoord|sv|rv|r|rif|res|ref|fwd?|wg|tr|enc|返信)"
    r"\s*(\[[0-9]{1,2}\])?\s*[:\x{ff1a}]"
)


def compiled(pattern: str) -> re.Pattern[str]:
    """Return such a pattern for Python, which writes a sign by its code in another way."""
    return re.compile(re.sub(r"\\x\{([0-9a-f]{4})\}", r"\\u\1", pattern))
