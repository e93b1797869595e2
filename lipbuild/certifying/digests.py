"""Digests by which a certificate names a model and its data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def config_digest(config: Mapping[str, Any]) -> str:
    """SHA-256 of a model's configuration, without what changes at every save.

    Args:
        config: The content of `config.json`. How a model was compiled, and the addresses of shared objects,
            are left out.

    Returns:
        Hexadecimal digits.
    """
    kept = {key: value for key, value in config.items() if key != "compile_config"}
    text = json.dumps(_without_addresses(kept), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def weights_digest(weights: Mapping[str, Sequence[np.ndarray]]) -> str:
    """SHA-256 of the canonical weight stream: path, type, shape and little-endian bytes of each weight.

    Args:
        weights: For each layer its weights, in the layer's order.

    Returns:
        Hexadecimal digits.
    """
    digest = hashlib.sha256()
    for layer in sorted(weights):
        for i, weight in enumerate(weights[layer]):
            _update(digest, f"{layer}/{i}", np.asarray(weight))
    return digest.hexdigest()


def array_digest(*arrays: np.ndarray) -> str:
    """SHA-256 of arrays: number, type, shape and little-endian bytes of each."""
    digest = hashlib.sha256()
    for i, array in enumerate(arrays):
        _update(digest, str(i), np.asarray(array))
    return digest.hexdigest()


def _update(digest: Any, path: str, array: np.ndarray) -> None:
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
    # JSON ends each header unmistakably: no two streams share their bytes.
    header = json.dumps([path, array.dtype.name, list(array.shape)])
    digest.update(len(header).to_bytes(8, "little") + header.encode())
    digest.update(little.tobytes())


def _without_addresses(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_addresses(v) for k, v in value.items() if k != "shared_object_id"}
    if isinstance(value, (list, tuple)):
        return [_without_addresses(v) for v in value]
    return value
