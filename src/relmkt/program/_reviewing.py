"""How does time pass for one person? Load, act on every crossing up to an instant, and write what follows."""

from relmkt.exceptions import ConflictError, MismatchError
from relmkt.ports import Head
from relmkt.program._person import House, Person
from relmkt.windows import Instant

__all__ = ["reviewed"]

_TRIES = 64


def reviewed(house: House, root: str, at: Instant, arrived: int, heads: list[Head] | None = None) -> Person:
    """Let time pass for one person, and write what follows; again where somebody wrote first.

    heads: takes the head where nothing else is to be written; without it the head is written at once.
    """
    whole = False
    for _ in range(_TRIES):
        person = house.load(root, whole=whole)
        person.catch_up()
        person.pass_to(at)
        if heads is not None and not person.changed():
            heads.append(person.head())
            return person
        try:
            person.commit(arrived)
        except ConflictError:
            continue
        except MismatchError:  # a consequence that stands already: from all facts it is known
            if whole:
                raise
            whole = True
            continue
        return person
    raise ConflictError("others kept writing to one customer while it was reviewed")
