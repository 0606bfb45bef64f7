"""Packs the published CDNOW text files into the small archive that the library ships.

    python tests/datasets/build_cdnow.py FOLDER

FOLDER holds `CDNOW_master.txt` and `CDNOW_sample.txt`; the archive is written beside the other shipped data.
The same input gives the same bytes.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np

SHIPPED = Path(__file__).parents[2] / "src" / "relmkt" / "datasets" / "data" / "cdnow.npz"


def rows(path: Path) -> list[list[str]]:
    """The purchases of a file, as words; a heading has no digits in front and is left out."""
    words = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return [row for row in words if row and row[0].isdigit()]


def days_since_1997(text: str) -> int:
    """Whole days from 1 January 1997 to a date written yyyymmdd."""
    return (date(int(text[:4]), int(text[4:6]), int(text[6:])) - date(1997, 1, 1)).days


def cents(text: str) -> int:
    """Dollars with exactly two decimals as whole cents, by their digits and not through a float."""
    whole, part = text.split(".")
    if len(part) != 2:
        raise ValueError(f"two decimals expected, got {text!r}")
    return int(whole) * 100 + int(part)


def main(folder: Path) -> None:
    """Reads both files and writes the archive, in the order of the master file."""
    master = rows(folder / "CDNOW_master.txt")
    sample = dict.fromkeys(int(row[0]) for row in rows(folder / "CDNOW_sample.txt"))
    np.savez_compressed(
        SHIPPED,
        customer=np.array([int(row[0]) for row in master], dtype=np.uint16),
        day=np.array([days_since_1997(row[1]) for row in master], dtype=np.uint16),
        cds=np.array([int(row[2]) for row in master], dtype=np.uint8),
        cents=np.array([cents(row[3]) for row in master], dtype=np.uint32),
        sample=np.array(list(sample), dtype=np.uint16),
    )
    print(f"{len(master):,} purchases, {len(sample):,} sampled customers, {SHIPPED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
