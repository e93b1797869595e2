"""Checks of a layer that states a Lipschitz constant, for lipbuild's own and for those of its users."""

from lipbuild.testing.gain import gain_in_float64
from lipbuild.testing.run_lipschitz_layer_test import run_lipschitz_layer_test
from lipbuild.testing.run_replicated_layer_test import run_replicated_layer_test

__all__ = ["gain_in_float64", "run_lipschitz_layer_test", "run_replicated_layer_test"]
