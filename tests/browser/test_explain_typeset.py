"""The page of `graphc explain` in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seen import shown


def test_formulas_are_typeset_and_names_lead_to_their_sections(
    opened: Callable[..., Any],
) -> None:
    page = opened("explain", "{EXAMPLES}/seed.nn", "--html", "{PAGE}")
    formulas = shown(page, ".step math")
    assert len(formulas) > 10
    assert all(one.size["height"] > 10 and one.size["width"] > 10 for one in formulas)
    link = next(one for one in shown(page, "table a") if one.text == "W2")
    link.click()
    assert page.current_url.endswith("#W2")
    heading = page.find_element("id", "W2")
    top = page.execute_script("return arguments[0].getBoundingClientRect().top", heading)
    assert 0 <= top < 900


def test_a_page_stays_within_a_narrow_window(opened: Callable[..., Any]) -> None:
    page = opened("explain", "{EXAMPLES}/xor.nn", "--html", "{PAGE}")
    wide = page.execute_script("return document.documentElement.scrollWidth")
    assert wide <= page.execute_script("return innerWidth")
