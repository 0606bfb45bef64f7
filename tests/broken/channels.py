"""Channels that each break a clause of the contract; the number says which."""

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from attrs import evolve

from relmkt.channels import Outbox
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.exceptions import DeliveryError
from relmkt.testing import Rig


class Sound(Outbox):
    """Breaks nothing: what the others break is told apart from it."""


class ReachesNobody(Outbox):
    """C19: it does not say which identifier it needs."""

    def __init__(self) -> None:
        super().__init__("e-mail or telephone")


class Undecided(Outbox):
    """C04: a message that may have left is neither tried again nor held."""

    def __init__(self) -> None:
        super().__init__(unsure="maybe")


class OneReceiptForAll(Outbox):
    """C01: a batch has one receipt."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return super().send(messages)[:1]


class OutOfOrder(Outbox):
    """C01: receipts come in the order of the addresses."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return super().send(sorted(messages, key=lambda message: message.address))


class OwnWords(Outbox):
    """C01: a status of the provider's."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [evolve(one, status="accepted") for one in super().send(messages)]


class KnowsTheFuture(Outbox):
    """C01: what was just sent is said to have been opened."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [evolve(one, status=DeliveryStatus.OPENED) for one in super().send(messages)]


class SaysItSent(Outbox):
    """C01: what was said to be sent is nowhere."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        receipts = super().send(messages)
        self.messages.clear()
        return receipts


class Greets(Outbox):
    """C01: an empty batch sends something."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        if not messages:
            self.messages.append(Message("greeting", "mail", "ada@example.org"))
        return super().send(messages)


class MadeAnew(Outbox):
    """C05: every try has an id of its own."""

    numbers = count()

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return super().send([evolve(m, headers={**m.headers, "X-Id": str(next(self.numbers))}) for m in messages])


class RefusesAgain(Outbox):
    """C05: a second try is an error."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        if {message.key for message in messages} & {message.key for message in self.messages}:
            raise DeliveryError("sent before")
        return super().send(messages)


class AllOrNothing(Outbox):
    """C23: one failure is everybody's."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        receipts = super().send(messages)
        worst = next((one for one in receipts if one.status is DeliveryStatus.REJECTED), None)
        return [evolve(worst, key=one.key) for one in receipts] if worst else receipts


class StopsAtTheFirst(Outbox):
    """C23: what comes after a failure is said to be sent, and is not."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        receipts: list[Receipt] = []
        for message in messages:
            failed = any(one.status is DeliveryStatus.REJECTED for one in receipts)
            receipts += [Receipt(message.key, DeliveryStatus.SENT)] if failed else super().send([message])
        return receipts


class AsciiOnly(Outbox):
    """C18: letters beyond ASCII become question marks."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return super().send([evolve(m, text=m.text.encode("ascii", "replace").decode()) for m in messages])


class PlainSubjects(Outbox):
    """C18: the text survives, the subject does not."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return super().send(
            [evolve(m, subject=m.subject.encode("latin-1", "ignore").decode("latin-1")) for m in messages]
        )


class Wired:
    """A channel that keeps bytes, as a provider would get them; broken in the way of its subclasses."""

    reaches = "mail"

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def fits(self, message: Message) -> bool:
        return "@" in message.address

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [self.one(message) for message in messages]

    def one(self, message: Message) -> Receipt:
        if not self.fits(message):
            return Receipt(message.key, DeliveryStatus.REJECTED)
        head = f"To: {message.address}\nSubject: {message.subject}\nMIME-Version: 1.0"
        kind = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit"
        self.messages.append(f"{head}\n{kind}\n\n{message.text}".encode())
        return Receipt(message.key, DeliveryStatus.SENT)


class TrustsSubjects(Wired):
    """X01: a subject with a line break becomes a header."""


class TrustsSubjectsByFax(Wired):
    """X01: the same, on a channel that is no mail."""

    reaches = "fax"

    def fits(self, message: Message) -> bool:
        return message.address.startswith("+")


class TrustsAddresses(Outbox):
    """C19: whatever holds an @ is sent to what looks like an address in it."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        found = [re.search(r"\w+@\w+\.\w+", message.address) for message in messages]
        return super().send([evolve(m, address=one[0]) if one else m for m, one in zip(messages, found)])


class Chatty(Outbox):
    """X10: its repr tells the password."""

    def __init__(self) -> None:
        super().__init__()
        self._password = "sesame"

    def __repr__(self) -> str:
        return f"Chatty(password={self._password!r})"


class NamesNames(Outbox):
    """X09: a receipt's reason repeats the address."""

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [evolve(one, reason=f"to {message.address}") for one, message in zip(super().send(messages), messages)]


BROKEN: tuple[type[Any], ...] = (
    *(ReachesNobody, Undecided, OneReceiptForAll, OutOfOrder, OwnWords, KnowsTheFuture, SaysItSent, Greets),
    *(MadeAnew, RefusesAgain, AllOrNothing, StopsAtTheFirst, AsciiOnly, PlainSubjects),
    *(TrustsSubjects, TrustsSubjectsByFax, TrustsAddresses, Chatty, NamesNames),
)


def rig_of(sort: type[Any]) -> Callable[[], Rig]:
    """A maker of rigs with such a channel."""

    def make() -> Rig:
        channel = sort()
        return Rig(channel, arrived=lambda: channel.messages, fail=getattr(channel, "fail", None))

    return make
