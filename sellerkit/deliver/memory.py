"""What each channel was told, in one small file; each channel has a memory of its own.

So where one channel cannot be reached, the others are not told twice, and it gets all of it later.
What was sent is noted after it was sent: a crash in between repeats it at worst, it loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sellerkit.deliver.news import News
from sellerkit.errors import DeliveryError, InputError
from sellerkit.incidents import Failure
from sellerkit.report.writing import write_whole

#: After so long an account that nobody looks at is taken to be none any more.
_FORGOTTEN = pd.Timedelta(days=60)

#: An incident as it is kept: its account, the sentence that may leave this machine, whether it was
#: over when it was told, and as of when it was last so.
Told = dict[str, Any]


@dataclass
class Memory:
    """What one channel knows.

    Attributes
    ----------
    last : str
        As of when it got its last message; empty before the first.
    waiting : dict
        Failures by their key that it was not told yet.
    standing : dict
        Those that it was told and that are not known to be mended.
    sent : dict
        By account, the findings from which news was told (``since``) and the ids of it that were
        sent: the findings move on only once all channels were told.
    failing : bool
        Whether its last message could not be sent.
    """

    last: str = ""
    waiting: dict[str, Told] = field(default_factory=dict)
    standing: dict[str, Told] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: bool = False

    def note(
        self, failures: Collection[Failure], accounts: Collection[str], as_of: pd.Timestamp
    ) -> None:
        """Take in the failures of a run; of accounts that it did not look at nothing is known.

        What is over is remembered as long as the same run may come again, and what is not looked
        at any more for `_FORGOTTEN`.
        """
        found, now = {failure.key: failure for failure in failures}, as_of.isoformat()
        looked_at = {"", *accounts}
        for key, told in list(self.standing.items()):
            if key in found:
                told["at"] = now
            elif told["over"]:
                if told["at"] != now:
                    del self.standing[key]
            elif told["account"] in looked_at or as_of - pd.Timestamp(told["at"]) > _FORGOTTEN:
                del self.standing[key]
        for key, failure in found.items():
            if key not in self.standing and key not in self.waiting:
                self.waiting[key] = {
                    "account": failure.account, "told": failure.told, "over": failure.over,
                    "at": now,
                }  # fmt: skip

    def new(self, news: Mapping[str, News]) -> dict[str, News]:
        """Return the news that it does not know, by account."""
        found = {}
        for name, one in news.items():
            known = self.sent.get(name, {})
            same = known.get("since") == _moment(one.since)
            found[name] = one.without(frozenset(known["ids"]) if same else frozenset())
        return {name: one for name, one in found.items() if not one.empty}

    def sent_all(
        self, new: Mapping[str, News], failures: Collection[Failure], as_of: pd.Timestamp
    ) -> None:
        """Remember that it got a message with all that was new and waiting."""
        self.last, self.failing = as_of.isoformat(), False
        now = {failure.key for failure in failures}
        self.standing |= {key: told for key, told in self.waiting.items() if key in now}
        self.waiting = {}
        for name, one in new.items():
            since, known = _moment(one.since), self.sent.get(name, {})
            before = known["ids"] if known.get("since") == since and known else []
            ids = sorted({*before, *(item.id for item in one.items)})
            self.sent[name] = {"since": since, "ids": ids}


def _moment(moment: pd.Timestamp | None) -> str:
    return "" if moment is None else moment.isoformat()


def read_memories(path: Path, names: Sequence[str]) -> dict[str, Memory]:
    """Return what is remembered of some channels; of one that is new nothing.

    Raises
    ------
    InputError
        The file is none; the message says that it may be removed.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        return {name: Memory(**said.get(name, {})) for name in names}
    except FileNotFoundError:
        return {name: Memory() for name in names}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}); where it is removed, what is not "
            "mended is told once more"
        ) from error


def write_memories(path: Path, memories: Mapping[str, Memory]) -> None:
    """Write the file whole; what stays the same is not written.

    Raises
    ------
    DeliveryError
        It cannot be written: a full disk.
    """
    said = {name: vars(memory) for name, memory in memories.items()}
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        if not path.is_file() or path.read_text("utf-8") != text:
            write_whole(path, text.encode())
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be written: {error.strerror}") from error
