"""What a worker process of the local engine runs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any

from hhtools.scale.engines import outcome_of
from hhtools.stream.signals import Interrupted, end_whole

GRACE = 5.0
"""Seconds that a worker has to end by itself, and to remove what it has half written."""

_SOON = 0.01  # seconds

READY = b""
"""What a worker says when it can be given a task."""

ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
"""The signals that are held back until a worker knows what they mean to it."""


def serve(connection: Connection) -> None:
    """Do one task after the other, as they come over a connection, until the driver wants no more or is no more."""
    # ^C and a hangup reach the whole group of processes, but the driver decides what they mean.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for fd in (0, 1):  # standard input and output are the driver's own
        os.dup2(os.open(os.devnull, os.O_RDWR), fd)
    threading.Thread(target=_end_with_driver, daemon=True).start()
    try:
        _heed_once()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        with suppress(EOFError, OSError):  # the driver wants no more, or is no more
            connection.send_bytes(READY)
            while True:
                connection.send_bytes(outcome_of(connection.recv_bytes()))
        # The driver may ask for what is being done anyway. Held back, and not ignored: Python tells of one that came
        # just before it was.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    except Interrupted as asked:
        signal.signal(asked.signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {asked.signum})
        os.kill(os.getpid(), asked.signum)


def _heed_once() -> None:
    end_whole()
    heed = signal.getsignal(signal.SIGTERM)
    if callable(heed):  # and not ignored, as it was when the driver started
        signal.signal(signal.SIGTERM, partial(_once, heed))


def _once(heed: Callable[[int, FrameType | None], Any], signum: int, frame: FrameType | None) -> None:
    # Often the driver asks and so does whoever asked the driver: the removal of what is half written goes on. (To
    # ignore the signal is not enough: it would still end the process between two lines of the handler.)
    if _is_importing(frame):  # where an exception may be swallowed, and told of on standard error
        threading.Timer(_SOON, signal.pthread_kill, (threading.main_thread().ident or 0, signum)).start()
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signum})
    try:
        heed(signum, frame)
    finally:
        signal.signal(signum, signal.SIG_IGN)


def _is_importing(frame: FrameType | None) -> bool:
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _end_with_driver() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # the main thread's alone
    driver = multiprocessing.parent_process()
    if driver:
        wait([driver.sentinel])
    # To the main thread, or the call in which that waits would go on.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
