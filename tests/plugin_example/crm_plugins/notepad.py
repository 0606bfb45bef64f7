"""A channel that writes each message to the end of a text file, for somebody to read out on the telephone."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from relmkt.contact import DeliveryStatus, Message, Receipt

NUMBER = re.compile(r"\+\d{8,15}", re.ASCII)


class Notepad:
    """One line a message; the same message twice is the same line, written once."""

    reaches = "phone"
    unsure = "retry"

    def __init__(self, path: Path) -> None:
        self.path = path

    def pages(self) -> list[list[str]]:
        """What stands there: key, number and text of each message."""
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [self.one(message) for message in messages]

    def one(self, message: Message) -> Receipt:
        if not NUMBER.fullmatch(message.address):
            return Receipt(message.key, DeliveryStatus.REJECTED, reason="not an international number")
        page = [message.key, message.address, message.text]
        if page not in self.pages():
            with self.path.open("a", encoding="utf-8") as pad:
                pad.write(json.dumps(page) + "\n")
        return Receipt(message.key, DeliveryStatus.SENT)
