"""Who a buyer is on a page: a name that stays the same and tells nothing, `Buyer K7Q2`."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping

import pandas as pd

#: No 0, 1, I, L, O or U: names are read aloud and typed again.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

_LETTERS = 4


class Pseudonyms(Mapping[tuple[str, str], str]):
    """The pseudonym of each buyer: ``("My shop", "k3f…")`` → ``Buyer K7Q2``.

    Parameters
    ----------
    messages : pd.DataFrame
        `account`, `buyer_id`, `sent_at`.
    key : bytes
        That of the lake; without it nobody can tell whose pseudonym one is, not even by trying
        all buyer ids that there are.

    Notes
    -----
    Four letters of HMAC-SHA256 over account and buyer id. Where another buyer of the account has
    the same four, the one who wrote first keeps them, and the later one has as many more as tell
    them apart. So a pseudonym depends on earlier buyers alone: it stays as it is when histories
    grow, and is the same at every `as_of`, in every window and with or without other accounts.
    """

    def __init__(self, messages: pd.DataFrame, key: bytes) -> None:
        self._names: dict[tuple[str, str], str] = {}
        taken: dict[str, set[str]] = {}
        for account, buyer_id, number in _in_order(messages, key):
            own = taken.setdefault(account, set())
            letters = _letters(number, _LETTERS)
            while letters in own:
                letters = _letters(number, len(letters) + 1)
            own.add(letters)
            self._names[account, buyer_id] = f"Buyer {letters}"

    def __getitem__(self, buyer: tuple[str, str]) -> str:
        """Return the pseudonym of an account's buyer."""
        return self._names[buyer]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Iterate over (account, buyer id), those who wrote first before the others."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many buyers there are."""
        return len(self._names)


def _in_order(messages: pd.DataFrame, key: bytes) -> list[tuple[str, str, int]]:
    """Return each buyer with his number, the one who wrote first before the others."""
    rows = messages[["account", "buyer_id", "sent_at"]].dropna(subset="buyer_id")
    first = rows.groupby(["account", "buyer_id"], sort=False, observed=True)["sent_at"].min()
    buyers = [
        (at, _number(key, account, buyer_id), account, buyer_id)
        for (account, buyer_id), at in zip(first.index.tolist(), first.astype("int64"), strict=True)
    ]
    return [(account, buyer_id, number) for _, number, account, buyer_id in sorted(buyers)]


def _number(key: bytes, account: str, buyer_id: str) -> int:
    text = f"{account}\0{buyer_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(key, text, "sha256"))


def _letters(number: int, count: int) -> str:
    letters = ""
    for _ in range(count):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return letters
