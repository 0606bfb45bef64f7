"""Mail servers for tests: a real one (aiosmtpd), and one that says and does what a script tells it."""

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult


class Inbox:
    """What an aiosmtpd server took; it refuses whom it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, tuple[str, ...], bytes]] = []
        self.refused: set[str] = set()
        self.sessions: set[object] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refused:
            return f"550 5.1.1 <{address}> unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sessions.add(session.peer)
        self.mails.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return "250 2.0.0 taken"

    def contents(self) -> list[bytes]:
        return [content for _, _, content in self.mails]


class _Loopback(Controller):
    """Tells its port after the system chose one, and speaks TLS only when a client asks."""

    def __init__(self, inbox: Inbox, **options: Any) -> None:
        super().__init__(inbox, hostname="127.0.0.1", port=_free_port(), ready_timeout=10)
        self.options = options

    def factory(self) -> Server:
        return Server(self.handler, hostname="test.example", **self.options)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(inbox: Inbox, **options: Any) -> Iterator[int]:
    """A real server, in a thread; its port."""
    server = _Loopback(inbox, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def own_certificate(place: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate that nobody signed but itself, and its file."""
    key, certificate = place / "key.pem", place / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate


@contextlib.contextmanager
def tls_listener(context: ssl.SSLContext) -> Iterator[int]:
    """Speaks TLS from the first byte to one client, and no further."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True):
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)


def sesame(server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
    known = told.login == b"shop" and told.password == b"sesame"
    return AuthResult(success=known, handled=False)  # not handled: the server itself answers 535


class Scripted:
    """A server that answers each command as told, and drops the line where told: `{"RCPT": "450 later"}`.

    An answer of "" drops the line. "." is what it answers to the end of a message; "," drops it inside the body.
    Every line that a client sends is kept in `heard`.
    """

    def __init__(self, *sessions: dict[str, str]) -> None:
        self.sessions = list(sessions)
        self.heard: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(10)
        self.listener.close()
        assert not self.thread.is_alive(), "fewer connections came than the script has"

    def _serve(self) -> None:
        for script in self.sessions:
            line, _ = self.listener.accept()
            with line, line.makefile("rb") as lines, contextlib.suppress(OSError):
                self._session(line, lines, script)

    def _session(self, line: socket.socket, lines: Any, script: dict[str, str]) -> None:
        line.sendall((script.get("", "220 ready") + "\r\n").encode())
        if not script.get("", "220").startswith("2"):
            return
        for heard in lines:
            self.heard.append(heard)
            word = heard[:4].decode("ascii").strip().upper()
            answer = script.get(word, {"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 OK"))
            if not answer:
                return
            line.sendall(answer.encode() + b"\r\n")
            if word == "QUIT" or answer.startswith("421"):
                return
            if word == "DATA" and answer.startswith("354") and not self._body(line, lines, script):
                return

    def _body(self, line: socket.socket, lines: Any, script: dict[str, str]) -> bool:
        for heard in lines:
            self.heard.append(heard)
            if "," in script:
                return False
            if heard == b".\r\n":
                answer = script.get(".", "250 taken")
                if answer:
                    line.sendall(answer.encode() + b"\r\n")
                return bool(answer) and not answer.startswith("421")
        return False


def commands(heard: Sequence[bytes], word: bytes) -> list[bytes]:
    return [line for line in heard if line.upper().startswith(word)]
