from __future__ import annotations

from typing import Any

import tensorflow as tf

from lipbuild.config.augmentation import MixUp
from lipbuild.data.draws import Draws


def mix_up(spec: MixUp, x: Any, y: Any, draws: Draws) -> tuple[Any, Any]:
    """Inputs of any shape and labels that are numbers, each mixed with those at the other end of the batch.

    The batch is in a random order already. For two gamma variables g/(g + g′) is Beta(α, α).
    """
    first, second = draws.gamma(spec.alpha), draws.gamma(spec.alpha)
    share = tf.math.divide_no_nan(first, first + second)
    return _mixed(x, share), _mixed(y, share)


def _mixed(values: Any, share: Any) -> Any:
    share = tf.reshape(share, [-1] + [1] * (len(values.shape) - 1))
    return share * values + (1.0 - share) * values[::-1]
