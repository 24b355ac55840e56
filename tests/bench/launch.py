"""Run the programs of a pipe and print what each of them took: its exit code, CPU seconds and peak memory.

The kernel passes the peak memory of a process on to the program that it turns into, so that whatever a large process
spawns seems to have been as large. This one imports built-in modules alone, and `python -I -S` keeps it below every
Python program that it measures. Reading /proc while a program runs would miss its last moments.
"""

from __future__ import annotations

import os
import sys
import time

PIPE = "|"


def commands_of(words: list[str]) -> list[list[str]]:
    """Part the words of a pipe into its commands."""
    commands: list[list[str]] = [[]]
    for word in words:
        if word == PIPE:
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def start(commands: list[list[str]], output: str) -> list[int]:
    """Start every command, its input from the one before it, and give their process ids."""
    started = []
    source = os.open(os.devnull, os.O_RDONLY)
    for number, command in enumerate(commands, 1):
        if number < len(commands):
            following, target = os.pipe()
        else:
            following, target = -1, os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        streams = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, target, 1)]
        started.append(os.posix_spawnp(command[0], command, os.environ, file_actions=streams))
        os.close(source)
        os.close(target)
        source = following
    return started


def main() -> None:
    """Print the wall time, then a line for each program."""
    output, *words = sys.argv[1:]
    began = time.perf_counter()
    ended = [os.wait4(process, 0)[1:] for process in start(commands_of(words), output)]
    print(time.perf_counter() - began)
    for status, usage in ended:
        print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


if __name__ == "__main__":
    main()
