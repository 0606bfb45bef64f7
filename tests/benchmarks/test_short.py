"""Every benchmark runs: a short form of each, of which no time is asserted."""

from pathlib import Path

import pytest

from tests.benchmarks import marketing
from tests.benchmarks.__main__ import FILES, main

SHORT = [name for name in FILES if name != "marketing"]  # its peer compiles for minutes, in an environment of its own


@pytest.mark.parametrize("name", SHORT)
def test_the_short_form_gives_figures(name: str, tmp_path: Path) -> None:
    figures = list(FILES[name].figures(tmp_path, short=True))
    assert figures
    for figure in figures:
        assert str(figure).count(" | ") == 3
        assert figure.ratio is None or figure.ratio > 0


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 2
    assert "record" in capsys.readouterr().err


def test_without_its_peer_marketing_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(marketing, "PEERS", tmp_path / "nowhere")
    assert not list(marketing.figures(tmp_path, short=True))
    assert "make peers" in capsys.readouterr().err
