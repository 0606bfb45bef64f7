"""How does a message leave? An outbox for tests, a Maildir, SMTP; each stands alone."""

from relmkt.channels._maildir import Maildir
from relmkt.channels._outbox import Outbox
from relmkt.channels._smtp import SMTP

__all__ = ["SMTP", "Maildir", "Outbox"]
