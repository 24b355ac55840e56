"""Runs commands in forks of one process that has everything imported, one of a pipe with a fault.

Speaks lines of JSON: a request on standard input, with the stages of a pipe; their exit codes on standard output.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import mmap
import os
import sys
from typing import Any

from hhtools.scale.pipeline import Pipeline
from hhtools.scale.plan import Plan
from hhtools.scale.shards import find_shards
from hhtools.scale.work import Failed, make_shards
from tests.shell import SCRIPTS

# As calls.c numbers them.
ACTIONS = ["fail", "fail from then on", "fall short", "fill up", "kill before", "kill after"]


def serve() -> None:
    """Answer requests until there are no more; in a fork, be a command instead."""
    importlib.import_module("hhtools.stream.filter")
    requests, answers = os.fdopen(os.dup(0)), os.dup(1)
    counted = mmap.mmap(-1, mmap.PAGESIZE)
    gc.freeze()  # a fork that ends need not touch what it shares
    for line in requests:
        request = json.loads(line)
        counted[:4] = bytes(4)
        stdin, pids = os.open(request["stdin"], os.O_RDONLY), []
        for number, argv in enumerate(request["stages"]):
            is_last = number == len(request["stages"]) - 1
            next_stdin, stdout = (-1, os.open(request["stdout"], os.O_WRONLY)) if is_last else os.pipe()
            pid = os.fork()
            if pid == 0:
                become(request, number, stdin, stdout, counted)
                (SCRIPTS.get(argv[0]) or make_shard)()
            pids.append(pid)
            os.close(stdin)
            os.close(stdout)
            stdin = next_stdin
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        answer = {"codes": codes, "counted": int.from_bytes(counted[:4], sys.byteorder)}
        os.write(answers, json.dumps(answer).encode() + b"\n")


def become(request: Any, number: int, stdin: int, stdout: int, counted: mmap.mmap) -> None:
    """Be a process as a shell starts it, and, if it is to be struck, an armed one."""
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    sys.argv = request["stages"][number]
    told = os.open(f"{request['told']}.{number}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for fd, file in enumerate((stdin, stdout, told)):
        os.dup2(file, fd)
    os.closerange(3, 100)
    strike = request["strike"]
    if strike and strike["stage"] == number:
        ctypes.CDLL(None).arm(
            os.fsencode(strike["call"]),
            strike["number"],
            ACTIONS.index(strike["action"]),
            strike["error"],
            os.fsencode(request["folder"]),
            ctypes.byref(ctypes.c_int.from_buffer(counted)),
        )


def make_shard() -> None:
    """Do one task of a worker of hh-run, ``make-shard INPUT PIPELINE``; its files go into the folders out and bad."""
    path, text = sys.argv[1:]
    plan = Plan(Pipeline(text), "a-plan", os.path.abspath("out"), os.path.abspath("bad"), True, 1 << 20, False, 60)
    (shard,) = find_shards([path], [], None, 60)
    (result,) = make_shards(plan, [shard])
    sys.stderr.write(result.message if isinstance(result, Failed) else "")
    sys.exit(isinstance(result, Failed) and result.code)


if __name__ == "__main__":
    serve()
