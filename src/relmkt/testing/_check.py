"""What is one check? A clause of a contract, said in a few words, that is tried when it is called.

Plain functions, free of pytest: a check raises `AssertionError` with its clause in front, whatever went wrong inside.
"""

from collections.abc import Callable

from attrs import field, frozen

__all__ = ["Check", "hold"]


@frozen(repr=False)
class Check:
    """One clause of a contract, ready to be tried: call it; it prints as the clause and what it asks.

    clause: its number in `docs/contracts/`. words: what is asked. body: tries it, and raises where it is not kept.

    >>> print(Check("S02", "a stale version is refused and writes nothing", lambda: None))
    S02 a stale version is refused and writes nothing
    """

    clause: str
    words: str
    body: Callable[[], None] = field(eq=False)

    def __call__(self) -> None:
        """Try it. Raises AssertionError naming the clause, with the first thing found in breach of it."""
        try:
            self.body()
        except Exception as error:
            what = str(error) if isinstance(error, AssertionError) else f"raised {type(error).__name__}: {error}"
            raise AssertionError(f"{self}: {what}") from error

    def __str__(self) -> str:
        return f"{self.clause} {self.words}"

    __repr__ = __str__


def hold(holds: object, found: str) -> None:
    """Raise AssertionError saying what was found, unless it holds.

    >>> hold(1 < 2, "one is not less than two")
    """
    if not holds:
        raise AssertionError(found)
