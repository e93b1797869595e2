"""Shares of channels as whole numbers of them: one rule for layers and for what the checker says of them."""

from __future__ import annotations


def share_of(share: float, channels: int) -> int:
    """The whole number that is nearest to a share of the channels."""
    return round(share * channels)


def shift_group(share: float, channels: int) -> int:
    """How many channels each of four groups has that are a share of the channels together."""
    return min(share_of(share / 4, channels), channels // 4)
