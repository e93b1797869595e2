from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette

from lipbuild.serving.connection import IDLE_SECONDS, MOST_HEAD, LimitedConnection, connection_class
from lipbuild.serving.limits import Limits

# How many connections the kernel keeps until they are accepted, and how many a process accepts at once: several
# processes share what comes in.
_BACKLOG = 2048
_ACCEPTED_AT_ONCE = 16
# So that a process has ended when its time is over.
_EARLY = 0.25


def run_server(
    app: Starlette, listening: socket.socket, limits: Limits, grace: float, when_ready: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM; requests that are in it by then are answered.

    Args:
        app: The application.
        listening: A socket that is bound.
        limits: What connections may take.
        grace: How many seconds after the signal the process ends, whatever still waits.
        when_ready: Called once it listens, and ends in order when it is told to.
    """
    _raise_limit_of_files(limits.connections)
    # What has been loaded stays. What requests leave behind is looked for often, so that it never becomes much.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)
    config = uvicorn.Config(
        app,
        http=connection_class(limits),
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        # What it says of clients that break off or send nonsense is of no use.
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_ACCEPTED_AT_ONCE,
        timeout_keep_alive=int(IDLE_SECONDS),
        h11_max_incomplete_event_size=MOST_HEAD,
    )
    _Server(config, app, grace, when_ready).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, app: Starlette, grace: float, when_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._when_ready = when_ready
        self._app = app
        self._grace = grace

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for listening in sockets or ():
            listening.listen(_BACKLOG)
        self._when_ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            self._check_connections()
        return await super().on_tick(counter)

    def _check_connections(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, LimitedConnection):
                connection.check(now)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.draining = True
        # Whoever is answered now asks its next question elsewhere.
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await super().shutdown(sockets=sockets)

    def handle_exit(self, sig: int, frame: Any) -> None:
        if self.should_exit and sig == signal.SIGINT:
            _end()
        if not self.should_exit:
            # Whatever hangs, in a client or in a runtime.
            timer = threading.Timer(max(self._grace - _EARLY, 0.0), _end)
            timer.daemon = True
            timer.start()
        self.should_exit = True


def _end() -> None:
    # Neither the threads that hang nor what waits to be written is waited for.
    os._exit(0)


def _raise_limit_of_files(connections: int) -> None:
    """Let the process have a file for each connection, as far as it may."""
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    wanted = connections + 256
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
