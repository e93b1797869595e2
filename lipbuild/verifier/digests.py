"""The digests by which a certificate names a model and its data: SHA-256 in hexadecimal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def config_digest(config: Mapping[str, Any]) -> str:
    """Of a configuration as compact JSON with sorted keys, without `compile_config` and `shared_object_id`."""
    kept = {key: value for key, value in config.items() if key != "compile_config"}
    text = json.dumps(_without_identities(kept), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_identities(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_identities(v) for k, v in value.items() if k != "shared_object_id"}
    return [_without_identities(v) for v in value] if isinstance(value, list) else value


def weights_digest(weights: Mapping[str, Sequence[np.ndarray]]) -> str:
    """Of the stream of all weights, layers by name and a layer's weights in their order."""
    return _stream((f"{layer}/{i}", w) for layer in sorted(weights) for i, w in enumerate(weights[layer]))


def array_digest(array: np.ndarray) -> str:
    """Of one array of data."""
    return _stream([("0", array)])


def arrays_digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Of arrays by their names, in the order of these."""
    return _stream((name, arrays[name]) for name in sorted(arrays))


def _stream(arrays: Any) -> str:
    """Each array as the length of a header in 8 bytes, the header [path, type, shape] and its little-endian bytes."""
    digest = hashlib.sha256()
    for path, array in arrays:
        header = json.dumps([path, array.dtype.name, list(array.shape)]).encode()
        digest.update(len(header).to_bytes(8, "little") + header)
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
