"""One example run forward and back: every value and every gradient, in a terminal and on a page."""
