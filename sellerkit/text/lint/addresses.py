"""Web and mail addresses in a text, and whether they are Amazon's."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from sellerkit.policy import marketplaces
from sellerkit.text.lint.rules import load

#: Letters, digits and hyphens of a host's name; names in other alphabets need a scheme.
_IN_NAME = "a-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_LABEL = f"[{_IN_NAME}](?:[{_IN_NAME}-]{{0,61}}[{_IN_NAME}])?"

_MAIL = re.compile(
    rf"(?<![{_IN_NAME}._%+-])[{_IN_NAME}._%+-]{{1,64}}\s?@\s?((?:{_LABEL}\s?\.\s?){{1,6}}[a-z]{{2,24}})"
    rf"(?![{_IN_NAME}_@])",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?<![a-z0-9+.])([a-z][a-z0-9+.]{1,12}):(?:/{2}|\\{2})([^\s<>\"'（）「」『』【】、。]{1,2000})",
    re.IGNORECASE,
)
_HOST = re.compile(
    rf"(?<![{_IN_NAME}@._/-])((?:{_LABEL}\.){{1,8}}[a-z]{{2,24}})(?![{_IN_NAME}@_-])"
    rf"(?!\.[{_IN_NAME}])((?::[0-9]{{1,5}})?(?:[/?#][!-~]{{0,2000}})?)",
    re.IGNORECASE,
)

#: A host with blanks about its dots, which no sentence has before one.
_SPACED = re.compile(
    rf"(?<![{_IN_NAME}@._/-])(?P<host>www\s?\.\s?{_LABEL}\s?\.\s?[a-z]{{2,24}}|{_LABEL}\s\.\s?"
    rf"(?:com|net|org|info|shop|store|eu|de|fr|es|it|nl|be|at|ch|co\s?\.\s?(?:uk|jp)|jp))(?![{_IN_NAME}_.-])",
    re.IGNORECASE,
)

#: What ends a sentence or closes a bracket belongs to the text and not to the address.
_TRAILING = ".,;:!?)]}>'\"*_"


#: Full-width forms, one for one, so that places stay: ``ｓｈｏｐ．ｃｏｍ``.
_FULL_WIDTH = {0xFEE0 + sign: sign for sign in range(0x21, 0x7F)} | {0x3000: 0x20}


def shaped(text: str) -> str:
    """Return a text of the same length with plain letters and digits for full-width ones."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


class Address(NamedTuple):
    """A place in a text, and the host that stands there."""

    start: int
    end: int
    host: str


@functools.cache
def _ours() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return Amazon's hosts, and what a host below one ends with."""
    named = {store.domain for store in marketplaces().values()}
    named |= set(load("hosts.toml")["amazon"]["hosts"])
    return frozenset(named), tuple(f".{host}" for host in named)


def is_amazons(host: str) -> bool:
    """Tell whether a host is Amazon's own; ``amazon.com.evil.net`` is not."""
    hosts, below = _ours()
    return host in hosts or host.endswith(below)


@functools.cache
def _endings(which: str) -> frozenset[str]:
    return frozenset(load("hosts.toml")["endings"][which].split())


@functools.cache
def _words(language: str | None) -> frozenset[str]:
    """Return the endings that are words of a language, or of any where it is not known."""
    words: dict[str, str] = load("hosts.toml")["words"]
    told = [words[language]] if language in words else list(words.values())
    return frozenset(word for line in told for word in line.split())


def addresses(text: str, language: str | None = None) -> tuple[list[Address], list[Address]]:
    """Return the web addresses of a text that do not lead to Amazon, and its mail addresses.

    A bare host counts where its ending is a top-level domain; where that is a word of the language
    too, only with a path, ``www.`` or a name of more parts: "arrived.it was" is none. Amazon's
    relay is no mail address; ``shop (dot) com`` and ``name at shop dot com`` are addresses.

    Parameters
    ----------
    text : str
        Full-width letters count as they are: `shaped` makes plain ones of them.
    language : str, optional
        ISO 639-1; an unknown one is taken for any.
    """
    taken: list[tuple[int, int]] = []
    urls = [_url(each) for each in _fresh(_URL, text, taken)]
    mails = [
        Address(*each.span(), _unspaced(each[1]))
        for each in _fresh(_MAIL, text, taken)
        if " " not in each[0] or _unspaced(each[1]).rpartition(".")[2] in _endings("sure")
    ]
    mails += [
        Address(*each.span(), _spelled_out(each["one"] or each["two"] or each["three"]))
        for each in _fresh(_spelled_mail(), text, taken)
    ]
    bare = [
        address
        for pattern in (_HOST, _spelled_host(), _SPACED)
        for each in _fresh(pattern, text, taken)
        for address in _bare(each, language)
    ]
    links = [each for each in urls + bare if each.host and not is_amazons(each.host)]
    return sorted(links), sorted(each for each in mails if not is_relay(each.host))


def _fresh(
    pattern: re.Pattern[str], text: str, taken: list[tuple[int, int]]
) -> Iterator[re.Match[str]]:
    """Return the matches that overlap nothing taken before, and take their places."""
    found = [
        each
        for each in pattern.finditer(text)
        if not any(start < each.end() and each.start() < end for start, end in taken)
    ]
    taken += [each.span() for each in found]
    yield from found


def is_relay(host: str) -> bool:
    """Tell whether a mail host is ``marketplace.amazon.*``."""
    prefix, _, rest = host.partition(".")
    return prefix == "marketplace" and rest.startswith("amazon.") and is_amazons(rest)


def _url(found: re.Match[str]) -> Address:
    end = found.end() - len(found[2]) + len(found[2].rstrip(_TRAILING))
    return Address(found.start(), end, _host_of(found[2]))


def _host_of(rest: str) -> str:
    """Return the host of what follows a scheme: without user, port and path."""
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0]
    return host.rstrip(_TRAILING).lower()


def _unspaced(host: str) -> str:
    return re.sub(r"\s", "", host).lower()


def _spelled_out(host: str) -> str:
    """Return ``shop.com`` from ``Shop (dot) com``."""
    parts = re.split(r"[^\w-]+", host.lower())
    return ".".join(part for part in parts if part not in load("hosts.toml")["dots"]["words"])


def _bare(found: re.Match[str], language: str | None) -> list[Address]:
    name = found["host"] if "host" in found.re.groupindex else found[1]
    spelled = "host" in found.re.groupindex
    host = _spelled_out(name) if spelled else name.lower()
    # who spells a dot out means one
    path = "/dot" if spelled else found[2]
    if not _is_host(host, name, path, language):
        return []
    end = found.end() if spelled else found.end(1) + len(path.rstrip(_TRAILING))
    return [Address(found.start(), end, host)]


def _is_host(host: str, written: str, path: str, language: str | None) -> bool:
    labels = host.split(".")
    ending = labels[-1]
    if labels[0] == "www" and len(labels) > 2:
        return True
    if ending not in _endings("sure") and ending not in _endings("unsure"):
        return False
    names = load("hosts.toml")["names"]
    if len(labels[-2]) == 1 and len(labels) == 2:
        return bool(path.strip("/")) or host in names["one_letter"]
    if host in names["programs"] and not path:
        return False
    # "S.A. de C.V.", "v.l.n.r.": letters and dots are an abbreviation
    if all(len(label) < 3 for label in labels) and not path:
        return False
    last = written.rpartition(".")[2]
    if last.istitle() and not written[:1].isupper() and not path:
        return False
    doubtful = ending in _endings("unsure") or ending in _words(language)
    has_name = len(labels) > 2 or "-" in labels[0] or any(sign.isdigit() for sign in labels[0])
    return not doubtful or len(path) > 1 or has_name


def _dots(which: str) -> str:
    return "|".join(map(re.escape, load("hosts.toml")["dots"][which]))


def _endings_spelled(which: str) -> str:
    return "|".join(load("hosts.toml")["dots"][which].split())


@functools.cache
def _spelled_host() -> re.Pattern[str]:
    r"""Compile ``shop (dot) com`` and ``shop dot com``."""
    bracketed = rf"\s?[\[(<{{]\s?(?:{_dots('words')})\s?[\])>}}]\s?"
    plain = rf"\s(?:{_dots('plain')})\s"
    return re.compile(
        rf"(?<![\w@.-])(?P<host>[a-z0-9][\w-]{{1,62}}(?:{bracketed}[a-z]{{2,24}}"
        rf"(?:{bracketed}[a-z]{{2,24}}){{0,2}}|{plain}(?:co{plain}uk|{_endings_spelled('endings')})"
        rf"|\s(?:{_dots('words')})\s(?:{_endings_spelled('rare')}|[a-z]{{2,3}}(?=\s(?:barra|slash|schragstrich|schrägstrich)\b))))(?![\w-])",
        re.IGNORECASE,
    )


@functools.cache
def _spelled_mail() -> re.Pattern[str]:
    r"""Compile ``name (at) shop.com``, ``name at shop dot com``, ``name arobase shop.fr``."""
    name, host = r"(?<![\w.%+-])[\w.%+-]{1,64}", r"[a-z0-9][\w-]{1,62}"
    spoken = rf"\s(?:{_dots('words')})\s"
    dot = rf"(?:\.|\s?[\[(<{{]\s?(?:{_dots('words')})\s?[\])>}}]\s?|{spoken})"
    ways = (
        rf"\s?[\[(<{{]\s?(?:{_dots('at')}|@)\s?[\])>}}]\s?(?P<one>{host}(?:{dot}[a-z]{{2,24}}){{1,3}})",
        rf"\s(?:{_dots('sure_at')})\s(?P<two>{host}(?:{dot}[a-z]{{2,24}}){{1,3}})",
        rf"\s(?:{_dots('at')})\s(?P<three>{host}{spoken}"
        rf"(?:co(?:{spoken}|\.)uk|{_endings_spelled('endings')}))",
    )
    return re.compile(rf"{name}(?:{'|'.join(ways)})(?![\w-])", re.IGNORECASE)
