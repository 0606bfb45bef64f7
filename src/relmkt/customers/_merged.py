"""Which streams are one person? The facts that join two, and part them again.

Merged streams stay where they are. A merge is written to both, so that whoever had read either one must read again.
"""

from attrs import field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.facts import Fact

__all__ = ["Merged", "Unmerged"]


@frozen
class Merged(Fact):
    """Two streams are one person from now on; `one` and `other` are their names, `id` is the merge's.

    >>> from pendulum import datetime
    >>> Merged("ada", datetime(2026, 4, 1), "ada", "bob", actor="desk", reason="same card", id="m-1").other
    'bob'
    """

    one: str
    other: str
    actor: str = field(kw_only=True)
    reason: str = field(default="", kw_only=True)


@frozen
class Unmerged(Fact):
    """A merge is undone; `ref` is the merge's id.

    >>> from pendulum import datetime
    >>> Unmerged("ada", datetime(2026, 4, 2), actor="desk", reason="two people", ref="m-1").ref
    'm-1'
    """

    actor: str = field(kw_only=True)
    reason: str = field(default="", kw_only=True)

    def check(self) -> None:
        """The merge is named."""
        if not self.ref:
            raise InvalidFactError("Unmerged.ref", "an empty text", "the id of the merge")
