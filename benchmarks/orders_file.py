"""An All Orders report as Seller Central gives it: `write(path, lines)`, seeded, about 500 bytes a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

HEADER = [
    "amazon-order-id",
    "merchant-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "order-channel",
    "ship-service-level",
    "product-name",
    "sku",
    "asin",
    "item-status",
    "quantity",
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "promotion-ids",
    "cpf",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
]
_STATUSES = (
    "Shipped",
    "Shipped",
    "Shipped",
    "Shipped - Delivered to Buyer",
    "Cancelled",
    "Pending",
    "Unshipped",
)
_STORES = (
    ("Amazon.de", "EUR", "DE"),
    ("Amazon.fr", "EUR", "FR"),
    ("Amazon.com", "USD", "US"),
    ("Amazon.co.uk", "GBP", "GB"),
)
_PRODUCTS = [
    f'Nordlicht Outdoor {word} {size}" wasserdicht, winddicht und atmungsaktiv, für Damen und Herren'
    for word in ("Biwaksack", "Regenjacke", "Zelt", "Isomatte", "Kocher", "Stirnlampe")
    for size in range(5, 40)
]


def write(path: Path, lines: int, seed: int = 7) -> None:
    """Write a report of so many lines; every fourth order has a second item."""
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(HEADER) + "\r\n")
        begin = np.datetime64("2026-01-01T00:00:00", "s")
        for start in range(0, lines, 100_000):
            size = min(100_000, lines - start)
            file.write(_block(rng, start, size, begin))


def _block(rng: np.random.Generator, start: int, size: int, begin: np.datetime64) -> str:
    numbers = np.arange(start, start + size)
    orders = numbers - (numbers % 5 == 4)  # the fifth line is the fourth's order again
    at = begin + (orders * 13).astype("timedelta64[s]")
    later = at + rng.integers(3600, 400_000, size).astype("timedelta64[s]")
    product = rng.integers(0, len(_PRODUCTS), size)
    cents = rng.integers(500, 20_000, size)
    status = rng.integers(0, len(_STATUSES), size)
    store = (orders * 7919) % len(_STORES)
    rows = []
    for n in range(size):
        channel, currency, country = _STORES[store[n]]
        price = "" if _STATUSES[status[n]] == "Cancelled" else f"{cents[n] / 100:.2f}"
        tax = f"{cents[n] / 600:.2f}" if price else ""
        rows.append(
            f"{300 + orders[n] % 9}-{orders[n] * 48271 % 10**7:07}-{orders[n]:07}\tM{orders[n]:09}\t{at[n]}+00:00\t{later[n]}+00:00\t"
            f"{_STATUSES[status[n]]}\t{'Amazon' if n % 3 else 'Merchant'}\t{channel}\tWebsiteOrderChannel\tExpedited\t"
            f"{_PRODUCTS[product[n]]}\tNL-{product[n]:05}-DE\tB0{product[n]:08}\tShipped\t1\t{currency}\t{price}\t{tax}\t"
            f"{'3.99' if n % 4 == 0 else ''}\t\t\t\t{'1.00' if n % 9 == 0 else ''}\t\tFlensburg\tSchleswig-Holstein\t{24937 + n % 50}\t"
            f"{country}\t{'PAWS-V2-149-2026' if n % 9 == 0 else ''}\t\tfalse\t\t\r\n"
        )
    return "".join(rows)
