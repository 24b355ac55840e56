"""A TCP proxy that breaks the connections of a server, to see what a client makes of it."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple


class Cut(NamedTuple):
    """What befalls the answer to a GET: after so many bytes of a connection it ends, so often."""

    after: int
    times: int = 1
    stall: float = 0
    meanwhile: Callable[[], object] = lambda: None
    without_range: bool = False


class CuttingProxy:
    """Passes connections on to a server, and cuts them as a plan says; ``cuts`` counts how often it did."""

    def __init__(self, target: tuple[str, int], cut: Cut) -> None:
        self.cuts = 0
        self._target = target
        self._cut = cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while asked := client.recv(1 << 16):
                server.sendall(re.sub(rb"\r\nRange: [^\r]*", b"", asked) if self._cut.without_range else asked)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        passed = 0
        with suppress(OSError), server, client:
            while answer := server.recv(1 << 14):
                client.sendall(answer)
                passed += len(answer)
                if passed > self._cut.after and self.cuts < self._cut.times:
                    self.cuts += 1
                    time.sleep(self._cut.stall)
                    self._cut.meanwhile()
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.shutdown(socket.SHUT_RD)  # or the reset waits for the thread that listens to the client
                    return
