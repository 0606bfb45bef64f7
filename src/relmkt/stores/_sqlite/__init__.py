"""The store that a program uses unless told otherwise: one SQLite file, by the standard library alone."""

from relmkt.stores._sqlite._store import SQLite

__all__ = ["SQLite"]
