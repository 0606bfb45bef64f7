"""What does one do with customers? Facts in, decisions out, written once: the program and what its commands return."""

from relmkt.program._outcome import Dispatch, Erasure, Export, FileReport, LoadReport, Outcome, Review, Trace
from relmkt.program._program import Program
from relmkt.program._rights import Residue

__all__ = [
    "Dispatch",
    "Erasure",
    "Export",
    "FileReport",
    "LoadReport",
    "Outcome",
    "Program",
    "Residue",
    "Review",
    "Trace",
]
