"""TensorFlow without its chatter."""

from __future__ import annotations

import os


def load_tensorflow() -> None:
    """Import TensorFlow with its messages to developers turned off, unless the user has set them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"))
    os.environ.setdefault("CUDA_MODULE_LOADING", "LAZY")
    silent = os.open(os.devnull, os.O_WRONLY)
    stderr = os.dup(2)
    try:
        # Its C++ part writes to the file descriptor before any setting of its log is read.
        os.dup2(silent, 2)
        import tensorflow
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(silent)
    # Functions are traced anew whenever trainings follow each other; the warning says nothing new.
    tensorflow.get_logger().setLevel("ERROR")
