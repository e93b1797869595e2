"""What layers stand for: their shapes and constants follow from it."""

from __future__ import annotations

import math

import pytest

from lipbuild.certifying.operations import OPERATIONS
from lipbuild.config.preprocessing.affine import Affine
from lipbuild.config.preprocessing.resize_axis import ResizeAxis
from lipbuild.config.preprocessing.unknown_factor import UnknownFactor
from lipbuild.network import operations
from lipbuild.network.operations import Activation, Operation, ResidualContraction, Scale
from lipbuild.network.specs import LAYERS, LayerSpec
from lipbuild.network.specs.refused import REFUSED
from lipbuild.rules.registry import RULES
from tests.registry.samples import SAMPLES, Sample

DERIVED = ("output_shape", "merged_shape", "gain", "single_gain", "merged_bound")
# A layer that states what could be derived stands here, and a test says that both are equal.
OVERRIDES: set[tuple[str, str]] = set()

# What has no operation of its own in a certificate: a plain model has it as several.
OF_LAYERS = {
    "ConvexCombination",
    "Cropping",
    "DepthToSpace",
    "Flatten",
    "Householder",
    "BetaAbs",
    "Offset",
    "PositionalOffset",
    "Shift",
    "Recurrence",
    "ResidualContraction",
    "SpaceToDepth",
}
BASES = {"Operation", "Elementwise", "Merge", "Unknown"}


@pytest.mark.parametrize("spec", [*LAYERS.values(), Affine, ResizeAxis, UnknownFactor])
def test_no_layer_states_what_its_operations_tell(spec: type[LayerSpec]) -> None:
    stated = {
        (spec.__name__, method)
        for method in DERIVED
        if getattr(spec, method) is not getattr(LayerSpec, method)
    }
    assert stated == {pair for pair in OVERRIDES if pair[0] == spec.__name__}


def test_the_operations_of_layers_are_those_of_certificates_or_have_no_counterpart() -> None:
    certified = {type(operation).__name__ for operation in OPERATIONS.values()}
    own = {
        name
        for name, value in vars(operations).items()
        if isinstance(value, type) and issubclass(value, Operation) and not name.startswith("_")
    }
    assert own - BASES - OF_LAYERS <= certified
    assert certified.isdisjoint(OF_LAYERS)


def test_every_operation_is_one_that_some_layer_stands_for() -> None:
    used = {type(operation).__name__ for sample in SAMPLES for operation in _lowered(sample)}
    own = {
        name
        for name, value in vars(operations).items()
        if isinstance(value, type) and issubclass(value, Operation) and not name.startswith("_")
    }
    assert used == own - BASES


def test_a_residual_block_is_one_operation_and_not_the_sum_of_its_parts() -> None:
    spec = LAYERS["SLLDense"].model_validate({"k_coef_lip": 0.5})
    block, scale = spec.lower((4,))
    assert isinstance(block, ResidualContraction)
    assert isinstance(scale, Scale)
    assert (block.constant, spec.gain((4,))) == (1.0, 0.5)


@pytest.mark.parametrize("activation", [None, "relu", "softmax", "sigmoid"])
def test_an_output_by_itself_has_the_norm_of_its_column(activation: str | None) -> None:
    arguments = {"units": 9, "k_coef_lip": 0.5, "activation": activation}
    factor = {"softmax": 0.5, "sigmoid": 0.25}.get(str(activation), 1.0)
    for kind in ("FrobeniusDense", "LastLayerNormalized"):
        spec = LAYERS[kind].model_validate(arguments)
        assert spec.gain((4,)) == 1.5 * factor
        assert spec.single_gain((4,)) == 0.5 * factor
    assert LAYERS["SpectralDense"].model_validate(arguments).single_gain((4,)) == 0.5 * factor


def test_a_function_that_jumps_has_no_finite_constant() -> None:
    (function,) = LAYERS["ReLU"].model_validate({"threshold": 0.5}).lower((4,))
    assert isinstance(function, Activation)
    assert function.constant == math.inf


def test_what_is_used_instead_of_a_refused_layer_says_that_it_stands_in_its_place() -> None:
    replaced = {name: refused.instead for name, refused in REFUSED.items() if refused.instead}
    assert len(replaced) > 5
    for name, instead in replaced.items():
        for substitute in instead:
            # A layer has several names in Keras, of which a spec tells one.
            told = LAYERS[substitute.kind].facts.replaces.split(", ")[-1]
            assert REFUSED[told] == REFUSED[name]


def test_a_refused_layer_is_reported_by_a_rule_there_is_and_known_to_no_config() -> None:
    assert {refused.rule for refused in REFUSED.values()} <= RULES.keys()
    assert REFUSED.keys() == {layer for rule in RULES.values() for layer in rule.layers}
    assert REFUSED.keys().isdisjoint(LAYERS)


def _lowered(sample: Sample) -> tuple[Operation, ...]:
    spec = LAYERS[sample.kind].model_validate(sample.arguments)
    return tuple(spec.lower(*(sample.shape,) * sample.inputs))
