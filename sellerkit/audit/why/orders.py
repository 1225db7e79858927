"""What is concluded of an order over several duties: claims, exposure, calls."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sellerkit import tables
from sellerkit.audit.why.case import Case, Row, event, listed
from sellerkit.audit.why.derivation import Derivation, Event, Id, Item, RuleRow, Said, said

_FLAGS: dict[object, str] = {None: "unknown", True: "yes", False: "no"}

_CALL_VERDICTS = {
    "email_owed": "A mail was owed when the call began; a call never replaces it.",
    "delivery": "No mail was owed, and the purpose of the call was {purpose}.",
    "not_permitted": "No mail was owed; only calls about a delivery were allowed ({rule}), and the "
    "buyer did not ask for it.",
    "requested": "No mail was owed, and the buyer asked for the call.",
    "complex": "No mail was owed, and buyer and seller had taken turns 4 times or more before it.",
    "email_preferred": "No mail was owed, nobody asked for the call, and a mail would have done.",
}


def call(case: Case, row: Row) -> Derivation:
    """Derive the verdict on a call: rules.md, Calls."""
    (own,) = case.rows("calls", row["account"], call_id=row["call_id"])
    orders = _of_order(case, "orders", row)
    store = orders[0]["marketplace"] if orders else None
    rules = case.rule_at("phone.delivery_only", row["started_at"], store)
    duties = [each for each in _duties(case, row) if _owed(each, row["started_at"])]
    steps = [said("The call began at {at}.", at=row["started_at"])]
    steps += [
        said("{kind}, triggered at {at}, was not satisfied at that time (due by {due}).",
             kind=_name(each).capitalize(), at=each["trigger_at"], due=each["due_at"])
        for each in duties
    ]  # fmt: skip
    if not duties:
        steps.append(said("No inquiry, return or claim of the order was waiting for a mail then."))
    verdict = said(_CALL_VERDICTS[row["verdict"]], purpose=own["purpose"], rule=rules[0].name)
    written = "The seller wrote" if row["followed_up"] else "The seller did not write"
    steps += [verdict, said(written + " on the order in the 24 hours after it.")]
    mine = event("calls", own, "started_at", f"a call, {own['direction']}", "judged")
    events, left_out = listed([mine, *_messages(case, row)], row["started_at"])
    return Derivation(
        "call", row["call_id"], row["account"], "Telephone call", row["verdict"],
        order_id=row["order_id"], steps=tuple(steps), events=events, left_out=left_out,
        rules=rules, agrees=case.agrees("calls_review", row, "call_id"),
    )  # fmt: skip


def exposure(case: Case, row: Row) -> Derivation:
    """Derive that an order without a claim could have one: rules.md, Exposure before any claim."""
    (order,) = case.rows("orders", row["account"], order_id=row["order_id"])
    steps, rules = _possible_until(case, row, order)
    steps += _told(each for each in _duties(case, row) if each["status"] in ("late", "missed"))
    if row["claimable_from"] is not None:
        asked = _first_asked(case, row)
        rules += case.rule_at("claim.contact_wait_hours", asked, order["marketplace"])
        words = "The buyer first asked at {asked}; after {wait} he may file, from {at} on."
        from_at = row["claimable_from"]
        steps.append(said(words, asked=asked, wait=rules[-1].value, at=from_at))
    silence = case.rule_at("claim.silence_hours", case.as_of, order["marketplace"])
    known = row["auto_lost"] if silence[0].value != "none" else None
    steps.append(said(_SILENCE[known], limit=silence[0].value))
    events, left_out = listed(_messages(case, row), case.as_of)
    return Derivation(
        "exposure", row["order_id"], row["account"], "Order that could have a claim",
        "auto_lost" if row["auto_lost"] else "exposed", order_id=row["order_id"],
        steps=tuple(steps), events=events, left_out=left_out, rules=rules + silence,
        agrees=case.agrees("exposure", row, "order_id"),
    )  # fmt: skip


def _possible_until(case: Case, row: Row, order: Row) -> tuple[list[Said], tuple[RuleRow, ...]]:
    """Return why a claim is still possible, and the rule."""
    base, name = next(
        (order[column], column.replace("_", " "))
        for column in ("promised_by", "delivered_at", "shipped_at", "purchased_at")
        if order[column] is not None
    )
    rules = case.rule_at("claim.window_days", base, order["marketplace"])
    words = "{rule} allows {limit} from {base} ({name}): a claim is possible until {ends}."
    ends = row["claim_window_ends_at"]
    first = said("No claim is on file for the order, and it is the seller who ships it.")
    until = said(words, rule=rules[0].name, limit=rules[0].value, base=base, name=name, ends=ends)
    return [first, until], rules


_SILENCE = {
    None: "There is no rule on silence.",
    True: "Something that he asked has been without an answer for longer than {limit}: Amazon "
    "would grant it now.",
    False: "Nothing that he asked has been without an answer for longer than {limit}.",
}


def claim(case: Case, row: Row) -> Derivation:
    """Derive how ready a claim is, item by item: rules.md, A-to-z readiness."""
    (own,) = case.rows("claims", row["account"], claim_id=row["claim_id"])
    orders = _of_order(case, "orders", row)
    store = orders[0]["marketplace"] if orders else None
    facts = _Facts(case, row, orders[0] if orders else None)
    items = tuple(Item(name, row[name], getattr(facts, name)()) for name in tables.CHECKLIST)
    rules = case.rule_at("claim.silence_hours", row["filed_at"], store)
    filed = event("claims", own, "filed_at", "the claim was filed", "judged")
    events, left_out = listed([filed, *_messages(case, row)], row["filed_at"])
    return Derivation(
        "claim", row["claim_id"], row["account"], "Readiness of an A-to-z claim", row["verdict"],
        order_id=row["order_id"], steps=tuple(_claim_steps(row, items)), events=events,
        left_out=left_out, rules=rules, items=items,
        agrees=case.agrees("claims_readiness", row, "claim_id"),
    )  # fmt: skip


def _claim_steps(row: Row, items: Iterable[Item]) -> Iterable[Said]:
    held = [each.value for each in items if each.value is not None]
    yield said("The claim was filed at {at}, reason {reason}.", at=row["filed_at"],
               reason=row["reason"].replace("_", " "))  # fmt: skip
    yield said("Of the {all} items that apply, {true} hold.", all=len(held), true=sum(held))
    yield said({
        "ready": "No item fails: ready.",
        "gaps": "Those that fail are holes, but none loses it by itself: gaps.",
        "indefensible": "Silence, or an item not received without tracking, loses it by itself: "
        "indefensible.",
    }[row["verdict"]])  # fmt: skip
    if row["hours_left"] is not None:
        yield said("{left} hours are left to answer.", left=f"{row['hours_left']:,.1f}")


class _Facts:
    """For each item of the checklist what is on file about it, in words."""

    def __init__(self, case: Case, row: Row, order: Row | None) -> None:
        self.case, self.row, self.order = case, row, order
        self.duties = [d for d in _duties(case, row) if d["status"] != "not_applicable"]

    def _column(self, name: str) -> object:
        value = self.order[name] if self.order else None
        return _FLAGS.get(value, value) if value is None or isinstance(value, bool) else value

    def order_on_file(self) -> Said:
        where = "is on file" if self.order else "is on no file that was read"
        return said("order {id} {where}", id=self.row["order_id"], where=where)

    def tracking(self) -> Said:
        return said("carrier {carrier}, tracking number {number}", carrier=self._column("carrier"),
                    number=self._column("tracking_id"))  # fmt: skip

    def shipped_on_time(self) -> Said:
        return said("shipped {at}, latest {latest}", at=self._column("shipped_at"),
                    latest=self._column("latest_ship_at"))  # fmt: skip

    def delivery_proof(self) -> Said:
        return said("delivered {at}, signature {signature}, claim filed {filed}",
                    at=self._column("delivered_at"), signature=self._column("signature"),
                    filed=self.row["filed_at"])  # fmt: skip

    def contacted_before(self) -> Said:
        sent = self.case.rows("messages", self.row["account"], order_id=self.row["order_id"])
        first = next((each for each in sent if self.case.is_answer(each)), None)
        if first is None:
            return said("the seller never wrote on the order")
        words = "the seller first wrote at {at} ({id}), claim filed {filed}"
        filed = self.row["filed_at"]
        return said(words, at=first["sent_at"], id=Id(first["message_id"]), filed=filed)

    def inquiries_answered(self) -> Said:
        return self._each(
            d for d in self.duties
            if d["kind"] == "inquiry" and d["status"] != "waived"
            and d["due_at"] <= self.row["filed_at"]
        )  # fmt: skip

    def no_silence(self) -> Said:
        filed = self.row["filed_at"]
        rows = self.case.findings("contacts", self.row["account"], order_id=self.row["order_id"])
        asked = [(r["sent_at"], r["answered_at"]) for r in rows if r["status"] != "waived"]
        asked += [
            (d["trigger_at"], d["satisfied_at"]) for d in self.duties
            if d["kind"] == "return" and d["thread_id"] is None and d["status"] != "waived"
        ]  # fmt: skip
        waiting = [at for at, done in asked if at < filed and (done is None or done > filed)]
        if not waiting:
            return said(
                "nothing that the buyer asked was without an answer at {filed}", filed=filed
            )
        return said("since {at} the buyer was without an answer at {filed}", at=min(waiting),
                    filed=filed)  # fmt: skip

    def return_answered(self) -> Said:
        return self._each(d for d in self.duties if d["kind"] == "return")

    def problem_notified(self) -> Said:
        return self._each(d for d in self.duties if d["kind"] == "order_problem")

    def claim_answered(self) -> Said:
        return self._each(
            d for d in self.duties
            if d["kind"] == "claim" and d["trigger_at"] == self.row["filed_at"]
        )  # fmt: skip

    def refund_recorded(self) -> Said:
        rows = self.case.rows("returns", self.row["account"], order_id=self.row["order_id"])
        refunded = [each["refunded_at"] for each in rows if each["refunded_at"] is not None]
        if refunded:
            return said("refunded at {at}", at=min(refunded))
        return said("no return of the order has a refund on file")

    def _each(self, duties: Iterable[Row]) -> Said:
        rows = list(duties)
        if not rows:
            return said("the order has none")
        words = ", ".join(f"{_name(d)} {{at{n}}} {d['status']}" for n, d in enumerate(rows[:5]))
        more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
        return said(words + more, **{f"at{n}": d["trigger_at"] for n, d in enumerate(rows[:5])})


def _owed(duty: Row, at: pd.Timestamp) -> bool:
    """Tell whether a mail was owed at an instant, as rules.md, Calls says."""
    return (
        duty["kind"] != "order_problem"
        and duty["status"] not in ("waived", "not_applicable")
        and duty["trigger_at"] <= at
        and (duty["satisfied_at"] is None or duty["satisfied_at"] > at)
    )


def _told(duties: Iterable[Row]) -> Iterable[Said]:
    for each in duties:
        yield said("{kind}, triggered at {at} and due by {due}, was {status}.",
                   kind=_name(each).capitalize(), at=each["trigger_at"], due=each["due_at"],
                   status=each["status"])  # fmt: skip


def _first_asked(case: Case, row: Row) -> pd.Timestamp:
    """Return when the buyer first wrote on the order or asked for a return."""
    sent, asked = _of_order(case, "messages", row), _of_order(case, "returns", row)
    moments = [each["sent_at"] for each in sent if each["sender"] == "buyer"]
    moments += [each["requested_at"] for each in asked if each["requested_at"] is not None]
    return min(moments)


def _name(duty: Row) -> str:
    return str(duty["problem"] or duty["kind"]).replace("_", " ")


def _of_order(case: Case, name: str, row: Row) -> list[Row]:
    if row["order_id"] is None:
        return []
    return case.rows(name, row["account"], order_id=row["order_id"])


def _duties(case: Case, row: Row) -> list[Row]:
    if row["order_id"] is None:
        return []
    return case.findings("obligations", row["account"], order_id=row["order_id"])


def _messages(case: Case, row: Row) -> list[Event]:
    return [case.message_event(each) for each in _of_order(case, "messages", row)]
