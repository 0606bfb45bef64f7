"""Where do they stand? Stages of the relationship ladder, and phases with the policies that belong to them."""

from relmkt.stages._by_phase import ByPhase, Proposing, by_phase
from relmkt.stages._phase import Phase, phase, phases
from relmkt.stages._relationship import Stage, attributed_recommendations, kept_purchases, relationship

__all__ = [
    "ByPhase",
    "Phase",
    "Proposing",
    "Stage",
    "attributed_recommendations",
    "by_phase",
    "kept_purchases",
    "phase",
    "phases",
    "relationship",
]
