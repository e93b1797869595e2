"""What a config may say of how its data is prepared inside the network, before the first layer."""

from __future__ import annotations

from lipbuild.config.preprocessing.preprocess_spec import PreprocessSpec
from lipbuild.fields.registry import Registry

__all__ = ["PREPROCESSING", "PreprocessSpec"]

PREPROCESSING: Registry[PreprocessSpec] = Registry(
    __name__,
    {
        "Rescaling": "rescaling",
        "Normalization": "normalization",
        "Centering": "centering",
        "Clip": "clip",
        "Resizing": "resizing",
        "CenterCrop": "center_crop",
        "ZeroPadding2D": "zero_padding2d",
    },
)
