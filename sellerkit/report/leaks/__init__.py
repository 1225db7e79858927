"""No page leaves with what buyers wrote or who they are, unless it was asked for so."""

from sellerkit.report.leaks.people import mask, names_in
from sellerkit.report.leaks.scan import Leak, leaks, refuse_leaks
from sellerkit.report.leaks.words import fold

__all__ = ["Leak", "fold", "leaks", "mask", "names_in", "refuse_leaks"]
