"""How is a message handed to a mail server, and what does its answer mean?

RFC 5321 tells answers apart by their first digit: 4 is not now, 5 is no. Between the last byte of a message and the
answer there is an instant in which nobody can say whether it was taken: *unknown* (C06). One-click unsubscribe is
RFC 8058.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from typing import Literal, Self

from relmkt.channels._mail import kind_of, mailbox, mime
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.exceptions import InvalidFactError

__all__ = ["SMTP"]

_NO_LINK = "marketing mail without List-Unsubscribe (C12): give Program(site=…)"
_DOT = re.compile(rb"^\.", re.MULTILINE)
_DETAIL = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
_LOST = (OSError, smtplib.SMTPException)


class SMTP:
    """Hands messages to a mail server: one connection a batch, one receipt a message, in order.

    host, port: the server. sender: whom the mail is from, an address with or without a name.
    user, password: for a server that asks who is there; the password is never shown and never sent in the clear.
    tls: "starttls" (asked for, and insisted on), "tls" from the first byte, or "none" for a server on the same machine.
    The server's certificate is always verified (X20); an authority of one's own is named in the environment by
    `SSL_CERT_FILE`. timeout: seconds for each answer.

    A message of any kind but *service* is refused without both one-click unsubscribe headers (C12). A message that may
    have left is not sent again (`unsure` is "hold_unknown"): SMTP has no key to tell a second try by.

    >>> SMTP("smtp.example.org", sender="Shop <hello@shop.example>", user="shop", password="sesame")
    SMTP('smtp.example.org', port=587, tls='starttls')
    """

    reaches = "mail"
    unsure = "hold_unknown"

    def __init__(
        self,
        host: str,
        *,
        sender: str,
        port: int = 587,
        user: str | None = None,
        password: str | None = None,
        tls: Literal["starttls", "tls", "none"] = "starttls",
        timeout: float = 30,
    ) -> None:
        if not host:
            raise ValueError("host: expected the name of a mail server")
        if tls not in {"starttls", "tls", "none"}:
            raise ValueError("tls: expected 'starttls', 'tls' or 'none'")
        if (user is None) is not (password is None):
            raise ValueError("user and password: expected both or neither")
        if password is not None and tls == "none":
            raise ValueError("password: expected tls='starttls' or tls='tls', or it would be sent in the clear")
        if not f"{user}{password}".isascii():
            raise ValueError("user and password: expected ASCII")
        self.host, self.port, self.tls, self.timeout, self.sender = host, port, tls, timeout, sender
        self._address = mailbox("SMTP.sender", sender)[1]
        self._user, self._password = user, password

    def __repr__(self) -> str:
        return f"SMTP({self.host!r}, port={self.port}, tls={self.tls!r})"

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        """Hand over the batch; what is refused here never reaches the network, and then nothing else waits for it."""
        told = [self._rendered(message) for message in messages]
        if all(isinstance(one, Receipt) for one in told):
            return [one for one in told if isinstance(one, Receipt)]
        try:
            client = self._connected()
        except (*_LOST, UnicodeError) as error:
            return [
                one if isinstance(one, Receipt) else _not_connected(message.key, error)
                for message, one in zip(messages, told, strict=True)
            ]
        with _Session(client, self._address) as session:
            return [
                one if isinstance(one, Receipt) else session.deliver(message, one)
                for message, one in zip(messages, told, strict=True)
            ]

    def _rendered(self, message: Message) -> bytes | Receipt:
        if kind_of(message) != "service" and not _one_click(message):
            return Receipt(message.key, DeliveryStatus.REJECTED, reason=_NO_LINK)
        try:
            return mime(message, self.sender)
        except InvalidFactError as error:
            return Receipt(message.key, DeliveryStatus.REJECTED, reason=str(error))

    def _connected(self) -> smtplib.SMTP:
        # the sender's domain as our own name: asking the machine for its name may wait for a name server
        name, context = self._address.rpartition("@")[2], ssl.create_default_context()
        if self.tls == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, name, timeout=self.timeout, context=context)
        else:
            client = smtplib.SMTP(self.host, self.port, name, timeout=self.timeout)
        try:
            if self.tls == "starttls":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if self._user is not None and self._password is not None:
                client.login(self._user, self._password)
        except BaseException:
            client.close()
            raise
        return client


class _Session:
    """One connection, until it is lost: whatever has not begun by then is deferred."""

    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        self.client, self.sender, self.lost = client, sender, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(*_LOST):
            if not self.lost:
                self.client.quit()
        self.client.close()

    def deliver(self, message: Message, body: bytes) -> Receipt:
        if self.lost:
            return Receipt(message.key, DeliveryStatus.DEFERRED, reason=self.lost)
        try:
            if refused := self._refused(message, len(body)):
                return refused
            self.client.send(_DOT.sub(b"..", body))
        except _LOST as error:
            self.lost = f"connection lost before the message was complete ({type(error).__name__})"
            return Receipt(message.key, DeliveryStatus.DEFERRED, type(error).__name__, reason=self.lost)
        return self._taken(message)

    def _refused(self, message: Message, size: int) -> Receipt | None:
        """The envelope and the word DATA: a receipt if the server says no to one of them."""
        options = [f"size={size}"] if self.client.has_extn("size") else []
        steps: tuple[tuple[str, int, Callable[[], tuple[int, bytes]]], ...] = (
            ("MAIL FROM", 250, lambda: self.client.mail(self.sender, options)),
            ("RCPT TO", 250, lambda: self.client.rcpt(message.address)),
            ("DATA", 354, lambda: self.client.docmd("data")),
        )
        for step, wanted, ask in steps:
            code, text = ask()
            if code != wanted and not (step == "RCPT TO" and code == 251):
                receipt = _answer(message.key, code, text, step, DeliveryStatus.DEFERRED)
                self._start_over(code)
                return receipt
        return None

    def _start_over(self, code: int) -> None:
        """After a refusal; a line that drops here costs the messages to come, never the answer just heard (C23)."""
        if code == 421 or code < 400:  # it is closing, or it speaks another protocol
            self.lost = f"the server ended the session (SMTP {code})"
            return
        try:
            clean = self.client.rset()[0] == 250
        except _LOST:
            clean = False
        if not clean:
            self.lost = "the server did not start over (RSET)"

    def _taken(self, message: Message) -> Receipt:
        """From the last byte on, only the server's word tells (C06)."""
        try:
            self.client.send(b".\r\n")
            code, text = self.client.getreply()
        except _LOST as error:
            self.lost = f"connection lost before this message ({type(error).__name__})"
            reason = f"connection lost after the last byte ({type(error).__name__})"
            return Receipt(message.key, DeliveryStatus.UNKNOWN, type(error).__name__, reason=reason)
        if code == 421:
            self.lost = "the server ended the session (SMTP 421)"
        return _answer(message.key, code, text, "end of data", DeliveryStatus.UNKNOWN)


def _answer(key: str, code: int, text: bytes, step: str, unclear: DeliveryStatus) -> Receipt:
    """A server's answer as a receipt. Its text may repeat the address: kept in `raw`, out of the reason (X09)."""
    known = {2: DeliveryStatus.SENT, 4: DeliveryStatus.DEFERRED, 5: DeliveryStatus.REJECTED}
    status = known.get(code // 100, unclear)
    if status is DeliveryStatus.SENT and step != "end of data":
        status = unclear
    raw = (code, text.decode("utf-8", "replace"))
    return Receipt(key, status, raw, reason="" if status is DeliveryStatus.SENT else _reason(code, text, step))


def _reason(code: int, text: bytes, step: str) -> str:
    detail = _DETAIL.match(text)
    return f"SMTP {code}{' ' + detail[0].decode() if detail else ''} at {step}"


def _not_connected(key: str, error: Exception) -> Receipt:
    """Nothing has left: not now, unless the server said no for good."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        final = 500 <= error.smtp_code < 600
        status = DeliveryStatus.FAILED if final else DeliveryStatus.DEFERRED
        raw = (error.smtp_code, text.decode("utf-8", "replace"))
        return Receipt(key, status, raw, reason=_reason(error.smtp_code, text, "connection"))
    if isinstance(error, ssl.SSLCertVerificationError):
        return Receipt(key, DeliveryStatus.DEFERRED, "certificate", reason="the certificate is not trusted (X20)")
    return Receipt(key, DeliveryStatus.DEFERRED, type(error).__name__, reason=f"no session ({type(error).__name__})")


def _one_click(message: Message) -> bool:
    """Both headers of RFC 8058, the first with an https address."""
    told = {name.lower(): value.strip() for name, value in message.headers.items()}
    link = re.search(r"<https://[^\s<>]+>", told.get("list-unsubscribe", ""), re.IGNORECASE)
    return link is not None and told.get("list-unsubscribe-post") == "List-Unsubscribe=One-Click"
