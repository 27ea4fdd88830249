"""The loop that a worker runs on: asyncio's own, with a listener of its own."""

import asyncio
import socket
from typing import Any


class Listening(asyncio.SelectorEventLoop):
    """Among workers that share one listener, whoever wakes first takes all connections that wait: when
    everybody came back at once, one worker had four fifths of them. Here each listens by itself at the
    address that their parent holds, and Linux deals connections out.
    """

    async def create_server(self, *given: Any, sock: socket.socket | None = None, **named: Any) -> Any:
        if sock is None or not hasattr(socket, "SO_REUSEPORT"):
            return await super().create_server(*given, sock=sock, **named)
        # After it was bound: whoever else wants the address is refused, as ever.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own = socket.socket(sock.family)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own.bind(sock.getsockname())
        return await super().create_server(*given, sock=own, **named)
