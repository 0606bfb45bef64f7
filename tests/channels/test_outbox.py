"""The outbox keeps what it is sent, and fails as it is told."""

from relmkt.channels import Outbox
from relmkt.contact import DeliveryStatus, Message
from relmkt.ports import Channel
from relmkt.testing import Rig, check_channel
from relmkt.windows import minutes


def told(n: int, **other: str) -> Message:
    return Message(f"m-{n}", "mail", **{"address": f"ada{n}@example.org", "subject": f"Hello {n}"} | other)


def rig(reaches: str = "mail") -> Rig:
    out = Outbox(reaches)
    return Rig(out, arrived=lambda: out.messages, fail=out.fail)


def test_contract() -> None:
    # rule C25
    check_channel(rig)
    check_channel(lambda: rig("phone"))


def test_keeps_every_message_doubles_too() -> None:
    out = Outbox()
    channel: Channel = out
    channel.send([told(1), told(2)])
    channel.send([told(1)])
    assert out.messages == [told(1), told(2), told(1)]
    assert "ada" not in repr(out)  # rule X09


def test_fails_as_scripted() -> None:
    # rule C01, C07, C23
    out = Outbox()
    out.fail("m-1", DeliveryStatus.DEFERRED, retry_after=minutes(5), times=1)
    out.fail("ada2@example.org", reason="unknown there")
    first, second, third = out.send([told(1), told(2), told(3)])
    assert (first.key, first.status, first.retry_after) == ("m-1", DeliveryStatus.DEFERRED, minutes(5))
    assert (second.status, second.reason) == (DeliveryStatus.REJECTED, "unknown there")
    assert third.status is DeliveryStatus.SENT
    again = out.send([told(1), told(2)])
    assert [one.status for one in again] == [DeliveryStatus.SENT, DeliveryStatus.REJECTED]
    assert out.messages == [told(3), told(1)]


def test_unknown_has_left() -> None:
    # rule C06
    out = Outbox(unsure="retry")
    out.fail("*", DeliveryStatus.UNKNOWN, times=1)
    assert [one.status.value for one in out.send([told(1), told(2)])] == ["unknown", "sent"]
    assert out.messages == [told(1), told(2)]
    assert out.unsure == "retry"


def test_refuses_what_mail_would() -> None:
    # rule X01, X02
    out = Outbox()
    hostile = [told(1, subject="a\r\nBcc: b@c.example"), told(2, address="ada"), told(3)]
    assert [one.status.value for one in out.send(hostile)] == ["rejected", "rejected", "sent"]
    assert [one.status.value for one in Outbox("phone").send([told(2, address="+33100000000")])] == ["sent"]
