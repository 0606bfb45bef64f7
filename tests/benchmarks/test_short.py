"""Every benchmark runs: a short form of each, of which no time is asserted."""

from pathlib import Path

import pytest

from tests.benchmarks.__main__ import FILES, main


@pytest.mark.parametrize("name", FILES)
def test_the_short_form_gives_figures(name: str, tmp_path: Path) -> None:
    figures = list(FILES[name].figures(tmp_path, short=True))
    assert figures
    for figure in figures:
        assert str(figure).count(" | ") == 3
        assert figure.ratio > 0


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 2
    assert "record" in capsys.readouterr().err
