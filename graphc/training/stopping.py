"""Ctrl-C, SIGTERM and SIGHUP, turned into one exception that never comes at a bad moment."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = {int(signal.SIGINT): "Ctrl-C", int(signal.SIGTERM): "SIGTERM"}
if hasattr(signal, "SIGHUP"):  # not on Windows
    SIGNALS[int(signal.SIGHUP)] = "SIGHUP"


class Stopped(BaseException):
    """Raised in the main thread when a signal asks to stop; no `except Exception` swallows it."""


class Stop:
    """Within `with Stop() as stop:`, signals raise `Stopped` where that is allowed.

    It is allowed inside `interruptible`, except inside `held`; elsewhere the signal is only
    remembered in `signum`. After the first signal no other one raises, so what is being saved is
    saved to its end.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        self._may_raise = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # Python delivers signals to the main thread alone, and lets only that one set handlers.
        if threading.current_thread() is threading.main_thread():
            for signum in SIGNALS:
                # One that is ignored, as by nohup or a program that a script runs with &, stays so.
                if signal.getsignal(signum) is not signal.SIG_IGN:
                    self._previous[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for signum, handler in self._previous.items():
            signal.signal(signum, handler)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Work that a signal may cut short anywhere."""
        self._may_raise = True
        try:
            if self.signum is not None:
                raise Stopped
            yield
        finally:
            self._may_raise = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Work inside `interruptible` that is done to its end."""
        self._may_raise = False
        try:
            yield
        finally:
            self._may_raise = self.signum is None

    @property
    def cause(self) -> str:
        """What the user did, for a message."""
        return SIGNALS.get(self.signum or 0, "")

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.signum is None:
            self.signum = signum
            if SIGNALS[signum] == "SIGHUP":
                _leave_terminal()
            if self._may_raise:
                self._may_raise = False
                raise Stopped


def _leave_terminal() -> None:
    """Lets output go nowhere where the terminal is gone: to write to it would fail, unsaved."""
    for output in (1, 2):
        with contextlib.suppress(OSError):
            if stat.S_ISCHR(os.fstat(output).st_mode) and not os.isatty(output):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, output)
                os.close(nowhere)
