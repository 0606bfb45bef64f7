"""What can be done from a terminal? `relmkt demo`, `relmkt report STORE`, `relmkt check STORE`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relmkt.exceptions import RelmktError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it went well, 1 for an error of ours, told in one line, 2 for a wrong call.

    >>> main(["check", "no-such-file.db"])
    1
    """
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except (RelmktError, ImportError, OSError) as error:
        print(f"relmkt: {_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("relmkt: stopped; run it again to go on", file=sys.stderr)
        return 130


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="relmkt", description="Relationship marketing: facts about customers.")
    commands = parser.add_subparsers(required=True, metavar="command")
    demo = commands.add_parser("demo", help="a real customer base, loaded, reviewed, written to and shown")
    demo.add_argument("--dir", default="build/demo", help="where everything lands (build/demo)")
    demo.add_argument("--customers", type=_count, help="only the first so many customers")
    demo.set_defaults(run=_demo)
    report = commands.add_parser("report", help="a page on the customers of a store")
    report.add_argument("store", help="a SQLite file of relmkt")
    report.add_argument("--out", help="the page (the store's name with .html)")
    report.add_argument("--at", type=_day, help="as of which day, at its end (the day of the newest fact)")
    report.set_defaults(run=_report)
    check = commands.add_parser("check", help="the six points of an installed CRM, ticked from a store")
    check.add_argument("store", help="a SQLite file of relmkt")
    check.set_defaults(run=_check)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a whole number of 1 or more")
    return int(text)


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a day such as 2026-03-01") from None


def _demo(asked: argparse.Namespace) -> int:
    from relmkt.demo import run

    done = run(asked.dir, customers=asked.customers, out=sys.stderr, step=print)
    print(f"\n{done.report}\n")
    print(f"{done.folder / 'shop.db'}: every fact; {done.folder / 'mail'}: what was delivered")
    if not done.changed:
        print("All of it was there already: nothing was changed, and nothing was sent twice.")
    try:
        print(f"{done.report.write(done.folder / 'report.html')}: the page; open it in a browser")
    except ImportError as error:
        print(f"no page: {error}")
    return 0


def _told(asked: argparse.Namespace, at: datetime | None) -> tuple[Any, Any]:
    """The store and the report on it."""
    from relmkt.program import Program
    from relmkt.report import Report
    from relmkt.stores import SQLite
    from relmkt.windows import Instant

    if not Path(asked.store).is_file():
        raise FileNotFoundError(f"{asked.store}: no such file; expected a store, as relmkt demo makes one")
    store = SQLite(asked.store)
    table = store.columns()
    now = at if at is not None else Instant(int(table["at"].max()) if len(table) else 0)
    return store, Report.of(Program(store), at=now)


def _report(asked: argparse.Namespace) -> int:
    store, report = _told(asked, asked.at)
    with store:
        print(report)
        print(report.write(asked.out or Path(asked.store).with_suffix(".html")))
    return 0


def _check(asked: argparse.Namespace) -> int:
    store, report = _told(asked, None)
    with store:
        print(*report.points, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
