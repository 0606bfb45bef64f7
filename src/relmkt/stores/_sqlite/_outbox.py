"""How does a queued message change hands? Claimed for a lease, settled under the token of that claim."""

from collections.abc import Sequence

from relmkt.exceptions import ConflictError
from relmkt.ports import Append, Row
from relmkt.stores._sqlite._session import Session
from relmkt.stores._sqlite._write import append

__all__ = ["claim", "rows", "settle"]

ROWS = (
    "SELECT o.id, s.name, o.channel, o.due, o.payload, o.state, o.token, o.until, o.tries"
    " FROM outbox o JOIN streams s ON s.id = o.stream"
)
OF_STREAM = f"{ROWS} WHERE s.name = ? ORDER BY o.due, o.id"
# An expired claim is queued again; an expired sending is taken only by who asks for it (rule R92, SEAMS A4).
READY = (
    f"{ROWS} WHERE o.state NOT IN ('sent', 'refused', 'dead') AND o.due <= ?1 AND CASE o.state"
    " WHEN 'claimed' THEN o.until <= ?1 AND instr(?2, ' queued ')"
    " WHEN 'sending' THEN o.until <= ?1 AND instr(?2, ' sending ')"
    " ELSE instr(?2, ' ' || o.state || ' ') END ORDER BY o.due, o.id LIMIT ?3"
)
TAKE = "UPDATE outbox SET state = 'claimed', token = ?, until = ?, tries = ? WHERE id = ?"
SETTLE = (
    "UPDATE outbox SET state = ?1, payload = CASE WHEN ?1 IN ('sent', 'refused', 'dead') THEN ''"
    " ELSE coalesce(?2, payload) END, until = coalesce(?3, until), due = coalesce(?4, due)"
    " WHERE id = ?5 AND token = ?6 AND state IN ('claimed', 'sending')"
)


def rows(session: Session, stream: str) -> list[Row]:
    """Outbox rows of one stream, any state, by (due, id)."""
    return [Row(*row) for row in session.run(OF_STREAM, (stream,))]


def claim(session: Session, at: int, lease: int, limit: int, states: Sequence[str]) -> list[Row]:
    """Rows due, each under a new token."""
    asked = f" {' '.join(states)} "
    ready = [Row(*row) for row in session.run(READY, (at, asked, limit)).fetchall()]
    taken = [row._replace(state="claimed", token=row.token + 1, until=at + lease, tries=row.tries + 1) for row in ready]
    session.db.executemany(TAKE, [(row.token, row.until, row.tries, row.id) for row in taken])
    return taken


def settle(
    session: Session,
    row: Row,
    to: str,
    appends: Sequence[Append],
    payload: str | None,
    until: int | None,
    due: int | None,
) -> None:
    """One transition, with its facts."""
    if not session.run(SETTLE, (to, payload, until, due, row.id, row.token)).rowcount:
        raise ConflictError("an outbox row is no longer held under that token")
    append(session, appends, {})
