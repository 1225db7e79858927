"""What a message is about, and which rule said so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sellerkit.text import ngrams
from sellerkit.text.words import alternation, folded, holds, load, replaced, says

_FILE = "topics.toml"

#: The buyer's own words, a file per language. Asked in this order: claim; solved (asks nothing any
#: more); refund_due (money that should have come); return (in so many words) and return_sign (a
#: label, a collection, another size); errand (an invoice, a cancellation, another address);
#: order_problem; refund (the bare word); product; closing (arrived, thanks first); question;
#: thanks.
_PHRASES = "phrases"

#: What is shorter, in letters, says nothing.
_A_SENTENCE = 8


def topic(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each message's topic and the rule that decided it.

    A topic that is already there stands: a notice's comes from its headers, which its reader saw.
    A buyer's message is asked, first match wins: Amazon's subject templates, the topic word in the
    subject, Amazon's reason code, the buyer's own words. A claim or a return told from the words
    alone needs an order, and its rule ends in ``(low)``. So does the rule of a statement that has
    no phrase at all: who has an order and neither asks nor thanks tells of something wrong.

    Parameters
    ----------
    frame : pd.DataFrame
        Columns `sender`, `subject`, `body`, `order_id`, `language`, `topic`, `topic_rule` of
        `sellerkit.tables.MESSAGES`. Any order, any index.

    Returns
    -------
    pd.DataFrame
        ``topic``, ``topic_rule`` (``str``), index of `frame`. ``topic_rule`` is ``given`` where a
        topic came with the message, else ``subject:…``, ``word:…``, ``reason:…``, ``words:…`` or
        ``else``.
    """
    decision = _Decision(frame)
    decision.of_notices((frame["sender"] == "amazon").fillna(False).astype(bool))
    by_words = decision.of_buyers((frame["sender"] == "buyer").fillna(False).astype(bool))
    decision.of_sellers((frame["sender"] == "seller").fillna(False).astype(bool))
    decision.weigh(by_words)
    return decision.result()


def by_phrases(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what the phrases alone say of buyers' messages, before the wording is weighed.

    Parameters and columns as of `topic`; what `benchmarks/fit_topics.py` learns from.
    """
    decision = _Decision(frame)
    decision.of_buyers(pd.Series(True, index=frame.index))
    return decision.result()


class _Decision:
    """The topics of many messages while they are being decided: what is decided stays."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.subject, self.wording = folded(frame["subject"]), folded(frame["body"])
        self.body = _read(self.wording)
        self.language = frame["language"]
        self.has_order = frame["order_id"].notna()
        given = frame["topic"].notna()
        self.topic = frame["topic"].astype("object")
        self.rule = frame["topic_rule"].where(given).astype("object")
        self.rule[given & self.rule.isna()] = "given"

    def result(self) -> pd.DataFrame:
        columns = {"topic": self.topic, "topic_rule": self.rule}
        return pd.DataFrame(columns).astype("str")

    def decide(self, hits: pd.Series, topic: str, rule: str) -> None:
        """Set topic and rule where they hit and nothing is decided yet."""
        new = hits & self.topic.isna()
        self.topic[new] = topic
        self.rule[new] = rule

    def open(self, among: pd.Series) -> pd.Series:
        return among & self.topic.isna()

    def has(self, texts: pd.Series, among: pd.Series, table: str, kind: str) -> pd.Series:
        """Tell which open messages have a phrase of a list that is not per language."""
        here = self.open(among)
        found = pd.Series(False, index=texts.index)
        if here.any():
            pattern = alternation(load(_FILE)[table][kind])
            found[here] = holds(texts[here], pattern)
        return found

    def says(self, among: pd.Series, kind: str) -> pd.Series:
        """Tell which open messages have a phrase in the body, or the subject of an empty one."""
        here = self.open(among)
        found = pd.Series(False, index=self.body.index)
        if here.any():
            found[here] = says(self.body[here], self.language[here], _PHRASES, kind)
            bare = here & (self.body == "")
            found[bare] = says(self.subject[bare], self.language[bare], _PHRASES, kind)
        return found

    def of_notices(self, notices: pd.Series) -> None:
        for kind in ("claim", "return", "refund"):
            self.decide(self.has(self.subject, notices, "subject", kind), kind, f"subject:{kind}")
        self._on_behalf(notices)
        self.decide(notices, "notice", "else")

    def of_buyers(self, buyers: pd.Series) -> pd.Series:
        """Decide buyers' messages; tell which of them only their own words decided."""
        self._by_subject(buyers)
        self._on_behalf(buyers)
        for kind in ("return", "order_problem"):
            self.decide(self.has(self.body, buyers, "reason", kind), kind, f"reason:{kind}")
        by_words = self.open(buyers)
        self._by_words(buyers)
        asked = self.has(self.subject, buyers, "subject", "any_question")
        self.decide(asked, "inquiry", "subject:inquiry")
        self.decide(buyers, "other", "else")
        return by_words

    def weigh(self, among: pd.Series) -> None:
        """Weigh what the phrases say against the wording as a whole, where that is known."""
        rows = np.flatnonzero((among & (self.wording != "")).to_numpy(bool))
        found = ngrams.weighed(
            self.wording.iloc[rows],
            self.language.iloc[rows],
            self.rule.iloc[rows].to_numpy(object),
            self.has_order.iloc[rows].to_numpy(bool),
        )
        told = self.topic.iloc[rows].to_numpy(object)
        other = np.array([word is not None for word in found], dtype=bool) & (found != told)
        places = self.topic.index[rows[other]]
        self.topic[places] = found[other]
        self.rule[places] = "words:wording (low)"

    def of_sellers(self, sellers: pd.Series) -> None:
        self.decide(self.says(sellers, "check_in"), "check_in", "words:check_in")
        self.decide(sellers, "other", "else")

    def _on_behalf(self, among: pd.Series) -> None:
        """Take the reason that Amazon's customer service names when it writes for a buyer."""
        behalf = self.has(self.body, among, "on_behalf", "sentence")
        for kind in ("return", "refund", "order_problem"):
            self.decide(self.has(self.body, behalf, "on_behalf", kind), kind, f"reason:{kind}")

    def _by_subject(self, buyers: pd.Series) -> None:
        wants_return = self.says(buyers & self.has_order, "return")
        for kind in ("claim", "return", "refund"):
            self.decide(self.has(self.subject, buyers, "subject", kind), kind, f"subject:{kind}")
        problem = self.has(self.subject, buyers, "subject", "order_problem")
        worded = self.has(self.subject, buyers, "subject", "word_order_problem")
        # damage and a return in one message: what is wanted is the return
        self.decide((problem | worded) & wants_return, "return", "words:return (low)")
        self.decide(problem, "order_problem", "subject:order_problem")
        cancel = self.has(self.subject, buyers, "subject", "cancel")
        self.decide(cancel, "inquiry", "subject:cancel")
        self.decide(worded, "order_problem", "word:order_problem")
        hurries = self.has(self.subject, buyers, "subject", "word_hurry")
        late = hurries & self.says(hurries, "order_problem")
        self.decide(late, "order_problem", "words:order_problem")
        self.decide(hurries, "inquiry", "word:inquiry")
        for kind in ("return", "inquiry"):
            word = self.has(self.subject, buyers, "subject", f"word_{kind}")
            self.decide(word, kind, f"word:{kind}")

    def _by_words(self, buyers: pd.Series) -> None:
        asks = holds(self.body, "[?？]")
        with_order = buyers & self.has_order
        self.decide(self.says(with_order, "claim"), "claim", "words:claim (low)")
        self.decide(self.says(buyers & ~asks, "solved"), "other", "words:solved")
        self.decide(self.says(buyers, "refund_due"), "refund", "words:refund")
        self.decide(self.says(with_order, "return"), "return", "words:return (low)")
        self.decide(self.says(with_order, "return_sign"), "return", "words:return (low)")
        self.decide(self.says(buyers, "errand"), "inquiry", "words:errand")
        for kind in ("order_problem", "refund"):
            self.decide(self.says(buyers, kind), kind, f"words:{kind}")
        self.decide(self.says(buyers, "product"), "inquiry", "words:product")
        self.decide(self.says(buyers & ~asks, "closing"), "other", "words:closing")
        self.decide(buyers & asks, "inquiry", "words:question")
        self.decide(self.says(buyers, "question"), "inquiry", "words:question")
        self.decide(self.says(buyers, "thanks"), "other", "words:thanks")
        # who has bought something and neither asks nor thanks tells of something that is wrong
        tells = with_order & self.language.notna() & (self.body.str.len() >= _A_SENTENCE)
        self.decide(tells, "order_problem", "words:statement (low)")


def _read(texts: pd.Series) -> pd.Series:
    """Return folded texts with phrases put in other words that would be taken for another topic."""
    for word, phrases in load(_FILE)["read_as"].items():
        texts = replaced(texts, alternation(phrases), word)
    return texts
