"""Singular values of layers, under the module name that deel-lip gives them."""

from lipbuild.utils.compute_layer_sv import compute_layer_sv, compute_model_sv

__all__ = ["compute_layer_sv", "compute_model_sv"]
