"""The text to paste: what is on file, in Amazon's order of evidence; what is not is left blank."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd

from sellerkit.show.display import Html, render
from sellerkit.show.dossier import OUTCOMES, Dossier, Row, as_code, quoted
from sellerkit.show.view import View
from sellerkit.show.words import REASONS, format_money, format_span, known

#: How sure a rule has to be to be named to Amazon: its own words, on a page or quoted.
_CITED = ("A", "B")


class Part(NamedTuple):
    """A heading and the lines under it."""

    heading: str
    lines: list[str]


@functools.cache
def _wording() -> Any:
    return tomllib.loads(files(__package__).joinpath("statement.toml").read_text("utf-8"))


def statement_of(case: Dossier, view: View) -> list[Part]:
    """Return the parts of the text, in the order in which Amazon names its evidence.

    Parameters
    ----------
    case : Dossier
    view : View
        In the zone of the order's store; with its texts the beginning of each message is quoted.

    Returns
    -------
    list of Part
        What is not on file stands as ``[to be filled in: …]``.

    Source
    ------
    Seller Central help 1781, G202041210, as policy.md of the design quotes them (A-to-z claims,
    Evidence): dispatch, carrier, tracking, proof of delivery, signature; correspondence; return
    address, label and handling; refunds.
    """
    told = _Told(case, view)
    names = ("order", "shipment", "delivery", "communication", "return", "policy", "request",
             "exhibits")  # fmt: skip
    parts = [Part("", list(told.head()))]
    for name in names:
        lines = list(getattr(told, f"{name}_part")())
        parts.append(Part(_wording()[name]["heading"], lines))
    return parts


def format_statement(parts: list[Part]) -> str:
    """Return the parts as plain text."""
    blocks = ["\n".join([*([part.heading] if part.heading else []), *part.lines]) for part in parts]
    return "\n\n".join(blocks) + "\n"


def statement_dossier(case: Dossier, view: View) -> Html:
    """Show the text in a box that one click selects, and say what it leaves out."""
    text = format_statement(statement_of(case, view))
    failed = [one.title for one in case.duties if one.verdict in ("late", "missed")]
    blank = _wording()["blank"].partition("{")[0]
    return render("statement", text=text, blanks=text.count(blank), failed=failed)


def item_line(item: Row) -> str:
    """Return the line of an item, as the reports of orders have it."""
    return _filled("order", "item", **{name: item[name] for name in _ITEM})


_ITEM = ("title", "asin", "sku", "quantity")


def _filled(part: str, name: str, **values: Any) -> str:
    """Return a sentence with its values; where one is not known, a blank stands."""
    # strangers' words keep to their line: a title may hold line ends and signs of control
    plain = {key: _line(value) if known(value) else _blank(key) for key, value in values.items()}
    text: str = _wording()[part][name]
    return text.format(**plain)


def _blank(what: str) -> str:
    text: str = _wording()["blank"]
    return text.format(what=what)


class _Told:
    """The sentences of each part."""

    def __init__(self, case: Dossier, view: View) -> None:
        self.case, self.view = case, view

    def _say(self, part: str, name: str, **values: Any) -> str:
        return _filled(part, name, **values)

    def _blank(self, part: str, name: str) -> str:
        return _blank(_wording()[part][name])

    def _at(self, moment: Any) -> str:
        return self.view.moment(moment, year=True)

    def _exhibits(self, table: str, id: str) -> str:
        numbers = self.case.exhibits_of(table, id)
        text: str = _wording()["exhibit"]
        return text.format(numbers=", ".join(map(str, numbers))) if numbers else ""

    def head(self) -> Iterator[str]:
        case = self.case
        yield self._say("head", "order", order_id=case.order_id)
        for claim in case.claims:
            yield self._say("head", "claim", claim_id=claim["claim_id"],
                            at=self._at(claim["filed_at"]), reason=REASONS[claim["reason"]],
                            amount=case.money(claim))  # fmt: skip
            if known(claim["decided_at"]):
                outcome = OUTCOMES[claim["outcome"]]
                yield self._say("head", "decided", at=self._at(claim["decided_at"]),
                                outcome=outcome)  # fmt: skip
            if known(claim["appealed_at"]):
                yield self._say("head", "appealed", at=self._at(claim["appealed_at"]))
        if not case.claims:
            yield self._say("head", "no_claim")
        yield self._say("head", "zone", zone=self.view.zone)

    def order_part(self) -> Iterator[str]:
        order, items = self.case.order, self.case.histories["order_items"]
        if order is None:
            yield self._blank("order", "no_order")
        else:
            yield self._say("order", "bought", at=self._at(order["purchased_at"]),
                            store=order["marketplace"] or _blank("store"),
                            exhibits=self._exhibits("orders", self.case.order_id))  # fmt: skip
        for item in items:
            yield item_line(item)
        if not items:
            yield self._blank("order", "no_item")
        if order is not None:
            yield self._say("order", "total", total=self.case.money())
            yield self._say("order", order["fulfillment"] or "merchant")
            if known(order["canceled_at"]):
                who = order["canceled_by"] or "somebody who is not on file"
                yield self._say("order", "canceled", at=self._at(order["canceled_at"]), who=who)

    def shipment_part(self) -> Iterator[str]:
        of = self.case.of_order
        if known(of("latest_ship_at")):
            yield self._say("shipment", "latest", at=self._at(of("latest_ship_at")))
        if known(of("shipped_at")):
            when = self._beside(of("shipped_at"), of("latest_ship_at"))
            yield self._say("shipment", "shipped", at=self._at(of("shipped_at")), when=when)
        else:
            yield self._blank("shipment", "not_shipped")
        yield (self._say("shipment", "carrier", carrier=of("carrier")) if known(of("carrier"))
               else self._blank("shipment", "no_carrier"))  # fmt: skip
        yield (self._say("shipment", "tracking", number=of("tracking_id"))
               if known(of("tracking_id")) else self._blank("shipment", "no_tracking"))  # fmt: skip
        yield self._blank("shipment", "address")

    def _beside(self, at: pd.Timestamp, limit: Any) -> str:
        if not known(limit):
            return ""
        name = "before" if at <= limit else "after"
        return self._say("shipment", name, span=format_span(abs(at - limit)))

    def delivery_part(self) -> Iterator[str]:
        of = self.case.of_order
        if known(of("promised_by")):
            yield self._say("delivery", "promised", at=self._at(of("promised_by")))
        if known(of("delivered_at")):
            when = self._beside(of("delivered_at"), of("promised_by"))
            yield self._say("delivery", "delivered", at=self._at(of("delivered_at")), when=when)
        else:
            yield self._blank("delivery", "not_delivered")
        signed = of("signature")
        name = {True: "signed", False: "unsigned"}.get(signed) if known(signed) else None
        yield self._say("delivery", name) if name else self._blank("delivery", "no_signature")
        yield self._blank("delivery", "proof")

    def communication_part(self) -> Iterator[str]:
        histories = self.case.histories
        rows = [(row["sent_at"], "messages", row) for row in histories["messages"]]
        rows += [(row["started_at"], "calls", row) for row in histories["calls"]]
        waiting: Any = None
        for at, table, row in sorted(rows, key=lambda each: each[:2]):
            name = row["direction"] if table == "calls" else _kind(row)
            id = row["call_id" if table == "calls" else "message_id"]
            values = {"at": self._at(at), "exhibits": self._exhibits(table, id)}
            if name == "seller":
                values["after"] = "" if waiting is None else self._say(
                    "communication", "after", span=format_span(at - waiting))  # fmt: skip
            # the first message that waits starts the span, the answer ends it
            waiting = {"buyer": waiting or at, "seller": None}.get(name, waiting)
            yield self._say("communication", name, **values)
            yield from self._quoted(row)
        if not rows:
            yield self._blank("communication", "none")

    def _quoted(self, row: Row) -> Iterator[str]:
        said = quoted(row.get("body") or row.get("notes"), self.view)
        if said:
            yield self._say("communication", "said", excerpt=said)

    def return_part(self) -> Iterator[str]:
        rows = self.case.histories["returns"]
        for row in rows:
            yield from self._return(row)
        if not rows:
            yield self._say("return", "none")
        if not any(known(row["refunded_at"]) for row in rows):
            yield self._blank("return", "no_refund")
        asked = any(claim["reason"] in ("not_as_described", "refund_not_issued")
                    for claim in self.case.claims)  # fmt: skip
        if rows or asked:
            yield self._blank("return", "address")

    def _return(self, row: Row) -> Iterator[str]:
        code = as_code(row["reason"])
        reason = self._say("return", "reason", reason=code) if code else ""
        policy = {True: "in_policy", False: "out_of_policy"}.get(row["in_policy"])
        yield self._say("return", "requested", at=self._at(row["requested_at"]),
                        return_id=row["return_id"], reason=reason,
                        policy=self._say("return", policy) if policy else "",
                        exhibits=self._exhibits("returns", row["return_id"]))  # fmt: skip
        if known(row["authorized_at"]):
            who = {"amazon": "Amazon", "seller": "us"}.get(row["authorized_by"], "somebody")
            yield self._say("return", "authorized", at=self._at(row["authorized_at"]), who=who)
        if known(row["refunded_at"]):
            amount = format_money(row["refund_amount"], row["currency"])
            yield self._say("return", "refunded", at=self._at(row["refunded_at"]), amount=amount)
        if known(row["closed_at"]):
            yield self._say("return", "closed", at=self._at(row["closed_at"]))
        if row["label"]:
            yield self._say("return", "label", label=row["label"])
        if row["tracking_id"]:
            yield self._say("return", "return_tracking", number=row["tracking_id"])

    def policy_part(self) -> Iterator[str]:
        lines = [*self._held()]
        for ready in self.case.readiness.values():
            names = {"no_silence": "no_silence", "tracking": "tracked"}
            lines += [self._say("policy", name) for item, name in names.items() if ready[item]]
        yield from dict.fromkeys(lines)
        if not lines:
            yield self._blank("policy", "none")

    def _held(self) -> Iterator[str]:
        """Yield the duties that were met; what rests on a limit of ours is not told to Amazon."""
        for one in self.case.duties:
            rule = one.rules[0] if one.rules else None
            own = one.clock.limit.startswith("the time that")
            if one.verdict != "met" or not (own or (rule and rule.mark in _CITED)):
                continue
            yield self._say(
                "policy", "held", title=one.title, due=self._at(one.clock.due_at),
                limit=_wording()["policy"]["own"] if own else one.clock.limit,
                done=self._at(one.clock.stopped_at),
                source=_wording()["policy"]["of_claim"] if own or not rule else rule.source,
            )  # fmt: skip

    def request_part(self) -> Iterator[str]:
        yield self._blank("request", "blank")

    def exhibits_part(self) -> Iterator[str]:
        for one in self.case.exhibits:
            at = f", {self._at(one.at)}" if known(one.at) else f", {one.shown_file}"
            number = f"{one.number:>2}"
            yield self._say("exhibits", "line", number=number, what=one.what, at=at)
        if not self.case.exhibits:
            yield self._blank("exhibits", "none")


def _kind(row: Row) -> str:
    """Return what a message is to a reader: who wrote, and whether it reached the buyer."""
    if row["sender"] == "seller" and row["undelivered"]:
        return "undelivered"
    return "automated" if row["sender"] == "seller" and row["automated"] else str(row["sender"])


def _line(value: Any) -> str:
    """Return a value on one line, without signs of control."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " for sign in text)
