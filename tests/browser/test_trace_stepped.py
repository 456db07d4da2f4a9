"""The page of `graphc trace` in a browser: one steps through it forward and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from seen import shown, until

Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys

FORWARD = ["3", "−4", "2", "−12", "−10"]
BACKWARD = ["−4", "3", "1", "1", "1"]


def at(page: Any) -> int:
    return int(page.find_element("id", "count").text.split(" of ")[0])


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.find_element("tag name", "body").send_keys(key)


def numbers(page: Any, kind: str) -> list[str]:
    """The numbers that can be read on the graph: values above an edge, gradients below."""
    which = ".returning" if kind == "gradient" else ":not(.returning)"
    return sorted(one.text for one in shown(page, f"#graph text{which}[data-value]"))


def test_the_textbook_figure_fills_as_one_steps(opened: Callable[..., Any]) -> None:
    page = opened("trace", "{EXAMPLES}/circuit.nn", "--html", "{PAGE}")
    assert at(page) == 1
    assert not numbers(page, "gradient")
    seen = []
    while shown(page, "#next:enabled"):
        page.find_element("id", "next").click()
        seen.append((len(numbers(page, "value")), len(numbers(page, "gradient"))))
    assert seen == sorted(seen)
    assert numbers(page, "value") == sorted(FORWARD)
    assert numbers(page, "gradient") == sorted(BACKWARD)
    press(page, Keys.HOME)
    assert at(page) == 1
    assert not numbers(page, "gradient")


def test_keys_lines_and_nodes_lead_to_the_same_steps(opened: Callable[..., Any]) -> None:
    page = opened("trace", "{EXAMPLES}/circuit.nn", "--html", "{PAGE}")
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert at(page) == 3
    press(page, Keys.ARROW_LEFT)
    assert at(page) == 2
    line = next(one for one in shown(page, "#code [data-line]") if "dx[...] = y" in one.text)
    line.click()
    assert until(lambda: "now" in line.get_attribute("class"))
    here = at(page)
    assert sorted(one.text for one in shown(page, "#graph .lit")) == ["f = x * y", "x"]
    node = next(one for one in shown(page, "#graph [data-item]") if one.text.startswith("g = "))
    node.click()
    assert until(lambda: at(page) < here)
    assert "lit" in node.get_attribute("class")


def test_an_address_leads_to_a_step(opened: Callable[..., Any]) -> None:
    arguments = ("{EXAMPLES}/xor.nn", "--data", "{EXAMPLES}/xor.csv", "--row", "2")
    page = opened("trace", *arguments, "--html", "{PAGE}", after="#step=17")
    assert until(lambda: at(page) == 17)
    assert len(shown(page, ".told")) == 1
    (now,) = shown(page, "#code .now")
    pane = page.find_element("id", "code")
    top, bottom = page.execute_script(
        "const a = arguments[0].getBoundingClientRect(), b = arguments[1].getBoundingClientRect();"
        "return [b.top - a.top, a.bottom - b.bottom];",
        pane,
        now,
    )
    assert top >= 0
    assert bottom >= 0


def test_a_box_whose_number_is_not_known_has_its_name_in_the_middle(
    opened: Callable[..., Any],
) -> None:
    arguments = ("{EXAMPLES}/xor.nn", "--data", "{EXAMPLES}/xor.csv")
    page = opened("trace", *arguments, "--html", "{PAGE}")
    last = next(one for one in shown(page, "#graph [data-item]") if "p = " in one.text)
    for key, least, most in ((Keys.HOME, -2, 2), (Keys.END, 4, 12)):
        press(page, key)
        away = page.execute_script(
            "const middle = (one) => { const found = one.getBoundingClientRect();"
            " return (found.top + found.bottom) / 2; };"
            "return middle(arguments[0].querySelector('rect'))"
            " - middle(arguments[0].querySelector('text'));",
            last,
        )
        assert least <= away <= most


def test_a_transformer_can_be_stepped_through(opened: Callable[..., Any]) -> None:
    arguments = ("{EXAMPLES}/alice.nn", "--data", "{EXAMPLES}/alice.npz")
    page = opened("trace", *arguments, "--html", "{PAGE}")
    count = int(page.find_element("id", "count").text.split(" of ")[1])
    assert count > 100
    for step in range(1, count + 1, 40):
        page.execute_script("location.hash = arguments[0]", f"#step={step}")
        assert until(lambda step=step: at(page) == step)
        assert shown(page, "#graph .lit") or "update" in page.find_element("id", "code").text
