"""What is left of an id once its row is purged: the same for the same, and nothing else."""

from __future__ import annotations

import hmac
import re

import pandas as pd

_DIGITS = 24
_BEGIN = "purged-"
_TOKEN = rf"{_BEGIN}[a-z]+-(?:[0-9]{{4}}-)?[0-9a-f]{{{_DIGITS}}}"
_RANK = re.compile(rf"^({_BEGIN}[a-z]+-)[0-9]{{4}}-")


class Tokens:
    """Tokens by a key: ``purged-order-0f3a…``; without the key none can be told from its id.

    Parameters
    ----------
    key : bytes
        `sellerkit.lake.key.purge_key`.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, accounts: pd.Series, values: pd.Series) -> pd.Series:
        """Return the token of each value of a kind (``order``, ``message``, …) and account.

        A null stays null, and a token stays as it is.
        """
        text = accounts.fillna("").astype("str") + "\0" + values.astype("str")
        codes, distinct = pd.factorize(text)
        made = pd.Series([self._token(kind, each) for each in distinct], dtype="str")
        tokens = made.reindex(codes).set_axis(values.index)
        return values.astype("str").where(values.isna() | is_token(values), tokens)

    def _token(self, kind: str, text: str) -> str:
        said = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return f"{_BEGIN}{kind}-{hmac.digest(self._key, said, 'sha256').hex()[:_DIGITS]}"


def is_token(values: pd.Series) -> pd.Series:
    """Tell which values are tokens."""
    return values.astype("str").str.fullmatch(_TOKEN).fillna(False).astype(bool)


def is_made(values: pd.Series) -> pd.Series:
    """Tell which ids are tokens, or made of one by the kit, as those of what only a mail tells."""
    return (
        values.astype("str").str.fullmatch(rf"{_TOKEN}|mail:{_TOKEN}.*").fillna(False).astype(bool)
    )


def ranked(tokens: pd.Series, ranks: pd.Series) -> pd.Series:
    """Put a rank into tokens: of messages sent at one instant the id says which comes first."""
    rank = ranks.clip(upper=9999).astype("int64").astype("str").str.zfill(4)
    head = tokens.str[:-_DIGITS]
    return head + rank + "-" + tokens.str[-_DIGITS:]


def bare(token: str) -> str:
    """Return a token without its rank."""
    return _RANK.sub(r"\1", token)
