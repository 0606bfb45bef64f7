"""What does the library do with a real customer base? CDNOW loaded, reviewed, written to within the law, and shown."""

from relmkt.demo._answers import answers
from relmkt.demo._consents import simulated
from relmkt.demo._policy import gate, policy
from relmkt.demo._questions import (
    ATTACHMENT,
    COMMITMENT,
    PARTS,
    QUALITY,
    QUESTIONNAIRE,
    QUESTIONS,
    SHORT,
    TRUST,
    WHOLE,
)
from relmkt.demo._run import NOW, Demonstration, run

__all__ = [
    "ATTACHMENT",
    "COMMITMENT",
    "Demonstration",
    "NOW",
    "PARTS",
    "QUALITY",
    "QUESTIONNAIRE",
    "QUESTIONS",
    "SHORT",
    "TRUST",
    "WHOLE",
    "answers",
    "gate",
    "policy",
    "run",
    "simulated",
]
