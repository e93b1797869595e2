"""Files as deel-lip 2 writes them: its registered names, its arguments, its weights under their keys."""

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np

_MODULES = {
    "SpectralDense": "dense",
    "FrobeniusDense": "dense",
    "SpectralConv2D": "convolutional",
    "SpectralConv2DTranspose": "convolutional",
    "FrobeniusConv2D": "convolutional",
    "GroupSort": "activations",
    "GroupSort2": "activations",
    "FullSort": "activations",
    "MaxMin": "activations",
    "Householder": "activations",
}
_DTYPE = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}
_STEPS = {"eps_spectral": 1e-3, "eps_bjorck": 1e-3, "beta_bjorck": 0.5}


def layer(class_name, name, **config):
    """A layer of deel-lip's as it is saved."""
    common = {"name": name, "trainable": True, "dtype": _DTYPE}
    return {
        "module": f"deel.lip.layers.{_MODULES.get(class_name, 'pooling')}",
        "class_name": class_name,
        "registered_name": f"deel-lip>{class_name}",
        "config": {**common, **config},
    }


def keras_layer(class_name, name, **config):
    """A layer of Keras's as it is saved."""
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "registered_name": None,
        "config": {"name": name, "trainable": True, "dtype": _DTYPE, **config},
    }


def dense(class_name, name, units, k=1.0, activation="linear", **more):
    """A `SpectralDense` or `FrobeniusDense`."""
    return layer(
        class_name, name, units=units, activation=activation, use_bias=True, k_coef_lip=k, **_STEPS, **more
    )


def convolution(class_name, name, filters, k=1.0, strides=1, **more):
    """A `SpectralConv2D` or `FrobeniusConv2D` of 3×3."""
    return layer(
        class_name,
        name,
        filters=filters,
        kernel_size=[3, 3],
        strides=[strides, strides],
        padding="same",
        data_format="channels_last",
        dilation_rate=[1, 1],
        groups=1,
        activation="linear",
        use_bias=True,
        k_coef_lip=k,
        **_STEPS,
        **more,
    )


def sequential(input_shape, layers, k=1.0):
    """A `deel.lip.model.Sequential`."""
    first = keras_layer("InputLayer", "input_layer", batch_shape=[None, *input_shape])
    config = {"name": "sequential", "layers": [first, *layers], "k_coef_lip": k}
    return {
        "module": "deel.lip.model",
        "class_name": "Sequential",
        "registered_name": "deel-lip>Sequential",
        "config": {**config, "build_input_shape": [None, *input_shape]},
    }


def functional(input_shape, layers):
    """A `deel.lip.model.Model` of layers in a row, each called as deel-lip's record it."""
    first = {**keras_layer("InputLayer", "input", batch_shape=[None, *input_shape]), "inbound_nodes": []}
    first["name"] = "input"
    called, shape = [first], [None, *input_shape]
    for part in layers:
        before = called[-1]["config"]["name"]
        tensor = {
            "class_name": "__keras_tensor__",
            "config": {"keras_history": [before, 0, 0], "shape": shape, "dtype": "float32"},
        }
        shape = [None, part["config"].get("units", shape[-1])]
        # The default of a deel-lip layer's `training` is True, and it is written down.
        keywords = {"training": True} if part["registered_name"] else {}
        calls = [{"args": [tensor], "kwargs": keywords}]
        called.append({**part, "name": part["config"]["name"], "inbound_nodes": calls})
    ends = {"input_layers": [["input", 0, 0]], "output_layers": [[called[-1]["name"], 0, 0]]}
    return {
        "module": "deel.lip.model",
        "class_name": "Model",
        "registered_name": "deel-lip>Model",
        "config": {"name": "model", "layers": called, **ends},
    }


def constrained(wbar, bias):
    """What a constrained layer stores: the free kernel, the bias, and the kernel that is applied."""
    noise = np.random.default_rng(99).standard_normal(wbar.shape).astype(np.float32)
    return {
        "0": 3.0 * noise,
        "1": bias,
        "sn": np.ones((1, wbar.shape[-1])),
        "sigma": np.ones((1, 1)),
        "wbar": wbar,
    }


def write(path: Path, config, weights):
    """The file; weights are given by the layers' names."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        seen: Counter[str] = Counter()
        for part in config["config"]["layers"]:
            name, stem = part["config"]["name"], _snake(part["class_name"])
            count = seen[stem]
            seen[stem] += 1
            group = file.create_group(f"layers/{stem}" + (f"_{count}" if count else "") + "/vars")
            group.attrs["name"] = name
            for key, value in weights.get(name, {}).items():
                group[key] = np.asarray(value, np.float32)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.0"}))
        archive.writestr("model.weights.h5", content.getvalue())


def _snake(name):
    from lipbuild.saved.stored_weights import snake_case

    return snake_case(name)
