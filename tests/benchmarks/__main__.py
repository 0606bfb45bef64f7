"""`python -m tests.benchmarks [ONLY …] [--short]`: every benchmark, or those named, one line a figure."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import (
    analyst,
    bulk,
    discrete,
    importing,
    ladder,
    marketing,
    pareto,
    record,
    satisfaction,
    summary,
    value,
)

FILES = {
    "record": record,
    "bulk": bulk,
    "ladder": ladder,
    "importing": importing,
    "summary": summary,
    "value": value,
    "pareto": pareto,
    "discrete": discrete,
    "marketing": marketing,
    "analyst": analyst,
    "satisfaction": satisfaction,
}


def main(words: list[str]) -> int:
    """Print the figures of the files named, of all where none is."""
    short, only = "--short" in words, [word for word in words if not word.startswith("-")]
    unknown = [word for word in only if word not in FILES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(FILES)}", file=sys.stderr)
        return 2
    print("name | ours | peer | ratio", flush=True)
    build = Path("build")
    build.mkdir(exist_ok=True)
    for name in only or FILES:
        with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as place:
            for figure in FILES[name].figures(Path(place), short):
                print(figure, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
