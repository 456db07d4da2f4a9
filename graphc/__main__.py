"""The command `graphc`, also as `python -m graphc`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; ends by SystemExit with the exit code."""
    try:
        from graphc.cli import graphc
    except KeyboardInterrupt:
        sys.exit(130)
    graphc(prog_name="graphc")


if __name__ == "__main__":
    # `python -m` puts the current folder first, where a user's numpy.py would win over NumPy.
    if not sys.flags.safe_path:
        del sys.path[0]
    main()
