"""How do two streams become one person? A `Merged` fact in both, and an edge, in one commit.

Time passes on both sides first; a merge is no news, nothing fires by it. Both sides' versions are expected, so that
whoever had read either of them must read again.
"""

from relmkt.customers import Merged
from relmkt.exceptions import ConflictError
from relmkt.ports import Edge
from relmkt.program._person import House
from relmkt.windows import Instant

__all__ = ["joined"]

_TRIES = 64


def joined(house: House, one: str, other: str, at: int, arrived: int, *, actor: str, reason: str) -> None:
    """Make one person of two; nothing happens where they are one already."""
    for _ in range(_TRIES):
        try:
            return _once(house, one, other, at, arrived, actor, reason)
        except ConflictError:
            continue
    raise ConflictError("others kept writing to the customers that were to be joined")


def _once(house: House, one: str, other: str, at: int, arrived: int, actor: str, reason: str) -> None:
    sides = [house.load(name) for name in (one, other)]
    if sides[0].root == sides[1].root:
        return
    for side in sides:
        side.catch_up()
    now = Instant(max(at, *(side.seen for side in sides)))
    for side in sides:
        side.pass_to(now)
    a, b = sorted(side.root for side in sides)
    merge = f"merge.{a}.{b}.{int(now)}"
    for side in sides:
        merged = Merged(side.root, now, a, b, actor=actor, reason=reason, id=merge, source="program")
        side.written.setdefault(side.root, []).append(merged)
    appends = [append for side in sides for append in side.appends(arrived)]
    unique = {append.stream: append for append in appends}
    rows = [row for side in sides for row in side.rows()]
    house.store.commit(list(unique.values()), rows, None, (), [Edge(merge, a, b, True)])
