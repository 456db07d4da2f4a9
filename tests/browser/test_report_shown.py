"""The page of `graphc train --report` in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seen import shown


def test_a_report_of_classes_shows_its_sections(opened: Callable[..., Any]) -> None:
    run = ("{EXAMPLES}/iris.nn", "--data", "{EXAMPLES}/iris.csv", "--epochs", "20")
    page = opened("train", *run, "--report", "{PAGE}")
    for section in ("score", "curves", "classes", "spreads", "model", "origin"):
        assert page.find_element("id", section).is_displayed(), section
    for picture in shown(page, "#curves svg"):
        assert picture.size["height"] > 100
    cells = [one.text for one in shown(page, "#classes table th, #classes table td")]
    assert any("setosa" in cell for cell in cells)


def test_a_report_stays_within_a_narrow_window(opened: Callable[..., Any], driver: Any) -> None:
    run = ("{EXAMPLES}/xor.nn", "--data", "{EXAMPLES}/xor.csv", "--epochs", "20")
    width, height = driver.get_window_size().values()
    driver.set_window_size(600, height)
    try:
        page = opened("train", *run, "--report", "{PAGE}")
        wide = page.execute_script("return document.documentElement.scrollWidth")
        assert wide <= page.execute_script("return innerWidth")
    finally:
        driver.set_window_size(width, height)
