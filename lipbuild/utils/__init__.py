"""Utilities, with deel-lip's names and arguments."""

from lipbuild.layers.pad_conv2d import pad_circular
from lipbuild.utils.compute_layer_sv import compute_layer_sv, compute_model_sv
from lipbuild.utils.evaluate_lip_const import evaluate_lip_const, evaluate_lip_const_gen
from lipbuild.utils.process_labels_for_multi_gpu import process_labels_for_multi_gpu


def _padding_circular(x, circular_paddings):  # type: ignore[no-untyped-def]
    # deel-lip's name, which its users' tests import.
    return pad_circular(x, circular_paddings)


__all__ = [
    "compute_layer_sv",
    "compute_model_sv",
    "evaluate_lip_const",
    "evaluate_lip_const_gen",
    "pad_circular",
    "process_labels_for_multi_gpu",
]
