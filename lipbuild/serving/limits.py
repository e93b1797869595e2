from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one request, one connection and all of them together may take.

    Attributes:
        samples: How many samples one request may have.
        bytes: How long its body may be.
        values: How many numbers, lists and objects that may hold, beside what the shape of a sample allows.
        pixels: How many pixels the images of one request may have together.
        seconds: How long a client may take to send a request, and to take its answer.
        connections: How many connections may be open in one process; those that wait longest make room.
    """

    samples: int = 256
    bytes: int = 16 * 2**20
    values: int = 2**21
    pixels: int = 2**24
    seconds: float = 30.0
    connections: int = 1024

    @property
    def waiting(self) -> int:
        """How many bytes all requests that wait may have together."""
        return max(16 * self.bytes, 2**28)
