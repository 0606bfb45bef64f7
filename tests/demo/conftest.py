from pathlib import Path

import pytest

from relmkt.demo import Demonstration, run
from tests.demo.shop import CUSTOMERS


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One whole run on the first 2,000 customers."""
    return run(tmp_path_factory.mktemp("demo"), customers=CUSTOMERS)


@pytest.fixture(scope="session")
def folder(done: Demonstration) -> Path:
    return done.folder
