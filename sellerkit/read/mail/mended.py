"""Text that was UTF-8 and was read as Western European (``DÃ©cision``) → what it says."""

from __future__ import annotations

import re

#: The first byte of a longer sign, and one of those that follow it, both shown as signs of their
#: own. A no-break space is such a byte, and a plain space by the time that a text is cleaned.
_PAIR = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")
_LOST_SPACE = re.compile("([\u00c2\u00c3]) ")
_LONE_WORD = re.compile("(?<![^ ])(\u00c3) ")

#: Windows' own signs for the bytes 128 to 159; the five that it leaves open pass as they are.
_BYTES = {
    bytes([number]).decode("cp1252", "ignore") or chr(number): bytes([number])
    for number in range(256)
}


def mended(text: str) -> str:
    """Return a text with its wrongly decoded lines set right; a line that is not all so stays.

    Mails that old programs saved or forwarded have such lines. A line is one if each of its signs
    is a byte and all of them together are UTF-8, which no text is by accident.

    Examples
    --------
    >>> mended("DÃ©cision concernant la rÃ©clamation")
    'Décision concernant la réclamation'
    """
    if text.isascii() or not (_PAIR.search(text) or _LONE_WORD.search(text)):
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    sure = bool(_PAIR.search(line))
    # "GARANTIE A Ã Z": the lone letter is no word; but "LÃ MERINO" is Portuguese
    spaced = (_LOST_SPACE if sure else _LONE_WORD).sub("\\1\u00a0 ", line)
    for candidate in (line, spaced):
        signs = [_BYTES.get(sign, b"") for sign in candidate]
        if candidate.isascii() or not all(signs):
            continue
        try:
            return b"".join(signs).decode("utf-8")
        except UnicodeDecodeError:
            continue
    return line
