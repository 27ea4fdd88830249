"""Each worker listens by itself at the address that their parent holds."""

import asyncio
import errno
import os
import socket
import threading

import pytest

from endpoint.loops import Holding, Listening

WORKERS, PHONES = 2, 60


def held(port: int) -> socket.socket:
    return Holding("endpoint.served:app", factory=True, port=port, workers=WORKERS).bind_socket()


@pytest.mark.parametrize("how", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_two_endpoints_that_begin_at_the_same_time_do_not_share_an_address(how: int) -> None:
    """Workers listen some seconds after their parent has taken it. The other begins as we do."""
    with held(0) as parent, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, how, 1)
        with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
            other.bind(parent.getsockname())


def test_what_an_endpoint_has_left_at_an_address_does_not_hinder_the_next() -> None:
    class Ends(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transport.close()  # first, so that it is the one that waits for what may still come

    async def serve(parent: socket.socket) -> None:
        async with await asyncio.get_running_loop().create_server(Ends, sock=parent):
            phone, line = await asyncio.open_connection(*parent.getsockname())
            assert await phone.read() == b""
            line.close()

    with held(0) as parent:
        address = parent.getsockname()
        with asyncio.Runner(loop_factory=Listening) as runner:
            runner.run(serve(parent))
    held(address[1]).close()


def test_connections_are_dealt_out_and_nobody_else_has_the_address() -> None:
    parent = held(0)
    address = parent.getsockname()
    came: list[list[object]] = [[] for _ in range(WORKERS)]
    listening, over = threading.Barrier(WORKERS + 1), threading.Event()

    class Call(asyncio.Protocol):
        def __init__(self, of: list[object]) -> None:
            self._of = of

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._of.append(transport)

    async def serve(mine: list[object]) -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Call(mine), sock=parent)
        async with server:
            await asyncio.to_thread(listening.wait)
            await asyncio.to_thread(over.wait)

    def worker(mine: list[object]) -> None:
        with asyncio.Runner(loop_factory=Listening) as runner:
            runner.run(serve(mine))

    threads = [threading.Thread(target=worker, args=(mine,), daemon=True) for mine in came]
    for one in threads:
        one.start()
    listening.wait(10)
    try:
        phones = [socket.create_connection(address, 5) for _ in range(PHONES)]
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match=os.strerror(errno.EADDRINUSE)):
                other.bind(address)
        for _ in range(100):
            if sum(map(len, came)) == PHONES:
                break
            over.wait(0.05)
        for one in phones:
            one.close()
    finally:
        over.set()
        for one in threads:
            one.join(10)
        parent.close()
    assert sum(map(len, came)) == PHONES
    # That one of two gets fewer than 10 of 60 happens once in fifty million times.
    assert min(map(len, came)) >= 10
