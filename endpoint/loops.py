"""How workers listen: each by itself, at an address that their parent holds for them alone."""

import asyncio
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

_NOT_STARTED = 3
"""What uvicorn itself exits with."""


class Holding(uvicorn.Config):
    """With an address that nobody else gets while workers start: two endpoints that had begun together would
    both listen at it, each with its workers, and be dealt the other's phones."""

    def bind_socket(self) -> socket.socket:
        held = super().bind_socket()
        # It was for binding: what an endpoint before this one has left there for a minute is no hindrance.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        return held


def serve(config: Holding) -> None:
    """Until it is stopped. Exits where it cannot start."""
    server = uvicorn.Server(config)
    try:
        if config.workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
        else:
            server.run()
    except KeyboardInterrupt:
        return
    if config.workers == 1 and not server.started:
        sys.exit(_NOT_STARTED)


class Listening(asyncio.SelectorEventLoop):
    """Among workers that share one listener, whoever wakes first takes all connections that wait: when
    everybody came back at once, one worker had four fifths of them. Here each listens by itself at the
    address that their parent holds, and Linux deals connections out.
    """

    async def create_server(self, *given: Any, sock: socket.socket | None = None, **named: Any) -> Any:
        if sock is None or sys.platform != "linux":
            return await super().create_server(*given, sock=sock, **named)
        # After it was bound: whoever else wants the address is refused, as ever.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own = socket.socket(sock.family)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        own.bind(sock.getsockname())
        return await super().create_server(*given, sock=own, **named)
