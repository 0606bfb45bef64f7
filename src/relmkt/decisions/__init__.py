"""What next? Triggers propose, a policy ranks, a gate permits or refuses."""

from relmkt.decisions._gate import Clause, Gate
from relmkt.decisions._moments import (
    OpenComplaints,
    Rhythm,
    after_purchase,
    birthday,
    lapse,
    no_reply,
    open_complaints,
    thank_regular,
)
from relmkt.decisions._policy import Policy
from relmkt.decisions._trigger import Fired, Newest, Proposal, Task, Trigger, anchor_of

__all__ = [
    "Clause",
    "Fired",
    "Gate",
    "Newest",
    "OpenComplaints",
    "Policy",
    "Proposal",
    "Rhythm",
    "Task",
    "Trigger",
    "after_purchase",
    "anchor_of",
    "birthday",
    "lapse",
    "no_reply",
    "open_complaints",
    "thank_regular",
]
