"""What a demonstration left behind: every fact, every outbox row, every message, everybody's stage."""

import hashlib
from pathlib import Path
from typing import Any

from relmkt.demo import NOW
from relmkt.portfolio import Portfolio
from relmkt.stages import phase, relationship
from relmkt.stores import SQLite

CUSTOMERS = 2000


def facts(store: SQLite) -> dict[tuple[str, str, str], Any]:
    """Every record under (stream, source, id), without its place in the order of arrival."""
    return {(stream, r.source, r.id): r._replace(position=0) for stream, r in store.changes(0, 1 << 30)}


def messages(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((folder / "mail" / "new").iterdir())}


def stages(store: SQLite) -> dict[str, tuple[str, str]]:
    base = Portfolio(store, at=NOW)
    return dict(zip(base.ids.tolist(), zip(base.ask(relationship()), base.ask(phase()), strict=True), strict=True))


def left(folder: Path) -> dict[str, Any]:
    with SQLite(folder / "shop.db") as store:
        told = facts(store)
        rows = {row.id: (row.state, row.due, row.channel) for stream, _, _ in told for row in store.rows(stream)}
        return {"facts": told, "rows": rows, "mail": messages(folder), "stages": stages(store)}
