"""Whose facts are these? Identifiers that one source states together link to one customer.

A fact is written to the home stream of the identifier it came with; a new identifier lives where its first fact does.
Where what is stated leads to two streams that are known by identifiers alone, they are joined. Two strings of the
user's own, or two cards or accounts, are never joined by themselves (R107): that is for matching to weigh.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from attrs import define, evolve, field, frozen

from relmkt.exceptions import InvalidFactError
from relmkt.facts import IDENTIFYING, Fact, Identifier, Profile, stream_of
from relmkt.ports import Link, Loaded

__all__ = ["Homes", "homes_of", "housed", "is_key", "told_identifiers"]

_KEY = re.compile(r"([a-z]+)~[0-9a-f]{20}")
_STRONG = frozenset({"card", "account"})
Load = Callable[[str], Loaded]


@frozen
class Homes:
    """Where facts belong: the home stream of each subject, the links that are new, and the roots to be joined.

    >>> Homes({}, (), ()).joins
    ()
    """

    home: Mapping[str, str]
    links: tuple[Link, ...]
    joins: tuple[tuple[str, str], ...]


def told_identifiers(told: Mapping[str, str | None]) -> list[Identifier]:
    """The identifiers that a profile states; those that cannot be read are left out."""
    found: list[Identifier] = []
    for name in sorted(IDENTIFYING & told.keys()):
        value = told[name]
        try:
            found.extend([Identifier(name, value)] if value else [])
        except InvalidFactError:
            continue
    return found


def is_key(name: str) -> bool:
    """Whether a name is an identifier's key, not a string of the user's own."""
    return _KEY.fullmatch(name) is not None


def _strong(name: str) -> str | None:
    """The sort of name of which one person has one: a string of the user's own, a card, an account."""
    key = _KEY.fullmatch(name)
    if key is None:
        return "own"
    return key[1] if key[1] in _STRONG else None


@define(eq=False)
class _Group:
    """Names that are one person, and the names of which it can have but one."""

    names: list[str]
    strong: dict[str, str]
    roots: list[str] = field(factory=list)

    @classmethod
    def of(cls, name: str) -> "_Group":
        """A group of one name."""
        kind = _strong(name)
        return cls([name], {} if kind is None else {kind: name})

    def joins(self, other: "_Group") -> bool:
        """Whether nothing that is one of its sort stands twice."""
        return all(self.strong.get(kind, name) == name for kind, name in other.strong.items())


def homes_of(load: Load, facts: Sequence[Fact], names: Collection[str] = ()) -> Homes:
    """Where facts, and further streams by name, belong, by what the store knows (`load`) and what profiles state."""
    groups: dict[str, _Group] = {}
    by_root: dict[str, _Group] = {}

    def group(name: str) -> _Group:
        if name not in groups:
            loaded = load(name)
            root = loaded.root if loaded.versions else ""
            known = by_root.get(root) if root else None
            groups[name] = known = known if known is not None else _Group.of(name)
            known.names += [name] if name not in known.names else []
            known.roots += [root] if root and root not in known.roots else []
            if root:
                by_root[root] = known
                kind = _strong(root)
                known.strong |= {kind: root} if kind is not None else {}
        return groups[name]

    for fact in facts:
        one = group(stream_of(fact.subject_kind, fact.subject))
        if isinstance(fact, Profile):
            for identifier in told_identifiers(fact.told):
                other = group(identifier.key)
                if other is not one and one.joins(other):
                    _absorb(groups, one, other)
                    by_root.update(dict.fromkeys(one.roots, one))
    for name in names:
        group(name)
    subjects = {*names, *(stream_of(fact.subject_kind, fact.subject) for fact in facts)}
    return _told(load, {id(g): g for g in groups.values()}.values(), subjects)


def _absorb(groups: dict[str, _Group], one: _Group, other: _Group) -> None:
    one.names += other.names
    one.strong |= other.strong
    one.roots += [root for root in other.roots if root not in one.roots]
    for name in other.names:
        groups[name] = one


def _told(load: Load, groups: Iterable[_Group], subjects: Collection[str]) -> Homes:
    home: dict[str, str] = {}
    links: list[Link] = []
    joins: list[tuple[str, str]] = []
    for group in groups:
        new = group.strong.get("own") or next((name for name in group.names if name in subjects), group.names[0])
        first = group.roots[0] if group.roots else new
        joins += [(first, root) for root in group.roots[1:]]
        own = group.strong.get("own")
        if own is not None and group.roots and own not in load(group.roots[0]).versions and not load(own).versions:
            links.append(Link(own, first))
        for name in group.names:
            known = load(name)
            home[name] = known.home if known.versions else first
            if not known.versions and name not in (first, own):
                links.append(Link(name, first))
    return Homes(home, tuple(sorted(set(links))), tuple(joins))


def housed(fact: Fact, home: str) -> Fact:
    """The fact, told of the stream where it belongs; its id stays."""
    subject = home.rpartition("\x1f")[2]
    return fact if fact.subject == subject else evolve(fact, subject=subject)
