"""The same message is the same bytes; nothing in it becomes a header or an address that it is not."""

import subprocess
import sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from relmkt.channels._mail import mailbox, mime
from relmkt.contact import Message
from relmkt.exceptions import InvalidFactError

SENDER = "Shop <hello@shop.example>"
PLAIN = Message("m-1", "mail", "ada@example.org", "Hello", "How are you?", at=1_772_366_400_000_000)

line = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)
body = st.text(st.characters(exclude_categories=("Cs",)), max_size=500)


def read(message: Message, sender: str = SENDER) -> EmailMessage:
    return message_from_bytes(mime(message, sender), policy=policy.default)


def text_of(told: EmailMessage, sort: str) -> str:
    part = told.get_body((sort,))
    assert part is not None
    return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")


def as_lines(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines if lines.endswith("\n") else lines + "\n"


def test_plain_mail_reads_plainly() -> None:
    assert mime(PLAIN, SENDER).decode("ascii").replace("\r\n", "\n") == (
        "From: Shop <hello@shop.example>\n"
        "To: ada@example.org\n"
        "Subject: Hello\n"
        "Date: Sun, 01 Mar 2026 12:00:00 +0000\n"
        "Message-ID: <59a5e35ad9cf21b0a8df3dd1a9ea9a49@shop.example>\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        "How are you?\n"
    ).replace("59a5e35ad9cf21b0a8df3dd1a9ea9a49", read(PLAIN)["Message-ID"][1:33])


def test_same_message_same_bytes_in_every_process() -> None:
    # rule C05
    message = evolve(PLAIN, html="<p>Ça va</p>", subject="Ça va " * 30, headers={"X-B": "2", "X-A": "é"})
    program = (
        "import sys; from relmkt.channels._mail import mime; from relmkt.contact import Message;"
        f"told = Message({message.key!r}, 'mail', {message.address!r}, {message.subject!r}, {message.text!r},"
        f" {message.html!r}, {dict(message.headers)!r}, {message.at}); sys.stdout.buffer.write(mime(told, {SENDER!r}))"
    )
    seen = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True).stdout
        for seed in ("1", "2")
    }
    assert seen == {mime(message, SENDER)}


def test_each_message_has_its_own_id_and_boundary() -> None:
    # rule C05
    one, other = (read(evolve(PLAIN, key=key, html="<p>")) for key in ("m-1", "m-2"))
    assert one["Message-ID"] != other["Message-ID"]
    assert one.get_boundary() != other.get_boundary()


@given(line, line, body)
def test_everything_survives(subject: str, name: str, text: str) -> None:
    # rule C18
    message = evolve(PLAIN, subject=subject, text=text, html=f"<p>{text}")
    told = read(message, f'"{name.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}" <a@b.example>')
    assert (told["Subject"] or "") == subject
    assert text_of(told, "plain") == as_lines(text)
    assert text_of(told, "html") == as_lines(f"<p>{text}")
    raw = mime(message, SENDER)
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78 + 20
    assert not any(b"\r" in one or b"\n" in one for one in lines)  # a lone one of them is how mail is smuggled


@pytest.mark.parametrize(
    "subject",
    [
        *("Žofie, déjà vu? 東京 🎈 " * 8, "a" * 300, "word " * 60 + "end", "  two  blanks ", "=?utf-8?b?RXZl?=", "."),
        *("é", "Müller, Jürgen; \"quoted\" <x@y>", "🎈" * 100, "e\u0301" * 50),
    ],
)  # fmt: skip
def test_subject_survives(subject: str) -> None:
    # rule C18
    assert read(evolve(PLAIN, subject=subject))["Subject"] == subject
    assert max(map(len, mime(evolve(PLAIN, subject=subject), SENDER).split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "name", ["Shop", "Hôtel de l’Étoile, Paris", "O'Brien & Co.", "Smith, John", 'The "Shop"', "東京" * 30, "a" * 200]
)
def test_display_name_survives(name: str) -> None:
    # rule C18
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    # read by the older parser: the newer one puts blanks between adjacent encoded words of a name (RFC 2047, 6.2)
    phrase, address = parseaddr(message_from_bytes(mime(PLAIN, f'"{quoted}" <hello@shop.example>'))["From"])
    assert (str(make_header(decode_header(phrase))), address) == (name, "hello@shop.example")


BREAKS = ["\r", "\n", "\r\n", "\r\n ", "\n\t", "\x00", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\t"]
INJECTIONS = [
    *("Bcc: eve@example.org", "X-Evil: 1", "\r\n<script>", ".\r\nMAIL FROM:<eve@example.org>", "=?utf-8?b?DQo=?=", ""),
]


@pytest.mark.parametrize("injected", INJECTIONS)
@pytest.mark.parametrize("line_break", BREAKS)
def test_control_characters_are_refused(line_break: str, injected: str) -> None:
    # rule X01, X02
    hostile = f"Marker{line_break}{injected}"
    for message, sender in [
        (evolve(PLAIN, subject=hostile), SENDER),
        (evolve(PLAIN, headers={"X-Note": hostile}), SENDER),
        (evolve(PLAIN, headers={hostile: "1"}), SENDER),
        (evolve(PLAIN, address=f"ada@example.org{line_break}{injected}"), SENDER),
        (evolve(PLAIN, address=f"{line_break}{injected}ada@example.org"), SENDER),
        (PLAIN, f"{hostile} <hello@shop.example>"),
        (PLAIN, f"Shop <hello@shop.example{line_break}{injected}>"),
    ]:
        with pytest.raises(InvalidFactError) as caught:
            mime(message, sender)
        assert "Marker" not in str(caught.value)  # rule X09
        assert "ada@" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "@example.org", "ada@", "ada@@example.org", "a..b@example.org", ".a@example.org", "a.@b.example"),
        *("Ada <ada@example.org>", "<ada@example.org>", "ada@example.org,eve@example.org", "ada@example.org eve"),
        *("ada@-example.org", "ada@example-.org", "ada@example..org", "ada@[127.0.0.1]", "ada@exämple.org"),
        "a" * 65 + "@b",
        *("a@" + ".".join(["b" * 60] * 5), "ada@example.org>", "ada(comment)@example.org", "äda@example.org"),
    ],
)  # fmt: skip
def test_only_an_address_is_an_address(address: str) -> None:
    # rule C19, X02
    with pytest.raises(InvalidFactError):
        mime(evolve(PLAIN, address=address), SENDER)
    with pytest.raises(InvalidFactError):
        mailbox("sender", f"Shop <{address}>")


@pytest.mark.parametrize("address", ["ada@example.org", "a.b+tag@x-y.example", "o'brien@example.org", "ada@localhost"])
def test_addresses_in_use_are_taken(address: str) -> None:
    assert read(evolve(PLAIN, address=address))["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    "name", ["Bcc", "bcc", "To", "From", "Subject", "Content-Type", "Resent-To", "X Y", "X:", "É", "", "Message-ID"]
)
def test_a_header_of_ours_is_not_overwritten(name: str) -> None:
    # rule X01
    with pytest.raises(InvalidFactError):
        mime(evolve(PLAIN, headers={name: "eve@example.org"}), SENDER)


def test_headers_are_copied_and_the_kind_is_not() -> None:
    # rule C12
    link = "<https://shop.example/r/" + "x" * 400 + ">"
    told = read(evolve(PLAIN, headers={"Relmkt-Kind": "promotional", "List-Unsubscribe": link, "X-Note": "été"}))
    assert told["List-Unsubscribe"] == link
    assert told["X-Note"] == "été"
    assert not [name for name in told if name.lower().startswith("relmkt")]


@pytest.mark.parametrize(
    "other",
    [{"subject": "\ud800"}, {"text": "\udfff"}, {"html": "<p>\ud800"}, {"at": 10**18}, {"headers": {"X-A": "a" * 999}}],
)
def test_what_mail_cannot_hold_is_refused(other: dict) -> None:
    with pytest.raises(InvalidFactError):
        mime(evolve(PLAIN, **other), SENDER)
