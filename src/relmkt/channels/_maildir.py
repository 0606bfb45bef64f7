"""How is a message delivered into a directory? Written aside, made durable, then named into place.

The layout (tmp, new, cur) and the order of steps are those of Bernstein's maildir: a file is in `new` whole or not at
all. The file's name comes from the message's key, so that trying again finds the message there (C03, C05).
"""

import contextlib
import errno
import os
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from relmkt.channels._mail import mailbox, mime, token
from relmkt.contact import DeliveryStatus, Message, Receipt
from relmkt.exceptions import DeliveryError, InvalidFactError

__all__ = ["Maildir"]

_PASSES = {
    *(errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EAGAIN, errno.EINTR),
    *(errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOMEM, getattr(errno, "EDQUOT", errno.ENOSPC)),
}


class Maildir:
    """Delivers each message as one file of a Maildir, which any mail reader opens.

    path: the directory; it is made, with `tmp`, `new` and `cur`, when the first message comes.
    sender: whom the mail is from, an address with or without a name.

    A message whose key is there already, read or unread, is answered *sent* and not written again: trying again is safe
    (`unsure` is "retry"). Marketing without an unsubscribe link is not refused: nothing leaves the machine.

    >>> mail = Maildir("out", sender="Shop <hello@shop.example>")
    >>> told = [Message("m-1", "mail", "ada@example.org", "Hello", "How are you?")]
    >>> [receipt.status.value for receipt in (*mail.send(told), *mail.send(told))]
    ['sent', 'sent']
    >>> import os
    >>> len(os.listdir("out/new"))
    1
    """

    reaches = "mail"
    unsure = "retry"

    def __init__(self, path: str | os.PathLike[str], *, sender: str = "relmkt <noreply@localhost>") -> None:
        mailbox("Maildir.sender", sender)
        self.path = Path(path)
        self.sender = sender

    def __repr__(self) -> str:
        return f"Maildir({str(self.path)!r})"

    def send(self, messages: Sequence[Message]) -> Sequence[Receipt]:
        """One file a message; one receipt a message, in order, each durable when it says *sent*.

        Raises DeliveryError where the directory takes nothing of the batch; `retry` is true for what passes (a full
        disk), false for what does not (a file in the way, no permission). A failure later in a batch is told by
        its receipts.
        """
        if not messages:
            return []
        with self._reported():
            self._made()
        batch = _Batch(self.path, self.sender)
        receipts: list[Receipt] = []
        for message in messages:
            try:
                receipts.append(batch.deliver(message))
            except OSError as error:
                if not any(receipt.status is DeliveryStatus.SENT for receipt in receipts):
                    raise self._failure(error) from error
                receipts.append(self._told(message, error))
        with self._reported():
            _sync(self.path / "new")
        return receipts

    def _made(self) -> None:
        for part in ("tmp", "new", "cur"):
            (self.path / part).mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> DeliveryError:
        why = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return DeliveryError(
            f"Maildir {self.path}: cannot be written ({why}), expected a directory with room", retry=_passes(error)
        )

    def _told(self, message: Message, error: OSError) -> Receipt:
        status = DeliveryStatus.DEFERRED if _passes(error) else DeliveryStatus.FAILED
        return Receipt(message.key, status, reason=str(self._failure(error)))


class _Batch:
    """One call of `send`: what was read already is listed once."""

    def __init__(self, path: Path, sender: str) -> None:
        self.path, self.sender = path, sender

    @cached_property
    def read(self) -> frozenset[str]:
        """Names in `cur`, without the flags that a mail reader adds."""
        return frozenset(name.partition(":")[0] for name in os.listdir(self.path / "cur"))

    def deliver(self, message: Message) -> Receipt:
        try:
            body = mime(message, self.sender).replace(b"\r\n", b"\n")  # files of a Maildir have the system's lines
        except InvalidFactError as error:
            return Receipt(message.key, DeliveryStatus.REJECTED, reason=str(error))
        name = f"{token(message.key)}.relmkt"
        if not ((self.path / "new" / name).exists() or name in self.read):
            self._write(name, body)
        return Receipt(message.key, DeliveryStatus.SENT, name)

    def _write(self, name: str, body: bytes) -> None:
        # two workers with one message each write their own file: neither cuts short what the other names into place
        part = self.path / "tmp" / f"{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self.path / "new" / name)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise


def _passes(error: OSError) -> bool:
    return error.errno in _PASSES


def _sync(directory: Path) -> None:
    if os.name != "posix":  # elsewhere a directory cannot be opened, and names are durable with the file
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
