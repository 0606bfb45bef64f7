"""No clock, no chance, no sleep below Program; nothing that runs data as code anywhere (rule X06)."""

import ast

import pytest

from tests.guards import house

CLOCK = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "pendulum.now",
    "pendulum.today",
    "pendulum.tomorrow",
    "pendulum.yesterday",
    "pendulum.DateTime.now",
    "pendulum.DateTime.utcnow",
    "pendulum.DateTime.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "uuid.uuid1",
    "uuid.uuid4",
    "numpy.random.seed",
    "numpy.random.rand",
    "numpy.random.randn",
    "numpy.random.randint",
    "numpy.random.random",
    "numpy.random.choice",
}
KEYS = {"os.urandom"}  # an adapter may draw a salt or a key; nothing below it does
NOWHERE = {
    "time.sleep",
    "warnings.warn",
    "yaml.load",
    "yaml.unsafe_load",
    "numpy.load",
    "pandas.read_pickle",
    "asyncio.sleep",
}
DATA_AS_CODE = ("pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib")
RUNS_CODE = {"eval", "exec", "compile", "__import__"}


def aliases(tree: ast.Module, package: str) -> dict[str, str]:
    """What each imported name stands for: {"np": "numpy", "now": "pendulum.now"}."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return known


def dotted(node: ast.AST, known: dict[str, str]) -> str:
    """The full name that a Name or Attribute stands for, as far as imports tell."""
    match node:
        case ast.Name(id=name):
            return known.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value, known)}.{attr}"
        case _:
            return "?"


def safe_load(call: ast.Call) -> bool:
    """numpy.load refuses pickles when told so in the call."""
    return any(
        k.arg == "allow_pickle" and isinstance(k.value, ast.Constant) and not k.value.value for k in call.keywords
    )


def slips(module: str, tree: ast.Module) -> list[str]:
    package, known, found = module.rpartition(".")[0], aliases(tree, module), []
    excused = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and safe_load(node)}
    for node, name, _ in house.imports(tree, package):
        if any(house.within(name, bad) for bad in DATA_AS_CODE):
            found.append(f"{node.lineno}: imports {name}")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or id(node) in excused:
            continue
        name = dotted(node, known)
        if name in NOWHERE or name.removeprefix("builtins.") in RUNS_CODE:
            found.append(f"{node.lineno}: {name}")
        if house.room_of(module) != "program" and name in CLOCK:
            found.append(f"{node.lineno}: {name}")
        if house.room_of(module) not in {"program", "stores", "channels"} and name in KEYS:
            found.append(f"{node.lineno}: {name}")
    return found


@pytest.mark.parametrize("module", house.modules())
def test_nothing_banned(module: str) -> None:
    # rule X06
    assert not slips(module, house.tree_of(house.modules()[module]))


@pytest.mark.parametrize(
    "module, text, breaks",
    [
        ("relmkt.facts", "import pendulum\npendulum.now()", True),
        ("relmkt.facts", "from pendulum import now as clock", False),
        ("relmkt.facts", "from pendulum import now as clock\nclock()", True),
        ("relmkt.facts", "import pendulum as p\ndef f(clock=p.now): ...", True),
        ("relmkt.facts", "from datetime import datetime\ndatetime.now()", True),
        ("relmkt.facts", "import datetime as dt\ndt.datetime.now()", True),
        ("relmkt.facts", "from uuid import uuid4\nuuid4()", True),
        ("relmkt.program", "import pendulum\npendulum.now()", False),
        ("relmkt.program._dispatch", "from uuid import uuid4\nuuid4()", False),
        ("relmkt.program", "import time\ntime.sleep(1)", True),
        ("relmkt.program", "import pickle", True),
        ("relmkt.codec", "def f():\n    from marshal import loads", True),
        ("relmkt.codec", "import shelve", True),
        ("relmkt.rules", "eval('1')", True),
        ("relmkt.rules", "exec('1')", True),
        ("relmkt.rules", "import re\nre.compile('1')", False),
        ("relmkt.datasets", "import numpy as np\nnp.load('x.npz', allow_pickle=True)", True),
        ("relmkt.datasets", "import numpy as np\nnp.load('x.npz', allow_pickle=False)", False),
        ("relmkt.datasets", "import numpy as np\nnp.random.default_rng(7)", False),
        ("relmkt.facts", "import warnings\nwarnings.warn('x')", True),
        ("relmkt.facts", "self.retrieval(now)", False),
        ("relmkt.facts", "import os\nos.urandom(16)", True),
        ("relmkt.stores._sqlite", "import os\nos.urandom(16)", False),
    ],
)
def test_ban_catches(module: str, text: str, breaks: bool) -> None:
    assert bool(slips(module, ast.parse(text))) is breaks
