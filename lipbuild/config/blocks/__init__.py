"""Layers that hold layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lipbuild.fields.registry import Registry

if TYPE_CHECKING:
    from lipbuild.config.blocks.block_spec import BlockSpec

__all__ = ["BLOCKS"]

BLOCKS: Registry[BlockSpec] = Registry(
    __name__, {"Residual": "residual", "Parallel": "parallel", "Repeat": "repeat"}
)
