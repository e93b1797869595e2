"""The pages in a real browser: Chromium without a screen."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lipbuild
from lipbuild.reporting.chart_files import write_charts
from lipbuild.reporting.run_files import RunFiles
from tests.reporting.conftest import Runs

pytest.importorskip("selenium")
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {
        name: lipbuild.report(getattr(runs, name), folder / f"{name}.html")
        for name in ("images", "numbers", "bare")
    }
    found["compared"] = folder / "compared.html"
    found["compared"].write_text(lipbuild.compare([runs.images, runs.bare]).html())
    return found


def show(browser: Any, page: Path, width: int = 1400, *, dark: bool = False) -> None:
    media = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())


@pytest.mark.parametrize("name", ["images", "numbers", "bare", "compared"])
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    show(browser, pages[name])
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith("data:")} == {pages[name].as_uri()}
    assert browser.get_log("browser") == []
    images = """
        const done = arguments[0], images = [...document.querySelectorAll("image")];
        Promise.all(images.map(image => image.decode())).then(() => done(images.length), error => done(String(error)));
    """
    assert browser.execute_async_script(images) == (3 * 12 if name == "images" else 0)


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("name", ["images", "compared"])
def test_a_page_is_no_wider_than_its_window(
    browser: Any, pages: dict[str, Path], name: str, width: int
) -> None:
    show(browser, pages[name], width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    drawn = "return [...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().height > 50)"
    assert browser.execute_script(drawn)


def test_no_text_of_a_chart_is_cut_or_lies_on_another(
    browser: Any, runs: Runs, pages: dict[str, Path], tmp_path: Path
) -> None:
    run = shutil.copytree(runs.images, tmp_path / "run")
    write_charts(RunFiles.of(run))
    for path in (pages["images"], *sorted((run / "plots").glob("*.svg"))):
        show(browser, path)
        assert browser.execute_script(_BADLY_PLACED) == [], path


_BADLY_PLACED = """
        const wrong = [];
        const room = document.body ? 12 : 0; // beside a chart of the page is a margin
        const page = "#training svg, #robustness svg, #margins svg, #gallery svg";
        for (const svg of document.body ? document.querySelectorAll(page) : [document.documentElement]) {
            const outer = svg.getBoundingClientRect();
            const boxes = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
            boxes.forEach(([text, a], i) => {
                if (a.right > outer.right + room || a.left < outer.left - room / 6) wrong.push("cut: " + text);
                for (const [other, b] of boxes.slice(i + 1))
                    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
                        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) wrong.push(text + " on " + other);
            });
        }
        return wrong;
    """


def test_light_and_dark_follow_the_system_and_print_is_light(browser: Any, pages: dict[str, Path]) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    show(browser, pages["images"], dark=True)
    assert browser.execute_script(ground) == "rgb(20, 24, 28)"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.execute_script(ground) == "rgb(255, 255, 255)"
    shown = "return getComputedStyle(document.querySelector('nav')).display"
    assert browser.execute_script(shown) == "none"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    show(browser, pages["images"])
    assert browser.execute_script(ground) == "rgb(255, 255, 255)"


def test_the_arrow_keys_read_the_values_of_a_chart(browser: Any, runs: Runs, pages: dict[str, Path]) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, pages["images"])
    chart = browser.find_element("css selector", "#training svg")
    browser.execute_script("arguments[0].focus()", chart)
    chart.send_keys(Keys.ARROW_RIGHT)
    said = browser.find_element("id", "values").text
    first = (runs.images / "metrics.csv").read_text().splitlines()[:2]
    row = dict(zip(*(line.split(",") for line in first)))
    assert said.startswith("epoch 1")
    assert f"training: {float(row['loss']):.5g}" in said


def test_a_live_page_follows_the_training_to_its_end(browser: Any, runs: Runs) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    from lipbuild.reporting.live.page_server import EVENTS, PageServer
    from lipbuild.reporting.live.pages import Pages
    from lipbuild.reporting.report import report_page

    def is_shown(text: str) -> None:
        WebDriverWait(browser, 30).until(lambda b: text in b.find_element("css selector", "body").text)

    pages = Pages()
    pages.put(report_page(RunFiles.of(runs.unfinished), live=EVENTS))
    server = PageServer("127.0.0.1", 0, pages)
    try:
        browser.get_log("browser")
        browser.get(server.address)
        is_shown("The training has not ended")
        browser.execute_script("window.same = true")
        pages.put(report_page(RunFiles.of(runs.bare), live=EVENTS))
        is_shown("has not been measured")
        pages.put(report_page(RunFiles.of(runs.images), live=EVENTS), ended=True)
        is_shown("the training has ended")
        is_shown("average certified radius")
    finally:
        server.close()
    assert browser.execute_script("return window.same"), "the page was loaded anew"
    assert browser.get_log("browser") == []
