from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from lipbuild.serving.limits import Limits

# How long the head of a request may be.
MOST_HEAD = 2**14
_END = b"\r\n\r\n"
# How long a connection without a request may stay.
IDLE_SECONDS = 5.0
# How long the rest of what a refused client sends is read and dropped, so that the answer is not lost by a reset.
_LINGER_SECONDS = 2.0
# How long connections that wait for a next request may still send one when the service ends.
_LAST_SECONDS = 1.0


def connection_class(limits: Limits) -> type[H11Protocol]:
    """uvicorn's connection with limits: on their number, on the time that a client takes, on what is waited for.

    Args:
        limits: The limits.
    """
    return type("Connection", (LimitedConnection,), {"limits": limits})


class LimitedConnection(H11Protocol):
    """A connection of uvicorn's that ends where its client takes too long.

    Attributes:
        limits: What it may take.
    """

    limits: Limits
    # Since when it has been in its state: waiting for a request, in the middle of one, or refused.
    since = 0.0
    idle = True
    refused = False
    # Since when the client has taken nothing of its answer.
    stalled: float | None = None

    def connection_made(self, transport: Any) -> None:
        """It begins."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        if self.refused:
            return
        if self.idle:
            self.idle, self.since = False, self.loop.time()
        if self.conn.their_state is h11.IDLE and len(data) > MOST_HEAD and data.find(_END, 0, MOST_HEAD) < 0:
            self._refuse(431, f"the head of the request has more than {MOST_HEAD} bytes")
            return
        super().data_received(data)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more; it may still wait for an answer."""
        if not self._answering or self.cycle.more_body:
            return None
        self.cycle.keep_alive = False
        return True

    def on_response_complete(self) -> None:
        """A request has been answered."""
        self.idle, self.since = True, self.loop.time()
        super().on_response_complete()

    def handle_events(self) -> None:
        """Requests are begun."""
        super().handle_events()
        # A request that had come while the one before was answered has begun, or the rest of a body that nobody wanted
        # has come to its end.
        waits = self.conn.their_state is h11.IDLE and not self._answering and not self.conn.trailing_data[0]
        if waits is not self.idle and (waits or self._answering):
            self.idle, self.since = waits, self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """What has come is not HTTP."""
        self._refuse(400, "this is not HTTP/1.1 that can be read")

    def shutdown(self) -> None:
        """The service is being stopped."""
        # Requests that are in it are answered; what has begun to come may come to its end.
        if self._answering and not self.cycle.response_started:
            # The answer says that the connection ends with it, or the next request would be lost.
            self.cycle.default_headers = self.server_state.default_headers
        elif self._answering:
            self.cycle.keep_alive = False
        elif self.idle:
            self.loop.call_later(_LAST_SECONDS, self._close_idle)

    def check(self, now: float) -> None:
        """End it where it has had its time.

        Args:
            now: The time of the event loop.
        """
        if self.transport.get_write_buffer_size() == 0:
            self.stalled = None
        elif self.stalled is None:
            self.stalled = now
        elif now - self.stalled > self.limits.seconds:
            self.transport.abort()
            return
        waited = now - self.since
        if self.refused:
            if waited > _LINGER_SECONDS:
                self.transport.close()
        elif self.idle:
            if waited > IDLE_SECONDS and not self._answering:
                self._close_idle()
        elif self._incomplete and waited > self.limits.seconds:
            self._refuse(408, f"the request has not come in {self.limits.seconds:g} s")

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _incomplete(self) -> bool:
        """Whether a part of a request has come, and its rest is waited for."""
        return not self._answering or bool(self.cycle.more_body)

    def _close_idle(self) -> None:
        if self.idle and not self.transport.is_closing():
            self.timeout_keep_alive_handler()

    def _refuse(self, status: int, reason: str) -> None:
        """Answer something that is not a request, and stop reading."""
        if self._answering:
            # The application has nobody to answer any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.abort()
                return
        body = json.dumps({"reason": reason}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        phrase = HTTPStatus(status).phrase.encode()
        try:
            sent = [
                self.conn.send(h11.Response(status_code=status, headers=headers, reason=phrase)),
                self.conn.send(h11.Data(data=body)),
                self.conn.send(h11.EndOfMessage()),
            ]
        except h11.LocalProtocolError:
            self.transport.abort()
            return
        self.transport.write(b"".join(part for part in sent if part is not None))
        self._unset_keepalive_if_required()
        self.refused, self.since = True, self.loop.time()
        self.flow.resume_reading()
        # A client that has gone takes no end either.
        with suppress(OSError):
            self.transport.write_eof()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for its client; where all are being answered, this one."""
        waiting = [
            other
            for other in self.connections
            if isinstance(other, LimitedConnection) and other is not self and other._incomplete
        ]
        last = min(waiting, key=lambda other: other.since, default=self)
        # It is out of the list at once, whatever its client does.
        last.transport.abort()
        self.connections.discard(last)
