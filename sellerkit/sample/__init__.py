"""A believable shop's three months, made up from a seed, as real files and nothing else.

`shop.toml` and `texts/` say what the shop is like, `trade` simulates its ordinary business,
`stories` adds single cases, and `mailbox`, `reports` and `histories` write down what the seller
would have of it. The files are all that leaves this package: what the audit finds in them, it finds
by itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sellerkit.errors import UsageError
from sellerkit.sample.catalogue import profile
from sellerkit.sample.exports import write_messages, write_zendesk
from sellerkit.sample.histories import write_histories
from sellerkit.sample.mailbox import write_mailbox
from sellerkit.sample.reports import write_reports
from sellerkit.sample.shop import Call, Mail, Shop
from sellerkit.sample.stories import Teller, all_stories
from sellerkit.sample.trade import Trade

__all__ = ["Sample", "write_exports", "write_sample"]

#: From how many orders on every story is told; a smaller sample tells the core ones.
_ALL_STORIES_FROM = 400
#: How many ask about a product without ever ordering, per order.
_STRANGERS = 0.1


@dataclass(frozen=True)
class Sample:
    """Where the sample lies, and what its reader must know.

    Attributes
    ----------
    folder : Path
        Holds `mail`, `reports` and `histories`.
    account : str
        The shop's label.
    own_addresses : tuple of str
        From where the shop writes.
    as_of, since, until : str
        ISO 8601: the "now" of the sample, and the months that it covers.
    zone : str
        The seller's IANA zone.
    """

    folder: Path
    account: str
    own_addresses: tuple[str, ...]
    as_of: str
    since: str
    until: str
    zone: str


def write_sample(out: Path, *, seed: int = 7, orders: int = 900) -> Sample:
    """Write the sample shop's files; the same seed gives the same bytes.

    Parameters
    ----------
    out : Path
        The folder to write into, created if it is not there. Files of the same names are replaced.
    seed : int
        Another seed gives another shop of the same kind.
    orders : int
        How many orders the shop has, from 40 on. The stories, in which every kind of finding
        occurs, are told whatever the number.

    Returns
    -------
    Sample
        Where it lies.

    Raises
    ------
    UsageError
        Fewer than 40 orders, or a folder that holds single mails of another sample.
    """
    as_of: dt.datetime = profile()["as_of"]
    shop = _shop(seed, orders)
    write_mailbox(shop.mails, out / "mail")
    write_reports(shop, out / "reports", as_of)
    write_histories(shop, out / "histories", as_of)
    return Sample(
        folder=out,
        account=profile()["account"],
        own_addresses=(profile()["address"],),
        as_of=_iso(as_of),
        since=_iso(profile()["since"]),
        until=_iso(as_of),
        zone=profile()["zone"],
    )


def write_exports(out: Path, *, seed: int = 7, orders: int = 900) -> None:
    """Write the mails of the same shop as other systems export them.

    `zendesk/zendesk.json` and `canonical/messages.csv` each hold what `mail` of `write_sample`
    does, so that only one of the three is to be read.

    Parameters
    ----------
    out : Path
        The folder to write into, created if it is not there. Files of the same names are replaced.
    seed, orders : int
        As in `write_sample`.

    Raises
    ------
    UsageError
        Fewer than 40 orders.
    """
    shop = _shop(seed, orders)
    write_zendesk(shop.mails, out / "zendesk" / "zendesk.json")
    write_messages(shop.mails, out / "canonical" / "messages.csv")


def _shop(seed: int, orders: int) -> Shop:
    """Return the shop's history as it is known at the sample's end."""
    if orders < 40:
        raise UsageError(f"a sample of {orders} orders is too small: give 40 or more")
    return _simulate(seed, orders).known(profile()["as_of"])


def _iso(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _simulate(seed: int, orders: int) -> Shop:
    """Let the three months happen."""
    shop = Shop()
    stories = all_stories(core=orders < _ALL_STORIES_FROM)
    for number, story in enumerate(stories):
        Teller(shop, seed, number, story).tell(story["events"])
    trade = Trade(shop, seed)
    ordinary = orders - len(stories)
    for number in range(ordinary):
        trade.order(number)
    for number in range(round(ordinary * _STRANGERS)):
        trade.stranger(number)
    _add_noise(shop, seed)
    return shop


def _add_noise(shop: Shop, seed: int) -> None:
    """Add what lies in a mailbox besides, and a call that names no order."""
    random = Random(f"{seed}/noise")
    first: dt.datetime = profile()["since"]
    for week in range(13):
        at = first + dt.timedelta(days=7 * week + 1, hours=5, minutes=random.randrange(60))
        text = "Die Branche in Kürze: Messen im Herbst, neue Stoffe, Termine der Woche."
        shop.mails.append(Mail(at, "noise", f"Fachhandelspost, Ausgabe {27 + week}", text))
        if week % 2 == 0:
            paid = at + dt.timedelta(days=2)
            text = "Ihre Auszahlung wurde veranlasst. Einzelheiten stehen in Ihren Berichten."
            shop.mails.append(Mail(paid, "noise", "Auszahlung veranlasst", text, notice="payments"))
    at = profile()["as_of"] - dt.timedelta(days=13, hours=21)
    notes = "Frage nach der Rucksackgröße, keine Bestellung genannt"
    shop.calls.append(Call("call-anon", at, None, 5.0, "inbound", True, "question", notes))
