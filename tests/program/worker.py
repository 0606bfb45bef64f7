"""One of several processes on one store: `python -m tests.program.worker STORE SEED MODE`."""

import random
import sys
from datetime import timedelta

from relmkt.channels import Maildir
from relmkt.stores import SQLite
from tests.program.shop import START, shop, story


def main(path: str, seed: int, mode: str) -> None:
    store = SQLite(path, timeout=60)
    facts = story(random.Random(seed), "ada", 12)
    program = shop(store, {"mail": Maildir(path + ".mail"), "sms": Maildir(path + ".sms")})
    if mode == "record":
        for fact in facts:
            program.review(fact.at)
            program.record(fact)
        program.review(START + timedelta(days=400))
    else:
        program.dispatch(START + timedelta(days=400, hours=5))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
