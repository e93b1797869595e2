from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lipbuild.errors import RefusedError

# What has no part in what a layer computes at inference.
_NO_MATTER = frozenset(
    {
        *("name", "trainable", "autocast", "rate", "noise_shape", "seed", "stddev", "l1", "l2", "momentum"),
        *(
            "synchronized",
            "renorm_clipping",
            "renorm_momentum",
            "lora_alpha",
            "shared_axes",
            "disjoint_neurons",
        ),
        *("eps_spectral", "eps_bjorck", "beta_bjorck", "maxiter_spectral", "maxiter_bjorck"),
    }
)
_NO_MATTER_ENDS = ("_initializer", "_regularizer", "_constraint")
_CHANGES = frozenset({"lora_rank", "quantization_config"})
_KNOWN = _NO_MATTER | _CHANGES | {"dtype", "data_format"}


class ReadOptions(Mapping[str, Any]):
    """The configuration of a layer, which remembers what of it was read.

    Args:
        values: The options by name.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def leave(self, key: str) -> None:
        """An option that is read elsewhere."""
        self._read.add(key)

    def check_known(self, name: str) -> None:
        """Refuse what changes any layer, whether it is read or not.

        Raises:
            RefusedError: The layer computes in another type, on channels first, or with another kernel than it stores.
        """
        kind = precision(self._values)
        if kind != "float32":
            raise RefusedError(f"`{name}` computes in {kind}; float32 can be certified")
        if self._values.get("data_format") not in {None, "channels_last"}:
            raise RefusedError(f"`{name}` has its channels first; channels_last can be certified")
        if any(self._values.get(key) is not None for key in _CHANGES):
            raise RefusedError(f"`{name}` has a changed kernel (LoRA or quantisation)")

    def check_read(self, name: str) -> None:
        """Refuse what could change the layer and was not read.

        Raises:
            RefusedError: The message names the option.
        """
        for key in self._values.keys() - self._read - _KNOWN:
            if not key.endswith(_NO_MATTER_ENDS):
                raise RefusedError(f"`{name}` has the option `{key}`, which is not known")


def precision(config: Mapping[str, Any]) -> Any:
    """The type that a layer computes in, by its name; anything but a plain policy, as it is written."""
    policy = config.get("dtype", "float32")
    if not isinstance(policy, Mapping):
        return policy
    plain = (
        policy.get("class_name") in {"DTypePolicy", "FloatDTypePolicy"} and policy.get("module") == "keras"
    )
    inner = policy.get("config")
    if not plain or policy.get("registered_name") is not None or not isinstance(inner, Mapping):
        return f"`{policy.get('registered_name') or policy.get('class_name')}`"
    return inner.get("name") if set(inner) == {"name"} else f"{dict(inner)}"
