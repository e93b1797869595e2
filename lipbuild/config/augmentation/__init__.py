"""What a config may say of how the training data is changed at random."""

from __future__ import annotations

from lipbuild.config.augmentation.augment_spec import AugmentSpec
from lipbuild.fields.registry import Registry

__all__ = ["AUGMENTATION", "AugmentSpec"]

AUGMENTATION: Registry[AugmentSpec] = Registry(
    __name__,
    {
        "RandomFlip": "random_flip",
        "RandomCrop": "random_crop",
        "RandomTranslation": "random_translation",
        "RandomErasing": "random_erasing",
        "GaussianNoise": "gaussian_noise",
        "MixUp": "mix_up",
    },
)
