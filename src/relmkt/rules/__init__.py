"""How much, and is it so? Measures, rules and verdicts, judged through a view: for one, for many, or on a frame."""

from relmkt.rules._measure import Derived, Limit, Measure, Scored
from relmkt.rules._rule import Comparison, Constant, Every, Known, Not, OneOf, Rule, Some, everyone
from relmkt.rules._verdict import Permit, Refusal, Verdict
from relmkt.rules._view import NAN, Judged, Measured, One, Op, Sight, View

__all__ = [
    "NAN",
    "Comparison",
    "Constant",
    "Derived",
    "Every",
    "Judged",
    "Known",
    "Limit",
    "Measure",
    "Measured",
    "Not",
    "One",
    "OneOf",
    "Op",
    "Permit",
    "Refusal",
    "Rule",
    "Scored",
    "Sight",
    "Some",
    "Verdict",
    "View",
    "everyone",
]
