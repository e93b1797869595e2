"""Whatever model the verifier accepts has to compute in Keras what the verifier computes.

    python -m tests.benchmarks.verify_against_keras

Gives each option of each layer of the models of tests/verifier/zoo.py other values, of its kind and of others, or
takes it away. Where the verifier accepts the changed model and Keras loads it, their outputs are compared. Prints each
edit whose outputs differ, or that the verifier fails on otherwise than by refusing, and exits 1 if there is one.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import lipbuild.layers  # noqa: F401
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.forward import run
from lipbuild.verifier.model_file import read_model
from tests.verifier.zoo import SHAPES, save_models

_LEFT_OUT = {"name", "trainable", "dtype", "batch_shape"}
_ENDS = ("initializer", "regularizer", "constraint")
_ABSENT = object()


def others(value: Any) -> list[Any]:
    """Other values of an option."""
    if isinstance(value, bool):
        return [not value, 0, 1]
    if isinstance(value, (int, float)):
        return [value + 1, -value, 0, value + 0.5, 2.0 * value + 1, True, 1e-30]
    if isinstance(value, str):
        return ["valid", "same", "VALID", "neighbours", "softmax", "relu", "channels_first", "bilinear"]
    if value is None:
        return [2, 1, 0, "relu", 0.5, -0.5, [1], -1]
    if isinstance(value, list) and value and all(isinstance(v, int) for v in value):
        changed = [[v + 1 for v in value], value[:-1], value[::-1], value[0], [*value, 1]]
        return [*changed, [float(v) for v in value], [-v for v in value], [0 for _ in value]]
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [value[0], value[::-1], [v[::-1] for v in value], [[-1, 0] for _ in value]]
    return [value * 2, value[:1]] if isinstance(value, list) else []


def edits(config: dict[str, Any]) -> Iterator[str]:
    """Change the configuration, one option at a time; what was changed."""
    known: set[str] = set()
    for layer in config["config"]["layers"]:
        options = layer["config"]
        for key, value in list(options.items()):
            if key in _LEFT_OUT or key.endswith(_ENDS):
                continue
            for other in [*others(value), _ABSENT]:
                text = f"{layer['class_name']}.{key} = {'nothing' if other is _ABSENT else repr(other)}"
                if text in known or other == value:
                    continue
                known.add(text)
                if other is _ABSENT:
                    del options[key]
                else:
                    options[key] = other
                yield text
                options[key] = value


def in_keras(source: Path, config: dict[str, Any], x: np.ndarray) -> np.ndarray | None:
    """The outputs of a saved model with another configuration; None where Keras does not take it."""
    with zipfile.ZipFile(source) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    target = source.with_name("changed.keras")
    with zipfile.ZipFile(target, "w") as archive:
        for name, value in {**content, "config.json": json.dumps(config).encode()}.items():
            archive.writestr(name, value)
    try:
        return np.asarray(keras.saving.load_model(target, compile=False)(x))
    except Exception:  # whatever it is, nobody can serve that model
        return None


def main() -> int:
    """Compare all edits of all models; the exit status is 1 where one differs."""
    accepted = compared = wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_models(folder)
        for model in SHAPES:
            source = folder / f"{model}.keras"
            config, weights = read_model(source)
            x = np.load(folder / f"{model}.npz")["x"][:3]
            for edit in edits(config):
                try:
                    read = model_of(config, weights)
                    nodes = list(read.nodes.values())[1:]
                    ours, _ = run(read, {}, nodes, read.input.name, x.astype(np.float64))
                except RefusedError:
                    continue
                except Exception as error:
                    wrong += 1
                    print(f"{edit}: the verifier fails: {error!r}", flush=True)
                    continue
                accepted += 1
                theirs = in_keras(source, config, x)
                if theirs is None:
                    continue
                compared += 1
                if theirs.shape != ours.shape or not np.allclose(theirs, ours, rtol=1e-3, atol=1e-4):
                    wrong += 1
                    print(f"{edit}: Keras computes something else", flush=True)
    print(f"{accepted} edits accepted, {compared} of them compared with Keras, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
