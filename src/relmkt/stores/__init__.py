"""Where are facts kept? Memory for tests and trials; SQLite for everything else."""

from relmkt.stores._memory import Memory
from relmkt.stores._sqlite import SQLite

__all__ = ["Memory", "SQLite"]
