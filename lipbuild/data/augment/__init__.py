"""The augmentations, each a function of a batch; all of them work on the whole batch at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lipbuild.data.augment.gaussian_noise import gaussian_noise
from lipbuild.data.augment.mix_up import mix_up
from lipbuild.data.augment.rand_augment import rand_augment
from lipbuild.data.augment.random_crop import random_crop
from lipbuild.data.augment.random_erasing import random_erasing
from lipbuild.data.augment.random_flip import random_flip
from lipbuild.data.augment.random_translation import random_translation
from lipbuild.data.draws import Draws

# Each takes what the config says of it, the inputs, the labels and where random numbers come from.
AUGMENTERS: dict[str, Callable[[Any, Any, Any, Draws], tuple[Any, Any]]] = {
    "RandomFlip": random_flip,
    "RandomCrop": random_crop,
    "RandomTranslation": random_translation,
    "RandomErasing": random_erasing,
    "RandAugment": rand_augment,
    "GaussianNoise": gaussian_noise,
    "MixUp": mix_up,
}
