"""Does a channel keep its contract? Plain functions over a maker, each citing a clause of docs/contracts/channel.md.

They run against whatever stands behind the channel: a list, a directory, a real server on this machine (C25). What has
arrived is read as it lies there, so that a channel that says *sent* and sends something else is found out.
"""

from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import attrs
from attrs import field, frozen

from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.exceptions import DeliveryError, InvalidFactError
from relmkt.ports import Channel

__all__ = ["CHECKS", "Rig", "check_channel"]

_TAKEN = {DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.DELIVERED}
_LATER = {
    *(DeliveryStatus.OPENED, DeliveryStatus.CLICKED, DeliveryStatus.COMPLAINED),
    *(DeliveryStatus.UNSUBSCRIBED, DeliveryStatus.REPLIED),
}
_AT = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z
_SMUGGLED = "X-Smuggled"
_BREAKS = ("\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1b", "\x85", "\u2028", "\r\n ", "\r\n\r\n")
_NO_ADDRESSES = (
    *("", "ada", "@example.org", "ada@", "ada@@example.org", "ada@example.org\r\nX-Smuggled: 1", "ada@example.org\n"),
    *("ada@example.org, eve@example.org", "Ada <ada@example.org>", "<ada@example.org>", "ada @example.org"),
    *(
        "ada@example.org>\r\nDATA",
        "ada@example.org> SIZE=1",
        "ada@-example.org",
        "a..b@example.org",
        "ada@example.org\x00",
    ),
)


@frozen
class Rig:
    """A channel on the bench: what it sends with, what has arrived, and how to make the far side refuse.

    channel: the one under test. arrived: everything that stands on the far side by now, in whatever order: bytes,
    text, messages, or tuples of these. fail: has the far side refuse, from now on, whatever goes to this address.
    address: one that the channel takes; {n} in it is a number. Without it, a mail address where `reaches` says mail,
    a telephone number otherwise.

    >>> from relmkt.channels import Outbox
    >>> out = Outbox()
    >>> Rig(out, arrived=lambda: out.messages, fail=out.fail).to(1)
    'kit1@example.org'
    """

    channel: Channel
    arrived: Callable[[], Sequence[Any]] = field(kw_only=True)
    fail: Callable[[str], None] | None = field(default=None, kw_only=True)
    address: str = field(default="", kw_only=True)

    @property
    def mail(self) -> bool:
        return "mail" in self.channel.reaches.lower()

    def to(self, n: int) -> str:
        form = self.address or ("kit{n}@example.org" if self.mail else "+3310000000{n}")
        return form.replace("{n}", str(n))

    def message(self, key: str, n: int = 1, **other: Any) -> Message:
        """A service message, which no channel may refuse for want of a link."""
        told = {"subject": f"Order {key}", "text": f"Your order {key} is on its way."} | other
        headers = {"Relmkt-Kind": "service", **told.pop("headers", {})}
        return Message(key, told.pop("channel", self.channel.reaches), self.to(n), headers=headers, at=_AT, **told)


def check_channel(make: Callable[[], Rig]) -> None:
    """Run every clause that holds for all channels; each gets a rig of its own.

    make: gives a new rig. Many rigs may share one far side: what lies there already is left out of account, but it
    must know none of the kit's keys yet. Raises AssertionError naming the clause that is broken.

    >>> from relmkt.channels import Outbox
    >>> def rig():
    ...     out = Outbox()
    ...     return Rig(out, arrived=lambda: out.messages, fail=out.fail)
    >>> check_channel(rig)
    """
    for check in CHECKS:
        check(make)


def _hold(clause: str, told: str, holds: bool) -> None:
    if not holds:
        raise AssertionError(f"{clause}: {told}")


def _sent(rig: Rig, *messages: Message) -> Sequence[Receipt]:
    receipts = rig.channel.send(messages)
    _hold("C01", f"{len(messages)} messages, {len(receipts)} receipts", len(receipts) == len(messages))
    return receipts


def _since(before: Sequence[Any], rig: Rig) -> list[Any]:
    """What has arrived and was not there before: a directory is not read in the order of arrival."""
    held, fresh = list(before), []
    for item in rig.arrived():
        if item in held:
            held.remove(item)
        else:
            fresh.append(item)
    return fresh


def _outcome(rig: Rig, message: Message) -> bool:
    """Whether the channel took it; a refusal may be a receipt or an error of ours."""
    try:
        return _sent(rig, message)[0].status in _TAKEN
    except (DeliveryError, InvalidFactError):
        return False


def reaches_a_word(make: Callable[[], Rig]) -> None:
    """C19: the channel says in one word which identifier it needs, or no address can have its form."""
    reaches: object = getattr(make().channel, "reaches", None)
    words = reaches.split() if isinstance(reaches, str) else []
    _hold("C19", "`reaches` names no identifier: expected one word such as 'mail'", words == [reaches])


def unsure_is_stated(make: Callable[[], Rig]) -> None:
    """C04: what is to happen with a message that may have left is one of two words."""
    unsure = getattr(make().channel, "unsure", "hold_unknown")
    _hold("C04", "`unsure` is neither 'retry' nor 'hold_unknown'", unsure in {"retry", "hold_unknown"})


def one_receipt_in_order(make: Callable[[], Rig]) -> None:
    """C01: a receipt a message, in order, in the closed list of words, and what is said to be sent arrives."""
    rig = make()
    before, batch = len(rig.arrived()), [rig.message(f"c01-{n}", n) for n in (3, 1, 2)]
    receipts = _sent(rig, *batch)
    same = [receipt.key for receipt in receipts] == [message.key for message in batch]
    _hold("C01", "the receipts' keys are not the messages', in order", same)
    for receipt in receipts:
        status: object = receipt.status
        known = isinstance(status, DeliveryStatus) and status not in _LATER
        _hold("C01", "a status that is not of the closed list, or cannot be known on sending", known)
        _hold("C01", "a sound message was not taken", receipt.status in _TAKEN)
    _hold("C01", "what was said to be sent did not arrive, or more did", len(rig.arrived()) == before + len(batch))


def nothing_for_nothing(make: Callable[[], Rig]) -> None:
    """C01: no message, no receipt, nothing sent."""
    rig = make()
    before = len(rig.arrived())
    _hold("C01", "an empty batch has receipts", len(_sent(rig)) == 0)
    _hold("C01", "an empty batch sent something", len(rig.arrived()) == before)


def same_bytes_again(make: Callable[[], Rig]) -> None:
    """C05, C03: the same message tried again, by the same channel and by a new one, is the same bytes or nothing."""
    rig = make()
    before, message = list(rig.arrived()), rig.message("c05", html="<p>Your order is on its way.</p>")
    _sent(rig, message)
    first = _since(before, rig)
    for again in (rig, make()):
        before = list(again.arrived())
        _hold("C05", "trying again was refused", _outcome(again, message))
        _hold("C05", "trying again sent other bytes", all(item in first for item in _since(before, again)))


def each_its_own_fate(make: Callable[[], Rig]) -> None:
    """C23: where one of a batch fails, each receipt tells its own message's fate."""
    rig = make()
    if rig.fail is None:
        return
    before = len(rig.arrived())
    rig.fail(rig.to(2))
    receipts = _sent(rig, *(rig.message(f"c23-{n}", n) for n in (1, 2, 3)))
    taken = [receipt.status in _TAKEN for receipt in receipts]
    _hold("C23", "receipts do not tell which of the batch failed", taken == [True, False, True])
    _hold("C23", "those that did not fail did not arrive", len(rig.arrived()) == before + 2)


def beyond_ascii(make: Callable[[], Rig]) -> None:
    """C18: letters beyond ASCII arrive as they were, or the message is refused; mail never refuses them."""
    rig = make()
    subject, text = "Žofie, déjà vu? 東京 \N{BALLOON} " * 4, "Ça va, Zoë?\n.\n東京で \N{BALLOON}"
    before, message = list(rig.arrived()), rig.message("c18", subject=subject.strip(), text=text)
    if not _outcome(rig, message):
        _hold("C18", "mail refused letters beyond ASCII", not rig.mail)
        return
    said = "\n".join(_said(item) for item in _since(before, rig))
    _hold("C18", "the text did not survive the way there", text in said.replace("\r\n", "\n"))
    _hold("C18", "the subject did not survive the way there", subject.strip() in said or not rig.mail)


def no_header_smuggled(make: Callable[[], Rig]) -> None:
    """X01: a control character bound for a header is refused, never a second header (C19: before the network)."""
    rig = make()
    for number, line_break in enumerate(_BREAKS):
        hostile = f"Hello{line_break}{_SMUGGLED}: 1"
        before = list(rig.arrived())
        for place, other in (("subject", {"subject": hostile}), ("headers", {"headers": {"X-Note": hostile}})):
            taken = _outcome(rig, rig.message(f"x01-{place}-{number}", **other))
            _hold("X01", f"mail took a control character in {place}", not (taken and rig.mail))
        lines = "\n".join(_wire(item) for item in _since(before, rig)).splitlines()
        _hold("X01", "a header was smuggled in", not any(line.lstrip().startswith(_SMUGGLED) for line in lines))


def one_address_each(make: Callable[[], Rig]) -> None:
    """C19, X02: what is no single address is refused before the network, and the batch goes on."""
    rig = make()
    if not rig.mail:
        return
    for number, address in enumerate(_NO_ADDRESSES):
        before = len(rig.arrived())
        hostile = attrs.evolve(rig.message(f"c19-{number}"), address=address)
        _hold("C19", f"took what is no address (form {number})", not _outcome(rig, hostile))
        _hold("C19", f"sent to what is no address (form {number})", len(rig.arrived()) == before)
    _hold("C19", "after a bad address a good one was refused", _outcome(rig, rig.message("c19-good")))


def nothing_shown(make: Callable[[], Rig]) -> None:
    """X10, X09: no secret in the channel's repr, no address or text in a receipt's."""
    rig = make()
    words = ("password", "secret", "token", "api_key", "apikey", "credential")
    held = {name.lower(): value for name, value in _fields(rig.channel).items() if isinstance(value, str) and value}
    shown = repr(rig.channel) + str(rig.channel)
    for name, value in held.items():
        _hold("X10", f"repr shows {name}", not (any(word in name for word in words) and value in shown))
    message = rig.message("x09")
    bad = attrs.evolve(message, key="x09-bad", subject="Marker\r\nmarker")
    for one in (message, bad):
        try:
            told = repr(_sent(rig, one))
        except (DeliveryError, InvalidFactError) as error:
            told = repr(error) + str(error)
        _hold("X09", "a receipt or error shows the address or the text", not _leaks(told, one))


def _leaks(told: str, message: Message) -> bool:
    return message.address in told or message.text in told or "Marker" in told


def _fields(channel: object) -> Mapping[str, object]:
    if hasattr(channel, "__dict__"):
        return vars(channel)
    return {name: getattr(channel, name, None) for name in getattr(type(channel), "__slots__", ())}


def _said(item: Any) -> str:
    """What a reader of an arrived item reads, whatever it is kept as."""
    match item:
        case bytes():
            return _read(item)
        case EmailMessage():
            return _read(item.as_bytes())
        case Message():
            return f"{item.subject}\n{item.text}\n{item.html}"
        case Mapping():
            return "\n".join(_said(part) for part in item.values())
        case tuple() | list():
            return "\n".join(_said(part) for part in item)
    return str(item)


def _read(raw: bytes) -> str:
    """Subject and texts of an e-mail; bytes that are none are their UTF-8."""
    mail = message_from_bytes(raw, policy=policy.default)
    if "MIME-Version" not in mail and "Subject" not in mail:
        return raw.decode("utf-8", "replace")
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join((str(mail["Subject"]), *texts))


def _wire(item: Any) -> str:
    """The bytes of an arrived item, where the rig shows them; text that is kept apart smuggles nothing."""
    match item:
        case bytes():
            return item.decode("utf-8", "replace")
        case EmailMessage():
            return item.as_bytes().decode("utf-8", "replace")
        case tuple() | list():
            return "\n".join(_wire(part) for part in item)
    return ""


CHECKS: tuple[Callable[[Callable[[], Rig]], None], ...] = (
    reaches_a_word,
    unsure_is_stated,
    one_receipt_in_order,
    nothing_for_nothing,
    same_bytes_again,
    each_its_own_fate,
    beyond_ascii,
    no_header_smuggled,
    one_address_each,
    nothing_shown,
)
"""Every check, one a clause or a pair of them, in the order of reading."""
