"""What happened? Facts, the identifiers of those they happened to, and the kinds that more than one room reads."""

from relmkt.facts._fact import Fact, content, kind_of, own_fields, personal, stream_of
from relmkt.facts._identifier import IDENTIFYING, Identifier, Who, name_of
from relmkt.facts._kinds import (
    Answer,
    Cancellation,
    Complaint,
    ComplaintSettled,
    ConsentGiven,
    ConsentWithdrawn,
    Profile,
    Purchase,
    Recommendation,
    Return,
    Spend,
    TaskOpened,
    Visit,
    Wording,
)
from relmkt.facts._plain import Plain, plain, reader

__all__ = [
    "IDENTIFYING",
    "Answer",
    "Cancellation",
    "Complaint",
    "ComplaintSettled",
    "ConsentGiven",
    "ConsentWithdrawn",
    "Fact",
    "Identifier",
    "Plain",
    "Profile",
    "Purchase",
    "Recommendation",
    "Return",
    "Spend",
    "TaskOpened",
    "Visit",
    "Who",
    "Wording",
    "content",
    "kind_of",
    "name_of",
    "own_fields",
    "personal",
    "plain",
    "reader",
    "stream_of",
]
