from pathlib import Path

import pytest

from relmkt.demo import Demonstration, run
from tests.demo.shop import CUSTOMERS


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return run(tmp_path_factory.mktemp("report"), customers=CUSTOMERS)


@pytest.fixture(scope="session")
def page(shown: Demonstration) -> str:
    return shown.report.write(shown.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page_path(shown: Demonstration, page: str) -> Path:
    return shown.folder / "report.html"
