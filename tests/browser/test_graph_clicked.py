"""The page of `graphc graph` in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seen import shown


def titles(driver: Any) -> str:
    return " ".join(one.text for one in shown(driver, "section text"))


def test_a_click_on_a_block_shows_what_is_in_it_and_a_link_leads_back(
    opened: Callable[..., Any],
) -> None:
    page = opened("graph", "{EXAMPLES}/alice.nn", "--backward", "-o", "{PAGE}")
    assert len(shown(page, "section")) == 1
    assert "attention" not in titles(page)
    for inside in ("h.1", "attention"):
        block = next(one for one in shown(page, "section a") if inside in one.text)
        block.click()
        assert len(shown(page, "section")) == 1
    way = shown(page, "nav a")
    assert len(shown(page, "nav b")) == 1
    way[0].click()
    assert "h.1" in titles(page)
    page.back()
    assert len(shown(page, "nav b")) == 1
    assert "h.1" not in [one.text for one in shown(page, "nav b")]


def test_a_picture_is_as_high_as_what_it_shows(opened: Callable[..., Any]) -> None:
    page = opened("graph", "{EXAMPLES}/seed.nn", "--backward", "-o", "{PAGE}")
    (figure,) = shown(page, "figure svg")
    assert figure.size["height"] > 100
    inside = page.execute_script(
        "const svg = document.querySelector('figure svg'), all = svg.getBoundingClientRect();"
        "return [...svg.querySelectorAll('text')].every(one => {"
        "  const box = one.getBoundingClientRect();"
        "  return box.left >= all.left - 1 && box.right <= all.right + 1"
        "    && box.top >= all.top - 1 && box.bottom <= all.bottom + 1;});"
    )
    assert inside, "a word leaves the picture"


def test_no_two_words_cover_one_another(opened: Callable[..., Any]) -> None:
    page = opened("graph", "{EXAMPLES}/seed.nn", "--backward", "-o", "{PAGE}")
    overlapping = page.execute_script(
        "const all = [...document.querySelectorAll('figure svg text')].map(one =>"
        "  [one.textContent, one.getBoundingClientRect()]);"
        "return all.flatMap(([a, p], n) => all.slice(n + 1).filter(([b, q]) =>"
        "  p.left < q.right - 2 && q.left < p.right - 2 && p.top < q.bottom - 4"
        "    && q.top < p.bottom - 4).map(([b]) => a + ' / ' + b));"
    )
    assert not overlapping
