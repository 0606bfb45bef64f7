"""The page: whole, well-formed, self-contained, with everything that the text says; narrow enough for a telephone."""

import re
import shutil
import subprocess
import sys
from base64 import b64decode
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from relmkt.customers import Explanation
from relmkt.demo import NOW, Demonstration
from relmkt.program import Program
from relmkt.report import Reasons, Report, Section, Table, bars_chart, cohort_chart, lorenz_chart, page
from relmkt.stores import Memory
from relmkt.value import Cohorts

pytestmark = pytest.mark.xdist_group("report")
SECTIONS = [
    "base",
    "segments",
    "ladder",
    "phases",
    "concentration",
    "return",
    "kept",
    "sources",
    "tenure",
    "models",
    "tracking",
    "calibration",
    "alive",
    "quiet",
    "worth",
    "best",
    "rankings",
    "recommend",
    "satisfaction",
    "loyalty",
    "ties",
    "next",
    "refused",
    "delivered",
    "effort",
    "scorecard",
    "claims",
    "check",
]
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))


def test_it_is_well_formed_and_has_every_section_once(page: str):
    tree = parsed(page)
    assert [found.get("id") for found in tree.iter("section")] == SECTIONS
    links = [found.get("href") for found in tree.iter("a")]
    assert links == [f"#{key}" for key in SECTIONS]
    ids = [found.get("id") for found in tree.iter() if found.get("id")]
    assert len(ids) == len(set(ids))
    assert tree.get("lang") == "en"


def test_it_needs_nothing_else(page: str):
    tree = parsed(page)
    assert not list(tree.iter("script")) + list(tree.iter("link")) + list(tree.iter("iframe"))
    sources = [found.get("src", "") for found in tree.iter("img")]
    assert len(sources) >= 19
    for source in sources:
        kind, _, data = source.partition("base64,")
        assert kind == "data:image/svg+xml;"
        drawing = ElementTree.fromstring(b64decode(data))
        assert drawing.tag.endswith("svg")
        assert not re.search(rb'href="(?!#|data:)', b64decode(data))
    assert "url(" not in page
    assert "@import" not in page


def test_pictures_have_words_beside_them(page: str):
    for figure in parsed(page).iter("figure"):
        (image,) = figure.iter("img")
        assert image.get("alt")
        assert "".join(figure.itertext()).strip() == image.get("alt")


def test_it_says_what_the_text_says(shown: Demonstration, page: str):
    said = " ".join("".join(parsed(page).itertext()).replace("\u00a0", " ").split())
    for section in shown.report.sections:
        for words in (*section.words, *section.small, *(reason.words for reason in section.reasons)):
            assert " ".join(words.split()) in said
        for cell in (cell for table in section.tables for row in table.rows for cell in row):
            assert cell in said
            assert cell in str(section)


def test_no_raw_floats_and_no_raw_instants(shown: Demonstration, page: str):
    for text in (str(shown.report), re.sub(r"<style>.*?</style>|src=\"[^\"]*\"", "", page, flags=re.DOTALL)):
        assert not re.search(r"\d\.\d{4,}", text)
        assert not re.search(r"\dT\d\d:", text)
        assert not re.search(r"\bnan\b", text)


def test_the_same_report_gives_the_same_page(shown: Demonstration):
    assert shown.report.page() == shown.report.page()


def test_texts_are_escaped():
    told = Reasons("<b>", [Explanation(2, 1.0, "a < b & c", found="<i>")])
    text = page("<title>", "&", [Section("a", "<h>", ("<p>",), (Table(("<", "x"), [("<td>", "&")]),), [told])], ["<n>"])
    tree = parsed(text)
    assert "<td>" in "".join(tree.itertext())
    assert "<i>" in unescape(text)
    assert not list(tree.iter("i")) + list(tree.iter("b"))


def test_an_empty_store_has_a_page_too(tmp_path: Path):
    report = Report.of(Program(Memory(), clock=lambda: NOW), at=NOW)
    assert "0 customers" in str(report)
    assert parsed(report.write(tmp_path / "empty.html").read_text(encoding="utf-8")) is not None
    assert not any(point.reached for point in report.points)


def test_an_unknown_section_is_a_key_error(shown: Demonstration):
    with pytest.raises(KeyError):
        shown.report.section("weather")


def test_figures_stand_to_the_right_and_names_to_the_left():
    table = Table(("customer", "n", "share"), [("00123", "1,203", "4.0 %"), ("00456", "7", "n/a")])
    assert [table.numeric(place) for place in range(3)] == [False, True, True]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"relmkt\[report\]"):
        bars_chart({"a": 1}, "n")


@pytest.mark.parametrize("values", [[0.0, 0.0], [5.0], list(range(1, 2000))])
def test_lorenz_chart_of_any_base(values: list[float]):
    assert "</svg>" in lorenz_chart(values)


def test_cohort_chart_leaves_out_what_is_not_over():
    whole = Cohorts("month", ["2026-01", "2026-02"], [10, 20], [[10, 5, 3], [20, 9, np.nan]])
    running = Cohorts(
        "month",
        ["2026-01", "2026-02"],
        [10, 20],
        [[10, 5, 3], [20, 9, np.nan]],
        running=np.array([[0, 0, 1], [0, 1, 0]], bool),
    )
    assert len(cohort_chart(running)) < len(cohort_chart(whole))
    assert "</svg>" in cohort_chart(Cohorts("month", [f"2024-{k:02d}" for k in range(1, 13)], [9] * 12, [[9, 4]] * 12))


@pytest.mark.skipif(not BROWSER, reason="no browser here: apt-get install chromium")
@pytest.mark.parametrize("width", [500, 900])
def test_nothing_runs_over_the_edge_in_a_browser(page: str, width: int, tmp_path: Path):
    """A headless browser has no window narrower than 500 pixels: a narrow frame stands for a telephone."""
    inner, outer = tmp_path / "page.html", tmp_path / "frame.html"
    inner.write_text(page, encoding="utf-8")
    frame = 360 if width == 500 else width - 40
    measure = "const d=document.getElementById('f').contentDocument.documentElement;document.title=d.scrollWidth"
    outer.write_text(
        f"<!DOCTYPE html><iframe id='f' width='{frame}' height='900' src='page.html'></iframe>"
        f"<script>addEventListener('load',()=>{{{measure}}})</script>"
    )
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom"]
    command += [f"--window-size={width},900", f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000"]
    told = subprocess.run([*command, outer.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    title = re.search(r"<title>(\d+)</title>", told.stdout)
    assert title is not None, told.stderr[-500:]
    assert int(title[1]) <= frame
