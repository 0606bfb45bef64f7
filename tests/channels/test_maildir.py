"""A message is in `new` whole or not at all, and once."""

import mailbox
import os
import signal
import subprocess
import sys
import threading
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from attrs import evolve

from relmkt.channels import Maildir
from relmkt.channels._mail import mime
from relmkt.contact import DeliveryStatus, Message
from relmkt.exceptions import DeliveryError
from relmkt.testing import Rig, check_channel

SENT, REJECTED = DeliveryStatus.SENT, DeliveryStatus.REJECTED
SENDER = "Hôtel de l’Étoile <hello@shop.example>"


def told(n: int, text: str = "Ça va, 東京?") -> Message:
    return Message(f"m-{n}", "mail", f"ada{n}@example.org", f"Déjà {n}", text)


def new(place: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((place / "new").iterdir())] if (place / "new").exists() else []


def test_contract(tmp_path: Path) -> None:
    # rule C25
    check_channel(lambda: Rig(Maildir(tmp_path / "kit"), arrived=lambda: new(tmp_path / "kit")))


def test_a_mail_reader_reads_it(tmp_path: Path) -> None:
    # rule C18
    receipts = Maildir(tmp_path / "out", sender=SENDER).send([told(1)])
    box = mailbox.Maildir(tmp_path / "out", create=False)
    (key,) = box.keys()
    mail = message_from_bytes(box.get_bytes(key), policy=policy.default)
    assert (mail["Subject"], mail.get_content()) == ("Déjà 1", "Ça va, 東京?\n")
    assert mail["From"].addresses[0].display_name == "Hôtel de l’Étoile"
    assert receipts[0].raw == key
    assert (tmp_path / "out" / "new" / key).stat().st_mode & 0o077 == 0


def test_same_key_is_delivered_once_read_or_unread(tmp_path: Path) -> None:
    # rule C03, C05
    mail = Maildir(tmp_path)
    assert [one.status for one in mail.send([told(1), told(1), told(2)])] == [SENT] * 3
    files = sorted((tmp_path / "new").iterdir())
    assert len(files) == 2
    stamps = [path.stat().st_mtime_ns for path in files]
    assert [one.status for one in Maildir(tmp_path).send([told(1), told(2)])] == [SENT] * 2
    assert [path.stat().st_mtime_ns for path in files] == stamps
    for path in files:
        path.rename(tmp_path / "cur" / f"{path.name}:2,RS")
    assert [one.status for one in mail.send([told(1), told(2)])] == [SENT] * 2
    assert not new(tmp_path)


def test_bytes_are_those_of_the_message(tmp_path: Path) -> None:
    # rule C05
    Maildir(tmp_path, sender=SENDER).send([told(1)])
    assert new(tmp_path) == [mime(told(1), SENDER).replace(b"\r\n", b"\n")]


def test_each_its_own_fate(tmp_path: Path) -> None:
    # rule C23, X02
    receipts = Maildir(tmp_path).send([told(1), evolve(told(2), address="a@b\r\nBcc: c@d"), told(3)])
    assert [one.status for one in receipts] == [SENT, REJECTED, SENT]
    assert len(new(tmp_path)) == 2
    assert b"Bcc" not in b"".join(new(tmp_path))


def test_two_workers_with_the_same_messages(tmp_path: Path) -> None:
    # rule C03
    messages = [told(n, "x" * 20_000) for n in range(20)]
    workers = [threading.Thread(target=Maildir(tmp_path).send, args=(messages,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wanted = sorted(mime(m, "relmkt <noreply@localhost>").replace(b"\r\n", b"\n") for m in messages)
    assert sorted(new(tmp_path)) == wanted
    assert not list((tmp_path / "tmp").iterdir())


CHILD = """
import sys
from relmkt.channels import Maildir
from relmkt.contact import Message
mail, n = Maildir(sys.argv[1]), 0
print("ready", flush=True)
while True:
    mail.send([Message(f"m-{n}", "mail", "ada@example.org", "Hello", "x" * 200_000 + "END")])
    n += 1
"""


@pytest.mark.parametrize("wait", [0.02, 0.05, 0.11])
def test_killed_in_the_middle_leaves_no_half_file(tmp_path: Path, wait: float) -> None:
    # rule C02
    child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    while not new(tmp_path):
        time.sleep(0.001)
    time.sleep(wait)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    files = sorted((tmp_path / "new").iterdir())
    assert files
    ended = message_from_bytes(files[0].read_bytes(), policy=policy.default).get_content().endswith("END\n")
    assert ended
    assert len({path.stat().st_size for path in files}) <= 2  # the key's digest has one length: all are whole
    assert all(path.read_bytes().endswith(b"END\n") for path in files)
    before = len(files)
    Maildir(tmp_path).send([Message(f"m-{n}", "mail", "ada@example.org", "", "END") for n in range(before)])
    assert len(new(tmp_path)) == before


FULL = """
import resource, signal, sys
from relmkt.channels import Maildir
from relmkt.contact import Message
from relmkt.exceptions import DeliveryError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
mail = Maildir(sys.argv[1])
small, large = (Message(k, "mail", "ada@example.org", "Hello", "x" * n) for k, n in (("s", 10), ("l", 100_000)))
try:
    mail.send([large, small])
except DeliveryError as error:
    print(error.retry, error)
print([receipt.status.value for receipt in mail.send([small, large])])
"""


def test_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    # rule C06, C23
    answer = subprocess.run([sys.executable, "-c", FULL, tmp_path / "out"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    first, second = answer.stdout.splitlines()
    assert first == f"True Maildir {tmp_path / 'out'}: cannot be written (EFBIG), expected a directory with room"
    assert second == "['sent', 'deferred']"
    assert len(new(tmp_path / "out")) == 1
    assert not list((tmp_path / "out" / "tmp").iterdir())


@pytest.mark.parametrize("way", ["file", "under a file", "file for new", "file for tmp"])
def test_a_file_in_the_way_is_told(tmp_path: Path, way: str) -> None:
    # rule X09
    place = tmp_path / "out"
    if way in {"file", "under a file"}:
        place.write_text("mine")
    else:
        place.mkdir()
        (place / way.rpartition(" ")[2]).write_text("mine")
    mail = Maildir(place / "below" if way == "under a file" else place)
    assert mail.send([]) == []
    with pytest.raises(DeliveryError) as caught:
        mail.send([told(1)])
    assert caught.value.retry is False
    assert str(mail.path) in str(caught.value)
    assert "ada" not in str(caught.value)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="permissions are POSIX's")
def test_no_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    child = os.fork()
    if child == 0:  # root may write everywhere, so the child is nobody
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            Maildir(tmp_path / "out").send([told(1)])
        except DeliveryError as error:
            os._exit(42 if not error.retry and "EACCES" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    tmp_path.chmod(0o700)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sender", ["", "Shop", "Shop <>", "a@b\r\nBcc: c@d", "Shop\n <a@b>"])
def test_a_sender_is_an_address(tmp_path: Path, sender: str) -> None:
    # rule X02
    with pytest.raises(ValueError, match=r"Maildir\.sender"):
        Maildir(tmp_path, sender=sender)
