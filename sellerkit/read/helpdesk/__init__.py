"""Help desks' exports → messages."""

from sellerkit.read.helpdesk.freshdesk import FRESHDESK
from sellerkit.read.helpdesk.gorgias import GORGIAS
from sellerkit.read.helpdesk.reamaze import REAMAZE
from sellerkit.read.helpdesk.zendesk import ZENDESK

FORMATS = (ZENDESK, FRESHDESK, GORGIAS, REAMAZE)

__all__ = ["FORMATS", "FRESHDESK", "GORGIAS", "REAMAZE", "ZENDESK"]
