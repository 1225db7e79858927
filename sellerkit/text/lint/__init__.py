"""What a seller may not write to a buyer: told from a text, with the exact places."""

from sellerkit.text.lint.check import (
    LONGEST,
    lint,
    lint_with_requests,
    phrases_tell,
    review_requests,
)
from sellerkit.text.lint.rules import rules

__all__ = ["LONGEST", "lint", "lint_with_requests", "phrases_tell", "review_requests", "rules"]
