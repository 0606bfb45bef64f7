"""Who was erased, told so that nobody can read it? A small file beside the database, outside of its backups.

The first line is a random key, each further line one erasure: keyed digests of the streams, the digests blocked, and
what was left in their place. A line is on the disk before its erasure is committed, so that a backup restored later
is brought up to date before anything can be read from it (rule G12). Digests under the key lead back to nobody.
"""

import json
import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from relmkt.codec import Record
from relmkt.exceptions import SchemaError
from relmkt.ports import Append
from relmkt.stores._sqlite._schema import sync_directory

__all__ = ["Ledger", "Line"]


class Line(NamedTuple):
    """One erasure."""

    streams: Sequence[str]
    block: Sequence[str]
    leave: Sequence[Append]


class Ledger:
    """The file of erasures, append only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> tuple[bytes, list[Line]]:
        """The key (empty where there is no file yet) and every whole line."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return b"", []
        key, *lines = text.split(b"\n")[:-1] or [b""]  # what follows the last line end was never acknowledged
        try:
            return bytes.fromhex(key.decode()), [_line(line) for line in lines]
        except (ValueError, TypeError, KeyError):
            raise SchemaError("the erasure ledger is damaged: restore it from its own copy") from None

    def append(self, line: Line) -> bytes:
        """Write one line to the disk; the key it was digested with is the ledger's."""
        leave = [[a.stream, [list(r) for r in a.records]] for a in line.leave]
        text = json.dumps([list(line.streams), list(line.block), leave], ensure_ascii=True, separators=(",", ":"))
        key = self._key()
        with self.path.open("r+b") as file:
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)
            file.seek(whole)
            file.write(text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return key

    def _key(self) -> bytes:
        key, _ = self.lines()
        if key:
            return key
        key = os.urandom(32)
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_directory(self.path.parent)
        return key

    def digests(self, names: Sequence[str]) -> list[str]:
        """Each name's digest under the key, which is made if there is none."""
        return digests(self._key(), names)


def digests(key: bytes, names: Sequence[str]) -> list[str]:
    """Each name's digest under a key."""
    return [blake2b(name.encode(), key=key, digest_size=16).hexdigest() for name in names]


def _line(text: bytes) -> Line:
    streams, block, leave = json.loads(text)
    return Line(streams, block, [Append(name, tuple(Record(*r) for r in told)) for name, told in leave])
