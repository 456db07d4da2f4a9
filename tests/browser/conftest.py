"""A real browser, in which the pages that graphc writes are opened and clicked.

It needs the extra `browser` (selenium), and Chromium with its driver, as the system installs them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from graphc.cli import graphc

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SIZE = (1400, 900)
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    """The browser, headless; it has no network, and notes what a page asks for."""
    webdriver = pytest.importorskip("selenium.webdriver")
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    program = shutil.which("chromedriver")
    if browser is None or program is None:
        pytest.skip("there is no Chromium with its driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    width, height = SIZE
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--proxy-server=127.0.0.1:9",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=program)
    with webdriver.Chrome(options=options, service=service) as driver:
        yield driver


@pytest.fixture
def opened(driver: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens the page that a command writes into `page.html`; a page that fails, fails the test.

    It fails by an error in its script, and by asking for anything beside itself.
    """

    def run(*arguments: str, after: str = "") -> Any:
        page = tmp_path / "page.html"
        places = {"EXAMPLES": f"{EXAMPLES}", "PAGE": f"{page}"}
        command = [part.format(**places) for part in arguments]
        result = CliRunner().invoke(graphc, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        driver.get_log("performance")
        driver.get("about:blank")  # a page of that very address would not be loaded anew
        driver.get(f"{page.as_uri()}{after}")
        return driver

    yield run
    if picture := os.environ.get("SCREENSHOTS"):
        Path(picture).mkdir(parents=True, exist_ok=True)
        name = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0].replace("/", "-")
        driver.save_screenshot(str(Path(picture) / f"{name}.png"))
    assert not driver.get_log("browser")
    asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    addresses = {
        one["params"]["request"]["url"].partition("#")[0]
        for one in asked
        if one["method"] == "Network.requestWillBeSent"
    }
    allowed = ("about:", "data:", (tmp_path / "page.html").as_uri())
    assert all(address.startswith(allowed) for address in addresses), addresses
