from __future__ import annotations

import keras

from lipbuild.training.lookahead import Lookahead


class Nadam(Lookahead, keras.optimizers.Nadam):
    """Keras's `Nadam`, which can look ahead.

    Args:
        **kwargs: As in `Lookahead` and in `keras.optimizers.Nadam`.
    """
