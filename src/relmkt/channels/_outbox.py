"""What would have been sent? A channel for tests, which keeps its messages in a list."""

from collections.abc import Sequence

from relmkt.channels._mail import addr_spec, one_line
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.exceptions import InvalidFactError
from relmkt.windows import Span

__all__ = ["Outbox"]

_TAKEN = {DeliveryStatus.SENT, DeliveryStatus.QUEUED, DeliveryStatus.DELIVERED}
_LEFT = _TAKEN | {DeliveryStatus.UNKNOWN}


class Outbox:
    """Keeps what it is sent in `messages`, in order, a message sent twice twice: doubles are there to be seen.

    reaches: the identifier that the channel needs. unsure: what is to happen with a message that may have left.

    >>> out = Outbox()
    >>> [receipt.status.value for receipt in out.send([Message("m-1", "mail", "ada@example.org", text="Hello")])]
    ['sent']
    >>> len(out.messages)
    1
    """

    def __init__(self, reaches: str = "mail", *, unsure: str = "hold_unknown") -> None:
        self.reaches = reaches
        self.unsure = unsure
        self.messages: list[Message] = []
        self._failures: list[tuple[str, Receipt, int | None]] = []

    def __repr__(self) -> str:
        return f"Outbox({self.reaches!r}, {len(self.messages)} messages)"

    def fail(
        self,
        which: str = "*",
        status: DeliveryStatus = DeliveryStatus.REJECTED,
        *,
        reason: str = "scripted",
        retry_after: Span | None = None,
        times: int | None = None,
    ) -> None:
        """Answer so for messages of this key or to this address ("*": all), so many times (None: from now on).

        A message answered with *unknown* is kept in `messages`: it did leave, and nobody can say so.

        >>> out = Outbox()
        >>> out.fail("m-2", DeliveryStatus.DEFERRED, times=1)
        >>> pair = [Message("m-1", "mail", "ada@example.org"), Message("m-2", "mail", "bob@example.org")]
        >>> [receipt.status.value for receipt in out.send(pair)], len(out.messages)
        (['sent', 'deferred'], 1)
        """
        self._failures.append((which, Receipt("", status, reason=reason, retry_after=retry_after), times))

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        """Keep each message, or answer as scripted.

        A control character bound for a header is refused (X01); so is what is no address, if it reaches "mail" (X02).
        """
        return [self._one(message) for message in messages]

    def _one(self, message: Message) -> Receipt:
        try:
            self._check(message)
        except InvalidFactError as error:
            return Receipt(message.key, DeliveryStatus.REJECTED, reason=str(error))
        scripted = self._scripted(message)
        if scripted is None or scripted.status in _LEFT:
            self.messages.append(message)
        if scripted is None:
            return Receipt(message.key, DeliveryStatus.SENT, len(self.messages))
        told = "" if scripted.status in _TAKEN else scripted.reason
        return Receipt(message.key, scripted.status, reason=told, retry_after=scripted.retry_after)

    def _check(self, message: Message) -> None:
        (addr_spec if self.reaches == "mail" else one_line)("Message.address", message.address)
        one_line("Message.subject", message.subject)
        for name, value in message.headers.items():
            one_line("Message.headers", name + value)

    def _scripted(self, message: Message) -> Receipt | None:
        for place, (which, answer, times) in enumerate(self._failures):
            if which in {"*", message.key, message.address} and times != 0:
                self._failures[place] = (which, answer, None if times is None else times - 1)
                return answer
        return None
