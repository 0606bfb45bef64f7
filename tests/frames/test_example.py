"""Program 12's local part runs, and says what the portfolio says."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "frame_duckdb.py"


def test_frame_on_duckdb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("frame_duckdb", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.main(tmp_path)
    shown = capsys.readouterr().out
    assert "worth" in shown
    rungs = eval(shown.strip().splitlines()[-1])
    assert list(rungs) == ["any", "regular", "best"]
    assert all(rungs.values())
    assert sum(rungs.values()) == 400
