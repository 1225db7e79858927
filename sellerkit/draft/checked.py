"""What in a draft breaks Amazon's rules on what a seller may write."""

from __future__ import annotations

import pandas as pd

from sellerkit.draft.compose import Draft
from sellerkit.text.lint import lint


def violations(drafts: list[Draft]) -> list[list[str]]:
    """Return for each draft why it breaks a rule, a sentence each.

    A check-in is judged as a message that no buyer asked for, any other as the answer or the
    notice that it is.
    """
    frame = pd.DataFrame(
        {
            "subject": [draft.subject for draft in drafts],
            "body": [draft.text for draft in drafts],
            "language": [draft.to.language for draft in drafts],
            "marketplace": [draft.duty["marketplace"] for draft in drafts],
            "proactive": [draft.template == "check_in" for draft in drafts],
        }
    )
    found: list[list[str]] = [[] for _ in drafts]
    if drafts:
        for row in lint(frame.astype({n: "str" for n in frame if n != "proactive"})).itertuples():
            found[row.row].append(f"{row.severity}: {row.why}")
    return found
