"""What can be seen of a page."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def shown(driver: Any, selector: str) -> list[Any]:
    """The elements that a selector finds and that can be seen."""
    return [one for one in driver.find_elements("css selector", selector) if one.is_displayed()]


def until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether something comes to hold: a page answers a click when it gets round to it."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()
