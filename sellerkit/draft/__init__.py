"""Texts for owed mails, in the buyer's language, to be read, completed and sent by a person."""

from sellerkit.draft.checked import violations
from sellerkit.draft.compose import Draft, drafts, template_of
from sellerkit.draft.eml import eml, write_eml
from sellerkit.draft.owed import all_owed, chosen
from sellerkit.draft.templates import TEMPLATES, Templates, own_values, write_templates

__all__ = [
    "TEMPLATES", "Draft", "Templates", "all_owed", "chosen", "drafts", "eml", "own_values",
    "template_of", "violations", "write_eml", "write_templates",
]  # fmt: skip
