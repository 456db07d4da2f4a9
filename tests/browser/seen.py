"""What can be seen of a page."""

from __future__ import annotations

from typing import Any


def shown(driver: Any, selector: str) -> list[Any]:
    """The elements that a selector finds and that can be seen."""
    return [one for one in driver.find_elements("css selector", selector) if one.is_displayed()]
