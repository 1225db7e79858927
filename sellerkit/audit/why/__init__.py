"""Why: the derivation of every verdict, from its events over its clock and its rules.

A derivation audits the records of its order or thread again, alone, and tells of what that
concludes; so it cannot say anything else than the verdict. `derive` does it for rows of a finding,
`explain` for whatever an id names.
"""

from sellerkit.audit.why.derivation import Derivation
from sellerkit.audit.why.explain import derive, explain

__all__ = ["Derivation", "derive", "explain"]
