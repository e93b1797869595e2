from __future__ import annotations

import sys
import time
from typing import Any

from lipbuild.diagnostics.printable import printable
from lipbuild.serving.access_log import AccessLog
from lipbuild.serving.metrics import Metrics


class Observed:
    """An ASGI application whose requests are counted, and written down where there is a log.

    Args:
        app: The application.
        metrics: Where they are counted.
        paths: The paths that are counted by their names; all others together.
        log: Where they are written down.
    """

    def __init__(self, app: Any, metrics: Metrics, paths: frozenset[str], log: AccessLog | None) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = paths
        self._log = log

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, length = 0, 0

        async def observed(message: Any) -> None:
            nonlocal status, length
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                length += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, observed)
        # Nothing of it reaches the client, or stops the service.
        except Exception as error:
            said = printable(f"{scope['path'][:100]}: {type(error).__name__}: {error!s:.300}")
            print(f"error: {said}", file=sys.stderr, flush=True)
            if not status:
                await _fail(observed)
        seconds = time.perf_counter() - began
        # 499 is what nginx writes where a client has gone before its answer.
        status = status or 499
        path = scope["path"]
        self._metrics.answered(path if path in self._paths else "other", status, seconds)
        if self._log is not None:
            client = scope.get("client")
            self._log.write(
                client=client[0] if client else None,
                method=scope["method"][:20],
                path=path[:200],
                status=status,
                seconds=round(seconds, 6),
                bytes=length,
                samples=scope.get("lipbuild.samples"),
            )


async def _fail(send: Any) -> None:
    body = b'{"reason": "the service has failed to answer this request"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
