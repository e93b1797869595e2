from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from lipbuild.serving.limits import Limits
from lipbuild.serving.request import BadRequestError
from lipbuild.serving.service import count_marks

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

# How much of a refused body is read before the connection is closed, and for how long.
_UNREAD_SECONDS = 5.0


class GoneError(Exception):
    """The client has gone: nobody waits for an answer."""


class Room:
    """How many bytes all requests that wait may still have together.

    Args:
        free: How many there are.
    """

    def __init__(self, free: int) -> None:
        self.free = free

    def take(self, count: int) -> None:
        """Take some.

        Raises:
            BadRequestError: There are not as many: the service has more to do than it can.
        """
        if count > self.free:
            raise BadRequestError(503, "too many requests wait; ask again in a moment")
        self.free -= count


class Body:
    """The body of one request.

    Args:
        receive: Where it comes from.
        room: What it is taken from while the request waits.
        limits: How long it may be.

    Attributes:
        complete: Whether there is no more of it to read.
        length: How many bytes have been read.
    """

    def __init__(self, receive: Receive, room: Room, limits: Limits) -> None:
        self._receive = receive
        self._room = room
        self._limits = limits
        self.complete = False
        self.length = 0
        self._taken = 0

    async def read(self, marks: int) -> bytes | bytearray:
        """The body, read no further than is allowed.

        Args:
            marks: How many `[`, `{` and `,` it may have: they are counted as it comes, before anything is made of it.

        Raises:
            BadRequestError: It is too long, or has too many values.
            GoneError: The client has gone.
        """
        chunk = await self._next()
        left = marks - count_marks(chunk)
        # One piece of memory, which goes back to the system as one.
        body = chunk if self.complete else bytearray(chunk)
        while not self.complete and left >= 0:
            chunk = await self._next()
            left -= count_marks(chunk)
            body += chunk
        if left < 0:
            raise BadRequestError(422, "the body has more values than the samples of one request")
        return body

    async def _next(self) -> bytes:
        chunk = await self._message()
        if self.length > self._limits.bytes:
            raise BadRequestError(413, f"the body has more than {self._limits.bytes} bytes")
        self._room.take(len(chunk))
        self._taken += len(chunk)
        return chunk

    async def _message(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk: bytes = message.get("body", b"")
        self.length += len(chunk)
        self.complete = not message.get("more_body", False)
        return chunk

    async def drop_rest(self) -> None:
        """Read what a client still sends of a body that was refused, up to a limit, so that it reads the answer.

        A connection that is closed while something comes in is reset, and the answer may be lost.
        """
        with suppress(asyncio.TimeoutError, GoneError):
            await asyncio.wait_for(self._drop(2 * self._limits.bytes + 2**20), _UNREAD_SECONDS)

    async def _drop(self, most: int) -> None:
        while not self.complete and self.length <= most:
            await self._message()

    def release(self) -> None:
        """Give back what it took of the room."""
        self._room.free += self._taken
        self._taken = 0
