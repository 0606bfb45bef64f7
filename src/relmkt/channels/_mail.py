"""Which bytes is a message, as mail? The same message is the same bytes, at every try and on every machine (C05).

Nothing here does I/O, and nothing is drawn: the message id and the boundary come from the message's key, the date from
its instant. Header fields follow RFC 5322, words beyond ASCII RFC 2047, parts RFC 2045 and 2046. It is written out by
hand because the standard library's folding differs from one Python to the next.
"""

import binascii
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from relmkt.contact import Message
from relmkt.exceptions import InvalidFactError

__all__ = ["addr_spec", "kind_of", "mailbox", "mime", "one_line", "token"]

_KIND = "relmkt-kind"  # said by the program to the channel, never to the world
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_FIELD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_PLAIN = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_OURS = {
    "from",
    "to",
    "cc",
    "bcc",
    "sender",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "received",
    "return-path",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 998  # characters of a line, RFC 5322 section 2.1.1


def one_line(place: str, value: str) -> str:
    """The value, if it may stand in a header: no control character, line separator or lone surrogate (X01).

    >>> one_line("Message.subject", "Hello\\r\\nBcc: eve@example.org")
    Traceback (most recent call last):
    relmkt.exceptions.InvalidFactError: Message.subject: got a control character, expected one line of text (X01)
    """
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in value):
        raise InvalidFactError(place, "a control character", "one line of text (X01)")
    return _encodable(place, value)


def _encodable(place: str, value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidFactError(place, "a lone surrogate", "text that UTF-8 can hold")
    return value


def addr_spec(place: str, value: str) -> str:
    """The value, if it is one bare ASCII address and nothing else (X02, C19).

    >>> addr_spec("Message.address", "ada@example.org")
    'ada@example.org'
    """
    one_line(place, value)
    short = len(value) <= 254 and len(value.partition("@")[0]) <= 64  # RFC 5321 section 4.5.3.1
    if not (short and _ADDRESS.fullmatch(value)):
        raise InvalidFactError(place, "something else", "one address such as name@example.org (X02)")
    return value


def mailbox(place: str, value: str) -> tuple[str, str]:
    """Display name and address of `Shop <hello@shop.example>` or of a bare address.

    >>> mailbox("sender", "Shop <hello@shop.example>")
    ('Shop', 'hello@shop.example')
    """
    one_line(place, value)
    if not value.endswith(">"):
        return "", addr_spec(place, value)
    name, _, address = value[:-1].rpartition("<")
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, addr_spec(place, address)


def token(key: str) -> str:
    """A key as 32 hexadecimal digits: fit for a message id, a boundary, a file's name.

    >>> token("m-1") == token("m-1"), len(token("m-1"))
    (True, 32)
    """
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def kind_of(message: Message) -> str:
    """What the program says this message is: "service" alone is not marketing; silence is marketing.

    >>> kind_of(Message("m-1", "mail", "ada@example.org", headers={"Relmkt-Kind": "service"}))
    'service'
    """
    return next((value for name, value in message.headers.items() if name.lower() == _KIND), "")


def mime(message: Message, sender: str) -> bytes:
    """The message as it stands on the wire: RFC 5322, CRLF, seven bits, lines no longer than the standard allows.

    sender: an address, with or without a name. Raises InvalidFactError, before anything is built, for a control
    character in what a header is to hold (X01), an address that is none (X02), a header of ours in `headers`.

    >>> told = Message("m-1", "mail", "ada@example.org", "Déjà", "How are you?")
    >>> mime(told, "Shop <hello@shop.example>").split(b"\\r\\n")[:3]
    [b'From: Shop <hello@shop.example>', b'To: ada@example.org', b'Subject: =?utf-8?b?RMOpasOg?=']
    """
    name, address = mailbox("sender", sender)
    fields = [
        ("From", f"{_phrase(name)} <{address}>" if name else address),
        ("To", addr_spec("Message.address", message.address)),
        ("Subject", _unstructured("Subject", one_line("Message.subject", message.subject))),
        ("Date", _date(message.at)),
        ("Message-ID", f"<{token(message.key)}@{address.rpartition('@')[2]}>"),
        ("MIME-Version", "1.0"),
        *_others(message),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    return head.encode("ascii") + _body(message)


def _date(at: int) -> str:
    try:
        return format_datetime(_EPOCH + timedelta(microseconds=at))
    except OverflowError:
        raise InvalidFactError("Message.at", "an instant beyond year 9999", "microseconds since 1970") from None


def _others(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in message.headers.items():
        low = name.lower()
        if low == _KIND:
            continue
        if not _FIELD.fullmatch(name) or low in _OURS or low.startswith(("content-", "resent-")):
            raise InvalidFactError("Message.headers", "a name that is ours, or no name", "a header of the sender's own")
        place = f"Message.headers[{name}]"
        one_line(place, value)
        written = (
            value if value.isascii() else _encoded(value)
        )  # a list of links is never folded, it must stay as it is
        if value.isascii() and len(name) + 2 + len(value) > _LONGEST:
            raise InvalidFactError(place, "a longer line", f"at most {_LONGEST} characters")
        yield name, written


def _phrase(name: str) -> str:
    if _PLAIN.fullmatch(name) and "=?" not in name and len(name) <= 60:
        return name
    if name.isascii() and "=?" not in name and len(name) <= 60:
        return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return _encoded(name)


def _unstructured(name: str, value: str) -> str:
    """As it is where that is lossless, folded at its blanks; as encoded words otherwise."""
    words = value.split(" ")
    if value.isascii() and all(words) and "=?" not in value and max(map(len, words)) <= 60:
        folded = textwrap.wrap(value, 76 - len(name), break_long_words=False, break_on_hyphens=False)
        return "\r\n ".join(folded)
    return _encoded(value)


def _encoded(value: str) -> str:
    """RFC 2047: each word of at most 75 characters, never cut inside a character."""
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(c, newline=False).decode()}?=" for c in _chunks(value))


def _chunks(value: str) -> Iterable[bytes]:
    held = b""
    for char in value:
        more = char.encode("utf-8")
        if len(held) + len(more) > 42:
            yield held
            held = b""
        held += more
    if held:
        yield held


def _body(message: Message) -> bytes:
    if not message.html:
        return _part("plain", _encodable("Message.text", message.text))
    boundary = f"=_{token(message.key)}".encode("ascii")  # "=_" cannot stand in quoted-printable: no text holds it
    parts = [_part("plain", _encodable("Message.text", message.text))]
    parts.append(_part("html", _encodable("Message.html", message.html)))
    head = b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def _part(subtype: str, text: str) -> bytes:
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")  # a lone CR or LF on the wire is how mail is smuggled
    ended = lines if lines.endswith("\n") else lines + "\n"
    return head.encode("ascii") + binascii.b2a_qp(ended.encode("utf-8"), istext=True).replace(b"\n", b"\r\n")
