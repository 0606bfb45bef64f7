"""What the documentation shows runs as shown: README.md, docs/, docs/examples/ and every docstring.

A page's ```python blocks run in reading order in one namespace, in an empty directory. A ```output block that
follows one is what it prints, exactly; a ```pycon block is a session with its answers. A block may be marked
```python no-run only if it imports something that is not installed here, which is checked.
"""

import ast
import contextlib
import doctest
import importlib
import importlib.util
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from attrs import frozen

from tests.guards import house

FENCE = re.compile(r"^(?P<indent>\s*)(?P<ticks>```+|~~~+|:::+)\s*(?P<info>.*?)\s*$")
PYTHON = {"python", "pycon", "output"}
LOOKALIKE = re.compile(
    r"^(\{?(py|python3?|ipython3?|doctest|testcode|code-block|code-cell|code|sourcecode)\}?)\b(?! no-run$)"
)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@frozen
class Block:
    """A fenced block: its sort (python, no-run, pycon, output), its code and the line it starts on."""

    sort: str
    code: str
    line: int


def fenced(path: Path) -> Iterator[tuple[str, str, int]]:
    """Each fence's info string, text and first line."""
    lines, number = path.read_text(encoding="utf-8").splitlines(), 0
    while number < len(lines):
        start = FENCE.match(lines[number])
        number += 1
        if start is None or not start["info"]:
            if start is not None and start["ticks"][0] != ":":  # a fence without a word: skip to its end
                number = _end(lines, number, start["ticks"]) + 1
            continue
        if start["ticks"][0] == ":" or (start["info"].startswith("{") and "code" not in start["info"]):
            continue  # a directive holds Markdown, and fences of its own
        end = _end(lines, number, start["ticks"])
        indent = len(start["indent"])
        yield start["info"], "\n".join(line[indent:] for line in lines[number:end]) + "\n", number + 1
        number = end + 1


def _end(lines: list[str], number: int, ticks: str) -> int:
    while number < len(lines) and not re.match(rf"^\s*{re.escape(ticks[0])}{{{len(ticks)},}}\s*$", lines[number]):
        number += 1
    return number


def blocks(path: Path) -> list[Block]:
    """The Python blocks of a page; a block that looks like Python but would not run is an error."""
    found = []
    for info, code, line in fenced(path):
        sort = "no-run" if info == "python no-run" else info
        if sort not in {*PYTHON, "no-run"}:
            assert not LOOKALIKE.match(info), f"{path.name}:{line - 1}: ```{info} would not run; write ```python"
            continue
        found.append(Block(sort, code, line))
    return found


def installed(name: str) -> bool:
    return importlib.util.find_spec(name.partition(".")[0]) is not None


def may_be_skipped(code: str) -> bool:
    """Whether a block imports something that is not to be had here."""
    named = {name for _, name, _ in house.imports(ast.parse(code), "")}
    return any(not installed(name) for name in named)


def run(path: Path, told: list[Block]) -> None:
    """Run a page's blocks in one namespace; the traceback of a failure points into the page."""
    module = ModuleType("page_" + re.sub(r"\W", "_", path.stem))
    sys.modules[module.__name__] = module
    try:
        for block, after in pairwise([*told, None]):
            if block is None or block.sort == "output":
                continue
            if block.sort == "no-run":
                assert may_be_skipped(block.code), f"{path.name}:{block.line}: everything is here, so it can run"
            elif block.sort == "pycon":
                session(path, block, vars(module))
            elif block.sort == "python":
                printed = io.StringIO()
                with contextlib.redirect_stdout(printed):
                    code = compile("\n" * (block.line - 1) + block.code, str(path), "exec", dont_inherit=True)
                    exec(code, vars(module))
                if after is not None and after.sort == "output":
                    assert printed.getvalue().rstrip() == after.code.rstrip(), f"{path.name}:{after.line}"
    finally:
        del sys.modules[module.__name__]


def session(path: Path, block: Block, names: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, names, path.name, str(path), block.line - 1)
    report = io.StringIO()
    result = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.write, clear_globs=False)
    names.update(test.globs)
    assert not result.failed, report.getvalue()


def pages() -> list[str]:
    docs = house.TOP / "docs"
    found = [path for path in docs.rglob("*.md") if not any(part.startswith((".", "_")) for part in path.parts)]
    return [path.relative_to(house.TOP).as_posix() for path in [house.TOP / "README.md", *sorted(found)]]


@pytest.mark.parametrize("page", pages())
def test_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(house.TOP / page, blocks(house.TOP / page))


def examples() -> list[str]:
    """Whole programs; files named test_… are collected by pytest itself."""
    found = sorted((house.TOP / "docs" / "examples").rglob("*.py"))
    return [
        path.relative_to(house.TOP).as_posix()
        for path in found
        if not path.name.startswith(("test_", "_")) and path.name != "conftest.py"
    ]


@pytest.mark.parametrize("program", examples())
def test_example_runs(program: str, tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:relmkt", house.TOP / program],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("module", house.modules())
def test_docstring_examples_run(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        if re.search(r"relmkt\[\w+\]", str(error)):
            pytest.skip(str(error))
        raise
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for test in doctest.DocTestFinder(exclude_empty=True).find(found, module):
        runner.run(test, out=report.write)
    assert not runner.failures, report.getvalue()


def page(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "page.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "lines",
    [
        ["```python", "1 / 0", "```"],
        ["```python", "x = 1", "```", "", "```python", "assert x == 2", "```"],
        ["- item", "", "  ```python", "  1 / 0", "  ```"],
        ["````{note}", "```python", "1 / 0", "```", "````"],
        [":::{note}", "```python", "1 / 0", "```", ":::"],
        ["```", "text", "```", "```python", "1 / 0", "```"],
        ["```python", "print(1)", "```", "", "```output", "2", "```"],
        ["```pycon", ">>> 1 + 1", "3", "```"],
        ["```python no-run", "import numpy", "```"],
        ["```py", "1", "```"],
        ["```python skip", "1", "```"],
        ["```{code-block} python", "1", "```"],
    ],
)
def test_page_guard_catches(lines: list[str], tmp_path: Path) -> None:
    path = page(tmp_path, *lines)
    with pytest.raises((AssertionError, ZeroDivisionError)):
        run(path, blocks(path))


def test_page_guard_lets_pass(tmp_path: Path) -> None:
    path = page(
        tmp_path,
        *["```python", "from attrs import frozen", "@frozen", "class A:", "    x: int", "print(A(1).x)", "```"],
        *["```output", "1", "```", "```pycon", ">>> A(2).x", "2", "```", "```toml", "x = [", "```"],
        *["```python no-run", "import a_package_that_nobody_has", "```"],
    )
    assert [block.sort for block in blocks(path)] == ["python", "output", "pycon", "no-run"]
    run(path, blocks(path))
