"""What is a channel handed, and what does it answer?"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import field, frozen

from relmkt.windows import Span

__all__ = ["DeliveryStatus", "Message", "Receipt"]


class DeliveryStatus(Enum):
    """What became of a message: the closed list of words, whatever the provider calls them.

    >>> DeliveryStatus("sent")
    <DeliveryStatus.SENT: 'sent'>
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    REPLIED = "replied"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def _kept(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(headers))


@frozen
class Message:
    """One message as a channel is handed it: rendered and addressed, the same bytes at every try.

    key: the idempotency key, the id of the planned contact. channel: the word of the channel.
    address: the identifier reached. headers: what the channel writes beside the text.

    >>> Message("m-1", "mail", "ada@example.org", "Hello", "How are you?")
    Message(key='m-1', channel='mail', headers=mappingproxy({}), at=0)
    """

    key: str
    channel: str
    address: str = field(repr=False, metadata={"personal": True})
    subject: str = field(default="", repr=False, metadata={"personal": True})
    text: str = field(default="", repr=False, metadata={"personal": True})
    html: str = field(default="", repr=False, metadata={"personal": True})
    headers: Mapping[str, str] = field(factory=dict, converter=_kept)
    at: int = 0


@frozen
class Receipt:
    """What a channel answers for one message.

    key: the message's. status: one of the closed list. raw: the provider's own answer, kept as it came.
    reason: why not, where it was not taken. retry_after: how long to wait before the next try.

    >>> Receipt("m-1", DeliveryStatus.SENT).status.value
    'sent'
    """

    key: str
    status: DeliveryStatus
    raw: object = field(default=None, repr=False)
    reason: str = field(default="", kw_only=True)
    retry_after: Span | None = field(default=None, kw_only=True)
