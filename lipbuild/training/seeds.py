from __future__ import annotations


def set_seeds(seed: int) -> None:
    """Make a training repeatable: Python's, NumPy's and TensorFlow's randomness, and TensorFlow's operations.

    Two runs with one seed on one machine then give the same metrics.
    """
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
