"""A person's own words in a mail, without what Amazon and mail programs put around them."""

from __future__ import annotations

import functools
import re

from sellerkit.text.words import fold, load

_TOKEN = re.compile(r"\[commMgrTok:[^\[\]\s]{0,80}\]|\bSPC-(?:US|EU|JP)Amazon-[^\s]{0,120}")
_ORDER_LINE = re.compile(
    r"(?:(?:order id|order|#|bestellnummer|bestellung|numero de commande|commande|pedido|ordine|"
    r"numero ordine|注文番号) ?)?[#:]? ?(?:[0-9]{3}|s01)-[0-9]{7}-[0-9]{7} ?:?"
)
_ITEM_LINE = re.compile(r"[0-9]{1,4} [^\[]{1,400}\[asin: ?[a-z0-9]{10}\]")
_JAPANESE_DATE = re.compile(r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日[^\n]{0,200}[::]\s*$")
_LONGEST_ATTRIBUTION = 300
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROLS = [chr(n) for n in range(0x80) if _CONTROL.match(chr(n))]


def clean(text: str) -> str:
    """Return a text with plain line ends, without control characters, tokens and watermarks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\ufeff", "")
    # hardly a mail has one, and looking for each is many times as fast as looking for any
    if any(sign in text for sign in _CONTROLS):
        text = _CONTROL.sub("", text)
    if "commMgrTok" in text or "SPC-" in text:
        text = _TOKEN.sub("", text)
    return text.strip()


def own_text(text: str, *, fenced: bool) -> str:
    """Return what the writer of a mail wrote in it.

    Parameters
    ----------
    text : str
        The mail's plain text.
    fenced : bool
        Whether the writer's words stand inside Amazon's fence (a mail that came through Amazon), or
        before it (the seller's own reply, which may quote a fenced mail).

    Returns
    -------
    str
        Fence, footers and quoted history cut. Where nothing would be left, the text as it came.
    """
    whole = clean(text)
    words = _inside(whole) if fenced else _before(whole)
    lines = _without_quotes(_without_footers(_without_order(words.split("\n"))))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() or whole


@functools.cache
def _fence(side: str) -> re.Pattern[str]:
    """Compile a fence: its words with or without accents, or wrongly decoded, between dashes."""
    words: list[str] = load("cut.toml")["fence"][side]
    shapes = dict.fromkeys(words)
    for word in words:
        shapes |= dict.fromkeys([word.replace("é", "e"), _mojibake(word)])
    either = "|".join(re.escape(shape).replace(r"\ ", r"\s{1,3}") for shape in shapes)
    # a run of dashes is entered at its start only, so a line of a million dashes stays linear
    return re.compile(
        rf"(?<!-)-{{5,}}+\s{{0,3}}(?:{either}):?\s{{0,3}}-{{5,}}+|^\s{{0,3}}(?:{either}):?\s?-{{5,}}+",
        re.IGNORECASE | re.MULTILINE,
    )


def _mojibake(word: str) -> str:
    return word.encode("utf-8").decode("latin-1")


def _inside(text: str) -> str:
    """Return what stands between the first fence and its end, or all where there is no fence."""
    begin = _fence("begin").search(text) if "--" in text else None
    if not begin:
        return text
    end = _fence("end").search(text, begin.end())
    inner = text[begin.end() : end.start() if end else len(text)]
    return inner if inner.strip() else text


def _before(text: str) -> str:
    begin = _fence("begin").search(text) if "--" in text else None
    return text[: begin.start()] if begin and text[: begin.start()].strip() else text


def _without_order(lines: list[str]) -> list[str]:
    """Cut the order and its items, which Amazon names above the message."""
    for at, line in enumerate(lines[:40]):
        words = fold(line[:600])
        if words and not (_ORDER_LINE.fullmatch(words) or _ITEM_LINE.fullmatch(words)):
            return lines[at:]
    return lines


def _without_footers(lines: list[str]) -> list[str]:
    starts, whole, openings = _footers()
    for at, line in enumerate(lines):
        opening = line.lstrip()[:1]
        if opening.isascii() and opening.lower() not in openings:
            continue
        words = fold(line[:200])
        if words.startswith(starts) or words in whole:
            return lines[:at]
    return lines


@functools.cache
def _footers() -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Return how footers start, those that are a whole line, and all their first letters."""
    footers = load("cut.toml")["footers"]
    starts, whole = tuple(map(fold, footers["starts"])), frozenset(map(fold, footers["lines"]))
    return starts, whole, frozenset(words[0] for words in (*starts, *whole))


def _without_quotes(lines: list[str]) -> list[str]:
    """Cut quoted history: lines with ``>``, and all that follows a separator.

    A line that says who wrote when is followed by lines with ``>``, and then only those go (the
    answer may stand below), or it heads a quotation to the end of the mail.
    """
    kept: list[str] = []
    skip = 0
    for at, line in enumerate(lines):
        if skip:
            skip -= 1
        elif line.startswith(">"):
            continue
        elif _is_separator(line) or _is_header_block(lines, at):
            break
        elif length := _attribution(lines, at):
            if not _next_is_quote(lines, at + length):
                break
            skip = length - 1
        else:
            kept.append(line)
    return kept


@functools.cache
def _separator() -> re.Pattern[str]:
    words = "|".join(re.escape(fold(line)) for line in load("cut.toml")["separators"]["lines"])
    return re.compile(rf"-{{2,}} ?(?:{words}) ?-{{2,}}")


def _is_separator(line: str) -> bool:
    return line.lstrip().startswith("--") and bool(_separator().fullmatch(fold(line[:200])))


def _is_header_block(lines: list[str], at: int) -> bool:
    first, others = _header_labels()
    if _label(lines[at]) not in first:
        return False
    return len({_label(line) for line in lines[at + 1 : at + 6]} & others) >= 2


@functools.cache
def _header_labels() -> tuple[frozenset[str], frozenset[str]]:
    labels = load("cut.toml")["headers"]
    return frozenset(map(fold, labels["first"])), frozenset(map(fold, labels["others"]))


def _label(line: str) -> str:
    """Return what stands before a line's colon, if that is short; mail programs may set it bold."""
    head, colon, _ = line[:40].replace(":", ":").partition(":")
    return fold(head.strip(" *")) if colon else ""


def _attribution(lines: list[str], at: int) -> int:
    """Return how many lines (1 or 2) here say who wrote when; 0 where none does."""
    opens, verbs = _attribution_words()
    line = lines[at].strip()
    if _JAPANESE_DATE.match(line[:_LONGEST_ATTRIBUTION]):
        return 1
    if not line.startswith(opens):
        return 0
    for length, sentence in enumerate((line, " ".join([line, *lines[at + 1 : at + 2]])), start=1):
        text = sentence.strip()
        if len(text) <= _LONGEST_ATTRIBUTION and text.endswith(":") and re.search("[0-9]", text):
            return length if any(verb in text for verb in verbs) else 0
    return 0


@functools.cache
def _attribution_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = load("cut.toml")["attribution"]
    return tuple(words["opens"]), tuple(words["verbs"])


def _next_is_quote(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return following.startswith(">")
