"""What a mail server's answers mean, on real servers of this machine."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from attrs import evolve

from relmkt.channels import SMTP
from relmkt.channels._mail import mime
from relmkt.contact import DeliveryStatus, Message
from relmkt.testing import Rig, check_channel
from tests.channels.servers import Inbox, Scripted, commands, own_certificate, running, sesame, tls_listener

SENDER = "Hôtel de l’Étoile, Paris <hello@shop.example>"
SERVICE = {"Relmkt-Kind": "service"}
ONE_CLICK = {
    "List-Unsubscribe": "<https://shop.example/r/mail?t=x>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def told(n: int, **other: Any) -> Message:
    message = Message(f"m-{n}", "mail", f"ada{n}@example.org", f"Déjà {n}", "Ça va?\n.\n..\nAda", headers=SERVICE)
    return evolve(message, **other)


def plain(port: int, **other: Any) -> SMTP:
    return SMTP("127.0.0.1", sender=SENDER, port=port, tls="none", timeout=5, **other)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    with running(inbox) as port:
        yield port


def words(channel: SMTP, *messages: Message) -> list[str]:
    receipts = channel.send(messages)
    assert [one.key for one in receipts] == [message.key for message in messages]  # rule C01
    return [one.status.value for one in receipts]


def test_contract(inbox: Inbox, port: int) -> None:
    # rule C25
    check_channel(lambda: Rig(plain(port), arrived=inbox.contents, fail=inbox.refused.add))


def test_what_arrives_is_what_was_sent(inbox: Inbox, port: int) -> None:
    # rule C05, C18
    message = told(1, html="<p>Ça va?</p>", at=1_772_366_400_000_000)
    assert words(plain(port), message) == words(plain(port), message) == ["sent"]
    wanted = ("hello@shop.example", ("ada1@example.org",), mime(message, SENDER))
    assert inbox.mails == [wanted, wanted]
    mail = message_from_bytes(inbox.mails[0][2], policy=policy.default)
    assert mail["Subject"] == "Déjà 1"
    assert mail["From"].addresses[0].display_name == "Hôtel de l’Étoile, Paris"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Ça va?\n.\n..\nAda\n"


def test_one_connection_a_batch_and_each_its_own_fate(inbox: Inbox, port: int) -> None:
    # rule C01, C23
    inbox.refused.add("ada2@example.org")
    receipts = plain(port).send([told(1), told(2), told(3, address="ada\r\n@example.org"), told(4)])
    assert [one.status.value for one in receipts] == ["sent", "rejected", "rejected", "sent"]
    assert receipts[0].raw == (250, "2.0.0 taken")
    assert receipts[1].raw == (550, "5.1.1 <ada2@example.org> unknown")
    assert receipts[1].reason == "SMTP 550 5.1.1 at RCPT TO"
    assert "ada2" not in repr(receipts)  # rule X09
    assert [to for _, (to,), _ in inbox.mails] == ["ada1@example.org", "ada4@example.org"]
    assert len(inbox.sessions) == 1


@pytest.mark.parametrize(
    "script, wanted",
    [
        ({"MAIL": "451 4.3.0 later"}, ["deferred", "deferred"]),
        ({"MAIL": "550 5.7.1 no"}, ["rejected", "rejected"]),
        ({"RCPT": "450 4.2.1 greylisted"}, ["deferred", "deferred"]),
        ({"RCPT": "553 no such"}, ["rejected", "rejected"]),
        ({"RCPT": "251 will forward"}, ["sent", "sent"]),
        ({"DATA": "452 full"}, ["deferred", "deferred"]),
        ({"DATA": "554 no"}, ["rejected", "rejected"]),
        ({".": "452 4.2.2 full"}, ["deferred", "deferred"]),
        ({".": "552 5.3.4 too large"}, ["rejected", "rejected"]),
        ({".": "250 taken"}, ["sent", "sent"]),
        ({"": "421 busy"}, ["deferred", "deferred"]),
        ({"": "554 go away"}, ["failed", "failed"]),
        ({"RCPT": "421 closing"}, ["deferred", "deferred"]),
        ({".": "421 closing"}, ["deferred", "deferred"]),
        ({"MAIL": ""}, ["deferred", "deferred"]),
        ({"RCPT": ""}, ["deferred", "deferred"]),
        ({"DATA": ""}, ["deferred", "deferred"]),
        ({"RCPT": "550 no", "RSET": ""}, ["rejected", "deferred"]),
        ({"RCPT": "550 no", "RSET": "500 what"}, ["rejected", "deferred"]),
        ({"DATA": "250 what"}, ["deferred", "deferred"]),
        ({".": ""}, ["unknown", "deferred"]),
        ({".": "gibberish"}, ["unknown", "unknown"]),
        ({"EHLO": "500 what", "HELO": "250 OK"}, ["sent", "sent"]),
        ({"EHLO": "250-test\r\n250 SIZE 9"}, ["sent", "sent"]),
    ],
    ids=str,
)
def test_answers_are_told_apart(script: dict[str, str], wanted: list[str]) -> None:
    # rule C06, C23
    with Scripted(script) as server:
        receipts = plain(server.port).send([told(1), told(2)])
    assert [one.status.value for one in receipts] == wanted
    assert all(bool(one.reason) is (one.status.value != "sent") for one in receipts)
    if script.get("EHLO", "").endswith("SIZE 9"):
        assert b"size=" in commands(server.heard, b"MAIL")[0]


def test_lost_inside_the_body_has_not_left() -> None:
    # rule C06
    with Scripted({",": ""}) as server:
        receipts = plain(server.port).send([told(1, text="x" * 16_000_000), told(2)])
    assert [one.status.value for one in receipts] == ["deferred", "deferred"]
    assert b".\r\n" not in server.heard


def test_lost_after_the_last_byte_is_unknown_and_the_next_batch_goes_on() -> None:
    # rule C04, C06
    with Scripted({".": ""}, {}) as server:
        channel = plain(server.port)
        assert words(channel, told(1), told(2)) == ["unknown", "deferred"]
        assert words(channel, told(2)) == ["sent"]
    assert channel.unsure == "hold_unknown"
    assert len(commands(server.heard, b"MAIL")) == 2


def test_silence_after_the_last_byte_is_unknown() -> None:
    # rule C06
    with Scripted({".": "250-and more"}) as server:
        channel = SMTP("127.0.0.1", sender=SENDER, port=server.port, tls="none", timeout=0.3)
        assert words(channel, told(1)) == ["unknown"]


def test_nobody_there_is_deferred(port: int) -> None:
    # rule C06
    with running(Inbox()) as gone:
        pass
    (receipt,) = plain(gone).send([told(1)])
    assert (receipt.status.value, receipt.reason) == ("deferred", "no session (ConnectionRefusedError)")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Relmkt-Kind": "promotional"},
        {"Relmkt-Kind": "Service "},
        {"List-Unsubscribe": ONE_CLICK["List-Unsubscribe"]},
        {"List-Unsubscribe-Post": ONE_CLICK["List-Unsubscribe-Post"]},
        ONE_CLICK | {"List-Unsubscribe": "<http://shop.example/r>"},
        ONE_CLICK | {"List-Unsubscribe": "<mailto:bye@shop.example>"},
        ONE_CLICK | {"List-Unsubscribe-Post": "yes"},
    ],
    ids=str,
)
def test_marketing_without_one_click_never_reaches_the_network(headers: dict[str, str]) -> None:
    # rule C12
    (receipt,) = SMTP("127.0.0.1", sender=SENDER, port=1, tls="none").send([told(1, headers=headers)])
    assert receipt.status is DeliveryStatus.REJECTED
    assert receipt.reason == "marketing mail without List-Unsubscribe (C12): give Program(site=…)"


def test_marketing_with_one_click_leaves_without_its_kind(inbox: Inbox, port: int) -> None:
    # rule C12
    assert words(plain(port), told(1, headers={"relmkt-kind": "promotional", **ONE_CLICK})) == ["sent"]
    mail = message_from_bytes(inbox.contents()[0], policy=policy.default)
    assert {name: mail[name] for name in ONE_CLICK} == ONE_CLICK
    assert b"relmkt-kind" not in inbox.contents()[0].lower()


@pytest.mark.parametrize(
    "other",
    [
        {"address": "ada@example.org>\r\nRCPT TO:<eve@example.org"},
        {"address": "ada@example.org\r\n"},
        {"address": "ada@example.org\n.\n"},
        {"subject": "Hello\r\n.\r\nMAIL FROM:<eve@example.org>"},
        {"headers": {**SERVICE, "X-A": "1\r\nBcc: eve@example.org"}},
    ],
    ids=str,
)
def test_what_is_smuggled_never_reaches_a_socket(other: dict[str, Any]) -> None:
    # rule X01, X02: nobody listens on the port, and nobody is asked
    (receipt,) = SMTP("127.0.0.1", sender=SENDER, port=1, tls="none").send([told(1, **other)])
    assert receipt.status is DeliveryStatus.REJECTED
    assert "eve" not in receipt.reason


@pytest.mark.parametrize("sender", ["", "Shop", "a@b\r\nMAIL FROM:<eve@example.org>", "Shop\r\nBcc: c@d <a@b.example>"])
def test_a_sender_is_an_address(sender: str) -> None:
    # rule X02
    with pytest.raises(ValueError, match=r"SMTP\.sender"):
        SMTP("localhost", sender=sender)


def test_a_body_cannot_end_the_message(inbox: Inbox, port: int) -> None:
    # rule X01
    text = "a\n.\nMAIL FROM:<eve@example.org>\r.\r\n.\r\nb\r\n"
    assert words(plain(port), told(1, text=text), told(2)) == ["sent", "sent"]
    assert len(inbox.mails) == 2
    assert {sender for sender, _, _ in inbox.mails} == {"hello@shop.example"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return own_certificate(tmp_path_factory.mktemp("tls"))


def with_login(context: Any) -> dict[str, Any]:
    return {"tls_context": context, "authenticator": sesame, "auth_require_tls": True, "auth_required": True}


def by_name(port: int, **other: Any) -> SMTP:
    return SMTP("localhost", **{"sender": SENDER, "port": port, "timeout": 5, **other})


def test_an_untrusted_certificate_fails(inbox: Inbox, certificate: Any) -> None:
    # rule X20
    with running(inbox, tls_context=certificate[0]) as port:
        (receipt,) = by_name(port).send([told(1)])
    assert (receipt.status.value, receipt.reason) == ("deferred", "the certificate is not trusted (X20)")
    assert not inbox.mails


def test_tls_from_the_first_byte_verifies_too(certificate: Any) -> None:
    # rule X20
    with tls_listener(certificate[0]) as port:
        (receipt,) = by_name(port, tls="tls").send([told(1)])
    assert (receipt.status.value, receipt.reason) == ("deferred", "the certificate is not trusted (X20)")


def test_a_server_without_tls_is_not_spoken_to(inbox: Inbox, port: int) -> None:
    # rule X20: nobody on the way can talk us out of it
    assert words(by_name(port), told(1)) == ["deferred"]
    assert not inbox.mails


def test_a_trusted_certificate_and_a_password(inbox: Inbox, certificate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # rule X20
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with running(inbox, **with_login(certificate[0])) as port:
        assert words(by_name(port, user="shop", password="sesame"), told(1)) == ["sent"]
        (refused,) = by_name(port, user="shop", password="wrong").send([told(2)])
        elsewhere = SMTP("127.0.0.1", sender=SENDER, port=port, timeout=5).send([told(3)])  # named localhost only
    assert (refused.status.value, refused.raw[0]) == ("failed", 535)
    assert "wrong" not in repr(refused) + repr(refused.raw)
    assert elsewhere[0].reason == "the certificate is not trusted (X20)"
    assert len(inbox.mails) == 1


def test_the_password_is_not_shown() -> None:
    # rule X10
    channel = SMTP("smtp.example.org", sender=SENDER, user="shop-user", password="sesame")
    assert "sesame" not in repr(channel) + str(channel)
    assert "shop-user" not in repr(channel)


@pytest.mark.parametrize(
    "other",
    [
        {"host": ""},
        {"tls": "no"},
        {"user": "shop"},
        {"password": "sesame"},
        {"user": "shop", "password": "sesame", "tls": "none"},
        {"user": "shop", "password": "sésame"},
    ],
    ids=str,
)
def test_slips_are_told_when_it_is_built(other: dict[str, Any]) -> None:
    # rule X20
    with pytest.raises(ValueError, match="expected") as caught:
        SMTP(**{"host": "localhost", "sender": SENDER} | other)
    assert "same" not in str(caught.value)


def test_nothing_to_send_opens_no_connection() -> None:
    assert list(SMTP("127.0.0.1", sender=SENDER, port=1, tls="none").send([])) == []
