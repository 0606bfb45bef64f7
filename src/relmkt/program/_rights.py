"""What may they ask of us? A copy of everything, and to be forgotten.

An export holds every fact, link and outbox row of the person. An erasure leaves, for what belongs to no campaign, one
unlinkable row a day, kind and currency on the programme's own stream, so that totals stand; and digests of the
identifiers, so that a re-import is blocked. Source: Regulation (EU) 2016/679 articles 15, 17 and 20.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from attrs import field, frozen

from relmkt.codec import Codec, Opaque
from relmkt.exceptions import ConflictError
from relmkt.facts import Fact, Profile, content, kind_of, stream_of
from relmkt.money import Money
from relmkt.ports import Append, Loaded, Store
from relmkt.program._identity import is_key, told_identifiers
from relmkt.program._outcome import Erasure, Export
from relmkt.windows import DAY, Instant

__all__ = ["Residue", "block_key", "blocked", "erased", "exported"]

PROGRAMME = stream_of("programme", "residue")


@frozen
class Residue(Fact):
    """What stays of erased facts: how many of a kind on a day, and how much, of nobody in particular.

    >>> from pendulum import datetime
    >>> Residue("residue", datetime(2026, 3, 1), 2, "Purchase", amount=Money("99.80", "EUR")).n
    2
    """

    subject_kind = "programme"
    hot = ("n", "of")
    n: int
    of: str
    amount: Money | None = field(default=None, kw_only=True)


def exported(loaded: Loaded, facts: Sequence[tuple[str, Fact]], store: Store, *, actor: str, reason: str) -> Export:
    """All that the store holds about one person."""
    told = [
        {
            "stream": stream,
            "kind": fact.kind if isinstance(fact, Opaque) else kind_of(type(fact)),
            "at": str(fact.at),
            "id": fact.id,
            "source": fact.source,
            "ref": fact.ref,
            **content(fact),
        }
        for stream, fact in facts
    ]
    rows = [
        {"id": row.id, "channel": row.channel, "due": str(Instant(row.due)), "state": row.state}
        for stream in loaded.versions
        for row in store.rows(stream)
    ]
    return Export(
        {
            "customer": loaded.root,
            "streams": sorted(loaded.versions),
            "actor": actor,
            "reason": reason,
            "facts": told,
            "outbox": rows,
        }
    )


def block_key(key: str) -> str:
    """The digest by which an erased identifier's key is blocked; the store keeps it keyed once more."""
    return blake2b(key.encode(), digest_size=16).hexdigest()


def blocked(store: Store, facts: Iterable[Fact]) -> bool:
    """Whether facts name an erased person, by their subject or by what a profile states (R80)."""
    told = [key for fact in facts for key in _keys_of(fact)]
    return bool(told) and bool(store.blocked([block_key(key) for key in told]))


def _keys_of(fact: Fact) -> list[str]:
    named = [fact.subject] if is_key(fact.subject) else []
    return named + ([i.key for i in told_identifiers(fact.told)] if isinstance(fact, Profile) else [])


def _identifiers(facts: Iterable[tuple[str, Fact]]) -> set[str]:
    """What blocks the person's return: every identifier that was stated, and those that name a stream."""
    return {
        block_key(key) for stream, fact in facts for key in [*_keys_of(fact), *([stream] if is_key(stream) else [])]
    }


def _residue(facts: Iterable[tuple[str, Fact]]) -> list[Residue]:
    """One row a day, kind and currency: never an id, nor an instant finer than a day."""
    totals: dict[tuple[int, str, str], list[int]] = {}
    for _, fact in facts:
        amount = getattr(fact, "amount", None)
        currency = amount.currency if isinstance(amount, Money) else ""
        row = totals.setdefault((int(fact.at) // DAY * DAY, kind_of(type(fact)), currency), [0, 0])
        row[0] += 1
        row[1] += amount.units if isinstance(amount, Money) else 0
    return [
        Residue("residue", Instant(day), n, of, amount=Money.minor(units, currency) if currency else None)
        for (day, of, currency), (n, units) in sorted(totals.items())
    ]


def erased(store: Store, codec: Codec, key: str, *, token: str, arrived: int) -> Erasure:
    """Erase one person; `token` makes the residue's ids unlinkable. Safe to repeat: a second erasure finds nothing."""
    for _ in range(16):
        loaded = store.load(key)
        if not loaded.versions:
            return Erasure(complete=store.scrub())
        facts = [(stream, codec.decode(stream, record)) for stream, record in loaded.facts]
        records = tuple(
            codec.encode(row, seen=1, arrived=arrived)._replace(id=f"{token}-{place}")
            for place, row in enumerate(_residue(facts))
        )
        block = sorted(_identifiers(facts))
        try:
            told = store.erase(loaded.root, loaded.versions, [Append(PROGRAMME, records, None)], block)
        except ConflictError:
            continue
        return Erasure(told.facts, told.links, told.outbox, told.heads, len(block), store.scrub())
    raise ConflictError("somebody kept writing to the person that is to be erased")


def asked_by(actor: str, reason: str) -> None:
    """Raise ValueError where nobody is named, or no reason given (X13)."""
    if not actor or not reason:
        raise ValueError("state who asks and why: actor= and reason= are not empty")
