"""The channel kit catches each broken channel, by the clause that it breaks."""

from collections.abc import Sequence
from typing import Any

import pytest

from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.testing import Rig, check_channel
from relmkt.testing._channels import CHECKS
from tests.broken.channels import BROKEN, Sound, rig_of


@pytest.mark.parametrize("sort", BROKEN, ids=lambda sort: sort.__name__)
def test_broken_is_caught(sort: type[Any]) -> None:
    clause = sort.__doc__.partition(":")[0]
    with pytest.raises(AssertionError, match=rf"^{clause}: "):
        check_channel(rig_of(sort))


def test_sound_passes() -> None:
    check_channel(rig_of(Sound))


def test_every_check_catches_something() -> None:
    def caught(check: Any, sort: type[Any]) -> bool:
        try:
            check(rig_of(sort))
        except AssertionError:
            return True
        return False

    assert [check.__name__ for check in CHECKS if not any(caught(check, sort) for sort in BROKEN)] == []


def test_a_rig_names_the_address_its_channel_takes() -> None:
    out = Sound("token")
    rig = Rig(out, arrived=lambda: out.messages, address="device-{n}")
    assert (rig.to(2), rig.message("m").address) == ("device-2", "device-1")
    check_channel(lambda: rig)


class Fax:
    """A channel as an outsider writes it: no subject, no `unsure`, pages as tuples."""

    reaches = "fax"

    def __init__(self, pages: list[tuple[str, str]]) -> None:
        self.pages = pages

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [self.one(message) for message in messages]

    def one(self, message: Message) -> Receipt:
        self.pages.append((message.address, message.text))
        return Receipt(message.key, DeliveryStatus.SENT)


def test_an_outsiders_channel_passes() -> None:
    pages: list[tuple[str, str]] = []  # one far side for every rig
    check_channel(lambda: Rig(Fax(pages), arrived=lambda: pages))
