"""A Ray cluster, joined without a word: one that runs, or one of this machine that ends with the run."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hhtools.stream.exits import Exit, Fault
from hhtools.stream.extras import optional_module
from hhtools.stream.signals import Interrupted

_PATIENCE = 10.0  # seconds for a cluster to take a connection; Ray itself would take two minutes, and tell of each try

_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # or it warns that it will change
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # what it would print of dead workers
    "RAY_DEFAULT_PYTHON_VERSION_MATCH_LEVEL": "minor",
}


def ray_for(address: str | None) -> Any:
    """Give the module ray, set so that it keeps quiet, for a cluster at an address or for one of this machine.

    Raises:
        Fault: 78 when Ray is not installed.
    """
    if "ray" not in sys.modules:  # it reads these when it is imported
        settings = dict(_SETTINGS)
        if not address and not any(name.startswith("RAY_AUTH_") for name in os.environ):
            # Ray would leave a token in the home folder.
            settings |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        os.environ.update({**settings, **os.environ})
    ray = optional_module("ray", "the engine ray", "ray")
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    return ray


@contextmanager
def join(ray: Any, workers: int | None, address: str | None) -> Iterator[None]:
    """Be a driver of the cluster at an address, or of a Ray of this machine with so many CPUs that ends with the block.

    Raises:
        Fault: 75 when there is no cluster at the address, 77 when it does not let us in, 78 when it has another version
            of Python or Ray, 74 when Ray does not start on this machine.
    """
    folder = None
    options: dict[str, Any]
    if address:
        _reach(address)
        options = {"address": address, "runtime_env": {"env_vars": _credentials()}}
    else:
        folder = tempfile.mkdtemp(prefix="hh-ray-")
        options = {"address": "local", "num_cpus": workers, "include_dashboard": False, "_temp_dir": folder}
    try:
        _init(ray, address, options)
        yield
    finally:
        ray.shutdown()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _init(ray: Any, address: str | None, options: dict[str, Any]) -> None:
    heed = signal.getsignal(signal.SIGTERM)
    with tempfile.TemporaryFile() as told:
        try:
            with _told_to(told.fileno()):
                ray.init(logging_level=logging.CRITICAL, log_to_driver=False, **options)
        except SystemExit:  # of the handler that Ray puts in the place of ours
            raise Interrupted(signal.SIGTERM) from None
        except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
            told.seek(0)
            raise _not_joined(address, error, told.read()) from error
        finally:
            signal.signal(signal.SIGTERM, heed)


@contextmanager
def _told_to(fd: int) -> Iterator[None]:
    # Ray's own library writes to standard error what it tries in vain.
    standard_error = os.dup(2)
    os.dup2(fd, 2)
    try:
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)


def _not_joined(address: str | None, error: Exception, told: bytes) -> Exception:
    if "ersion mismatch" in str(error):
        return Fault(Exit.MISSING_EXTRA, f"{address}: {' '.join(str(error).split())}; install the same everywhere")
    if b"InvalidAuthToken" in told + str(error).encode():
        return Fault(Exit.PERMISSION, f"{address}: Ray does not let us in: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN")
    if address:
        return Fault(Exit.NETWORK, f"{address}: {first_line(error)}")
    return Fault(Exit.IO, f"Ray does not start: {first_line(error)}")


def _reach(address: str) -> None:
    host, _, port = address.rpartition(":")
    if "://" in address:
        raise Fault(Exit.USAGE, f"{address}: give the HOST:PORT of the cluster's head, or auto")
    if port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except OSError as error:
            raise Fault(Exit.NETWORK, f"{address}: no Ray cluster there: {error.strerror or error}") from None


def _credentials() -> dict[str, str]:
    named = ("AWS_", "HF_", "HH_DEBUG")
    return {name: value for name, value in os.environ.items() if name.startswith(named)}


def first_line(error: BaseException) -> str:
    """Give the first line of what an error says."""
    return str(error).strip().partition("\n")[0]
