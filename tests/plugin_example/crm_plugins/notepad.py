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

    def lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        return [self.one(message) for message in messages]

    def one(self, message: Message) -> Receipt:
        if not NUMBER.fullmatch(message.address):
            return Receipt(message.key, DeliveryStatus.REJECTED, reason="not an international number")
        line = json.dumps([message.key, message.address, message.text], ensure_ascii=True)
        if line not in self.lines():
            with self.path.open("a", encoding="utf-8") as pad:
                pad.write(line + "\n")
        return Receipt(message.key, DeliveryStatus.SENT)
