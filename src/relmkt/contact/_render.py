"""Which words does the customer read? Texts with `{attribute}`, `{fact.field}`, names in `fields`, `{name|default}`.

The list is closed: no attribute walk, index, call or format. A missing value without a default is a refusal, never a
blank (X03). Values are escaped in HTML (X04) and stripped of line breaks in the subject (X01).
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping

from attrs import field, frozen

from relmkt.contact._contact import Contact, Template

__all__ = ["Missing", "Rendered", "check_text", "names_in", "render"]

_FIELD = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_NAME = re.compile(r"[A-Za-z][\w -]*|fact\.[a-z][a-z0-9_]*")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


_OPEN_TAG = re.compile(r"<[^<>]*$")
_QUOTED = re.compile(r"""\s([a-z][a-z-]*)\s*=\s*("[^"]*|'[^']*)$""", re.IGNORECASE)
_CODE = re.compile(r"<(script|style)\b(?!.*</\1)", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"""\s(?:href|src|action|formaction|poster|background|cite|data)\s*=\s*["']\s*$""", re.IGNORECASE)
_SCHEME = re.compile(r"(?!(?:https?|mailto|tel):)[^/?#]*:", re.IGNORECASE)
_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


class Missing(LookupError):
    """A value that the text needs is not known: its name."""


@frozen
class Rendered:
    """A text as one customer reads it.

    >>> Rendered("Hello", "How are you?").subject
    'Hello'
    """

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(default="", repr=False)


def _pieces(contact: Contact) -> tuple[str, ...]:
    if isinstance(contact.text, Template):
        told = contact.text
        return tuple(piece for piece in (told.subject, told.text, told.html) if piece is not None)
    return (contact.text,)


def names_in(contact: Contact) -> Iterator[tuple[str, str | None]]:
    """The names that the text of a contact reads, each with its default.

    >>> list(names_in(Contact("mail", "Dear {name|customer}", purpose="news")))
    [('name', 'customer')]
    """
    for piece in _pieces(contact):
        for found in _FIELD.finditer(piece):
            yield found[1].strip(), found[2]


def check_text(contact: Contact) -> None:
    """Raise ValueError for a placeholder that no profile, fact or field can fill.

    >>> check_text(Contact("mail", "Dear {name.__class__}", purpose="news"))
    Traceback (most recent call last):
    ValueError: the text reads {name.__class__}: expected an attribute, fact.field, or a name in fields=
    """
    for name, _ in names_in(contact):
        if not _NAME.fullmatch(name):
            raise ValueError(f"the text reads {{{name}}}: expected an attribute, fact.field, or a name in fields=")
    for piece in _pieces(contact):
        if "{" in _FIELD.sub("", piece) or "}" in _FIELD.sub("", piece):
            raise ValueError("the text has a brace that opens or closes nothing")
    if isinstance(contact.text, Template) and contact.text.html is not None:
        _check_page(contact.text.html)


def _check_page(page: str) -> None:
    """A value stands in text or in a quoted attribute that is no code (X04)."""
    for found in _FIELD.finditer(page):
        before = page[: found.start()]
        quoted = _QUOTED.search(before)
        inside = _OPEN_TAG.search(before) is not None
        code = quoted is not None and (quoted[1].lower().startswith("on") or quoted[1].lower() in ("style", "srcdoc"))
        if _CODE.search(before) or (inside and (quoted is None or code)):
            raise ValueError(f"the page reads {{{found[1].strip()}}} where it would be code: quote it in an attribute")


def _in_page(value: str, before: str) -> str:
    """A value as it stands in HTML: escaped, and no link to anything but the web, a mail address or a number."""
    if _LINK.search(before) and _SCHEME.match(_IGNORED.sub("", value)):
        return "#"
    return html.escape(value)


def _in_line(value: str, before: str) -> str:
    return _BREAKS.sub(" ", value)


def _in_text(value: str, before: str) -> str:
    return value


def _filled(piece: str, values: Mapping[str, str], guard: Callable[[str, str], str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, default = found[1].strip(), found[2]
        told = values.get(name)
        if told is None or told == "":
            if default is None:
                raise Missing(name)
            told = default
        return guard(told, piece[: found.start()])

    return _FIELD.sub(value, piece)


def render(contact: Contact, values: Mapping[str, str]) -> Rendered:
    """The contact's text with its values; raises Missing for one without value and default.

    >>> render(Contact("mail", "Hello {name}\\nHow are you?", purpose="care"), {"name": "Ada"}).subject
    'Hello Ada'
    """
    if isinstance(contact.text, Template):
        told = contact.text
        text = _filled(told.text, values, _in_text)
        subject = _filled(told.subject, values, _in_line) if told.subject is not None else text.partition("\n")[0]
        page = _filled(told.html, values, _in_page) if told.html is not None else ""
        return Rendered(_BREAKS.sub(" ", subject), text, page)
    first, _, rest = contact.text.partition("\n")
    subject = _filled(first, values, _in_line)
    return Rendered(_BREAKS.sub(" ", subject), _filled(rest, values, _in_text) if rest else subject)
