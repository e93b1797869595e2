"""The grammar of `layers:`, and what is wrong with layers that do not follow it."""

from collections.abc import Callable

import pytest

from lipbuild.network.graph import Graph

Refused = Callable[..., list[tuple[str, str]]]
Network = Callable[..., Graph]


@pytest.mark.parametrize(
    "layers",
    [
        "[Flatten]",
        "[Flatten: ]",
        "[Flatten: {}]",
        "[{Flatten: {}}]",
        "- Flatten",
        "-\n  Flatten:\n    name: flat",
    ],
)
def test_a_layer_is_a_name_or_a_name_with_arguments(network: Network, layers: str) -> None:
    (node,) = network(layers).nodes
    assert node.kind == "Flatten"


def test_a_sorting_activation_is_the_layer_that_follows(network: Network) -> None:
    dense = "SpectralDense: {units: 4, activation: "
    graph = network(f"[Residual: {{layers: [{dense}GroupSort2}}]}}, {dense}'FullSort'}}]", input="[4]")
    kinds = [node.kind for node in graph.nodes if node.kind not in ("Rescaling", "Add")]
    assert kinds == ["SpectralDense", "GroupSort2", "SpectralDense", "FullSort"]


def test_a_layer_without_name_is_called_after_its_kind_and_number(network: Network) -> None:
    graph = network(
        "[SpectralConv2D: {filters: 2, kernel_size: 3}, ReLU, GroupSort2, ReLU, MaxPooling2D]",
        input="[8, 8, 1]",
    )
    assert [n.name for n in graph.nodes] == [
        "spectral_conv2d_1",
        "relu_1",
        "group_sort2_1",
        "relu_2",
        "max_pooling2d_1",
    ]


def test_a_made_up_name_steps_aside_for_a_given_one(network: Network) -> None:
    graph = network("[SpectralDense: {units: 3}, SpectralDense: {units: 3, name: spectral_dense_1}]")
    assert [node.name for node in graph.nodes] == ["spectral_dense_2", "spectral_dense_1"]


def test_an_input_layer_gives_the_shape(
    spec: Callable[[str], tuple[object, Graph | None, list[object]]],
) -> None:
    _, graph, problems = spec("model: {layers: [Input: {shape: [5]}, SpectralDense: {units: 2}]}\n")
    assert problems == []
    assert graph is not None
    assert graph.input_shape == (5,)
    assert [node.kind for node in graph.nodes] == ["SpectralDense"]


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        ("[3]", [("wrong-types", "3")]),
        ("[[Flatten]]", [("wrong-types", "[Flatten]")]),
        ("[{}]", [("wrong-types", "{}")]),
        ("[{3: {}}]", [("wrong-types", "3")]),
        ("[{SpectralDense: {}, units: 3}]", [("wrong-types", "units")]),
        ("[SpectralDense: 3]", [("wrong-types", "3")]),
        ("[SpectralDense: [3]]", [("wrong-types", "[3]")]),
        ("[SpectralDense]", [("missing-keys", "SpectralDense")]),
        ("[SpectralDense: {unit: 3}]", [("unknown-keys", "unit")]),
        ("[SpectralDense: {units: 3, foo: 1}]", [("unknown-keys", "foo")]),
        ("[SpectralDense: {units: 0}]", [("out-of-range-values", "0")]),
        ("[SpectralDense: {units: 3.0}]", [("wrong-types", "3.0")]),
        ("[SpectralDense: {units: '3'}]", [("wrong-types", "'3'")]),
        ("[SpectralDense: {units: true}]", [("wrong-types", "true")]),
        ("[SpectralDense: {units: }]", [("wrong-types", "units")]),
        ("[SpectralDense: {units: 3, activation: rellu}]", [("out-of-range-values", "rellu")]),
        ("[SpectralDense: {units: 3, name: a b}]", [("out-of-range-values", "a b")]),
        ("[SpectralDense: {units: 3, k_coef_lip: -1}]", [("out-of-range-values", "-1")]),
        ("[SpectralDense: {units: 3, inputs: []}]", [("out-of-range-values", "[]")]),
        ("[SpectralDense: {units: 3, inputs: input}]", [("wrong-types", "input")]),
        ("[Repeat: {times: 2}]", [("missing-keys", "Repeat")]),
        ("[Repeat: {times: 0, layers: [ReLU]}]", [("out-of-range-values", "0")]),
        ("[Repeat: {times: 2, layers: ReLU}]", [("wrong-types", "ReLU")]),
        ("[Residual: {layers: [ReLU], alpha: 1.0}]", [("out-of-range-values", "1.0")]),
        ("[Parallel: {branches: [[ReLU]], merge: Add}]", [("out-of-range-values", "[[ReLU]]")]),
        ("[Parallel: {branches: [[ReLU], []], merge: ReLU}]", [("wrong-types", "ReLU")]),
        ("[Parallel: {branches: [[ReLU], []]}]", [("missing-keys", "Parallel")]),
        ("[Parallel: {branches: 3, merge: Add}]", [("wrong-types", "3")]),
        ("[Parallel: {branches: [ReLU, []], merge: Average}]", [("wrong-types", "ReLU")]),
        ("[Residual: {layers: [SpectralDense: {units: 3}]}]", [("shape-mismatches", "Residual")]),
        ("[Input: {shape: [8]}]", [("out-of-range-values", "layers")]),
        ("[Repeat: {times: 2, layers: []}]", [("out-of-range-values", "layers")]),
        ("[ReLU, Input: {shape: [8]}]", [("shape-mismatches", "Input")]),
        ("[Input: {shape: [9]}, ReLU]", [("shape-mismatches", "[9]")]),
        ("[ReLU: {inputs: [input, input]}]", [("shape-mismatches", "[input, input]")]),
        ("[Add]", [("shape-mismatches", "Add")]),
        ("[SpectralDense: {units: 3}, GroupSort2]", [("indivisible-group-sort", "GroupSort2")]),
        ("[ReLU: {inputs: [inptu]}]", [("unknown-inputs", "inptu")]),
        ("[ReLU: {inputs: [a]}, ReLU: {name: a}]", [("cyclic-graphs", "a")]),
        ("[ReLU: {name: a, inputs: [a]}]", [("cyclic-graphs", "a")]),
        ("[ReLU: {name: a}, ReLU: {name: a}]", [("duplicate-names", "a")]),
        ("[ReLU: {name: input}]", [("duplicate-names", "input")]),
        (
            "[Repeat: {times: 2, layers: [ReLU: {name: a}]}, ReLU: {inputs: [a]}]",
            [("unknown-inputs", "a")],
        ),
        (
            "[Repeat: {times: 2, layers: [GroupSort2, SpectralDense: {units: 3}]}]",
            [("indivisible-group-sort", "GroupSort2")],
        ),
        (
            "[Repeat: {times: 1000, layers: [Repeat: {times: 1000, layers: [ReLU]}]}]",
            [("oversized-expansion", "Repeat")],
        ),
        (
            "[SpectralDense: {units: 0}, GroupSort2, SpectralDense: {unit: 3}]",
            [("out-of-range-values", "0"), ("unknown-keys", "unit")],
        ),
    ],
)
def test_each_mistake_is_one_report_at_its_place(
    refused: Refused, layers: str, found: list[tuple[str, str]]
) -> None:
    assert refused(layers) == found
