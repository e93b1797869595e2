"""The constant of a whole network, from that of its layers."""

import math
from collections.abc import Callable

import pytest

from lipbuild.network.graph import Graph

Network = Callable[..., Graph]


def coefficients(graph: Graph) -> list[float]:
    return [node.spec.k_coef_lip for node in graph.nodes if hasattr(node.spec, "k_coef_lip")]


def test_a_chain_multiplies(network: Network) -> None:
    graph = network(
        """
        - SpectralDense: {units: 4, k_coef_lip: 0.5}
        - SpectralDense: {units: 4, k_coef_lip: 0.25}
        - Rescaling: {scale: 2.0}
        """
    )
    assert [node.bound for node in graph.nodes] == [0.5, 0.125, 0.25]
    assert graph.bound == 0.25


def test_layers_without_a_coefficient_share_the_networks_constant(network: Network) -> None:
    graph = network("[SpectralDense: {units: 4}, GroupSort2, SpectralDense: {units: 4}]", lipschitz=4.0)
    assert [node.gain for node in graph.nodes] == [2.0, 1.0, 2.0]
    assert graph.bound == 4.0


def test_a_share_takes_into_account_what_others_have(network: Network) -> None:
    graph = network(
        "[SpectralDense: {units: 4, k_coef_lip: 0.5}, SpectralDense: {units: 4}, SpectralDense: {units: 4}]",
        lipschitz=2.0,
    )
    assert [node.gain for node in graph.nodes] == [0.5, 2.0, 2.0]


def test_at_constant_1_each_layer_has_1(network: Network) -> None:
    graph = network("[SpectralDense: {units: 4}, SpectralDense: {units: 4}, SpectralDense: {units: 4}]")
    assert [node.gain for node in graph.nodes] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("lipschitz", [0.1, 0.7, 3.0, 10.0, 1e-6, 1e6])
@pytest.mark.parametrize("depth", [1, 2, 3, 7])
def test_a_shared_constant_is_used_up_and_never_exceeded(
    network: Network, lipschitz: float, depth: int
) -> None:
    graph = network(f"[{', '.join(['SpectralDense: {units: 4}'] * depth)}]", lipschitz=lipschitz)
    assert graph.bound <= lipschitz
    assert graph.bound == pytest.approx(lipschitz, rel=1e-5)


def test_a_residual_has_the_constant_1(network: Network) -> None:
    graph = network("- Residual: {alpha: 0.3, layers: [SpectralDense: {units: 8}, ReLU]}")
    assert graph.bound <= 1.0
    assert graph.bound == pytest.approx(1.0, abs=1e-6)
    skip, branch = graph.node("residual_1_skip"), graph.node("residual_1_branch")
    assert skip.bound == pytest.approx(0.3, abs=1e-7)
    assert branch.bound == pytest.approx(0.7, abs=1e-7)


def test_a_residual_around_a_contraction_contracts(network: Network) -> None:
    graph = network("- Residual: {alpha: 0.5, layers: [SpectralDense: {units: 8, k_coef_lip: 0.5}]}")
    assert graph.bound == 0.75


def test_branches_merge_by_their_merge(network: Network) -> None:
    branches = "[[SpectralDense: {units: 8, k_coef_lip: 0.5}], [SpectralDense: {units: 8, k_coef_lip: 0.25}]]"
    bounds = {
        merge: network(f"- Parallel: {{branches: {branches}, merge: {merge}}}").bound
        for merge in ("Add", "Average", "Concatenate")
    }
    assert bounds["Add"] == 0.75
    assert bounds["Average"] == 0.375
    assert bounds["Concatenate"] == pytest.approx(math.sqrt(0.3125), rel=1e-15)
    assert bounds["Concatenate"] ** 2 >= 0.3125


def test_an_empty_branch_passes_on(network: Network) -> None:
    graph = network("- Parallel: {branches: [[], [SpectralDense: {units: 8}]], merge: Average}")
    assert graph.node("parallel_1").inputs == ("input", "spectral_dense_1")
    assert graph.bound == 1.0


def test_a_repeat_makes_layers_of_their_own(network: Network) -> None:
    graph = network("- Repeat: {times: 3, layers: [SpectralDense: {units: 4, k_coef_lip: 0.5, name: d}]}")
    assert [node.name for node in graph.nodes] == ["d_1", "d_2", "d_3"]
    assert graph.bound == 0.125
    assert graph.parameters == 8 * 4 + 4 + 2 * (4 * 4 + 4)


def test_names_inside_a_repeat_belong_to_their_turn(network: Network) -> None:
    graph = network(
        """
        - Repeat:
            times: 2
            name: block
            layers:
              - SpectralDense: {units: 8, name: a}
              - SpectralDense: {units: 8, name: b}
              - Average: {inputs: [a, b]}
        - Average: {inputs: [block, input]}
        """
    )
    assert graph.node("average_2").inputs == ("a_2", "b_2")
    assert graph.node("a_2").inputs == ("average_1",)
    assert graph.node("average_3").inputs == ("average_2", "input")
    assert graph.bound == 1.0


def test_a_graph_reads_by_name(network: Network) -> None:
    graph = network(
        """
        - SpectralDense: {units: 4, name: left, k_coef_lip: 0.6}
        - SpectralDense: {units: 4, name: right, inputs: [input], k_coef_lip: 0.8}
        - Concatenate: {inputs: [left, right], name: both}
        - SpectralDense: {units: 2, name: head}
        """,
        outputs="[head, left]",
    )
    assert graph.outputs == ("head", "left")
    assert graph.node("both").shape == (8,)
    assert graph.node("both").bound <= 1.0
    assert graph.node("both").bound == pytest.approx(1.0, abs=1e-6)
    assert graph.bound == max(graph.node("head").bound, 0.6)


def test_what_stands_inside_a_block_can_be_read_below_it(network: Network) -> None:
    graph = network(
        """
        - Parallel: {branches: [[SpectralDense: {units: 4, name: a}], [SpectralDense: {units: 4}]], merge: Average}
        - Average: {inputs: [a, average]}
        """.replace("merge: Average", "merge: Average, name: average")
    )
    assert graph.output_nodes[0].inputs == ("a", "average")


def test_what_stands_inside_a_block_cannot_read_the_block(
    refused: Callable[..., list[tuple[str, str]]],
) -> None:
    layers = "[Residual: {name: r, layers: [SpectralDense: {units: 8, inputs: [r]}]}]"
    assert refused(layers) == [("cyclic-graphs", "r")]


def test_layers_that_no_output_needs_are_left_out_and_reported(
    refused: Callable[..., list[tuple[str, str]]],
) -> None:
    found = refused(
        """
        - SpectralDense: {units: 4, name: spare}
        - SpectralDense: {units: 4, inputs: [input]}
        """
    )
    assert found == [("unused-layers", "SpectralDense")]


@pytest.mark.parametrize(
    ("layers", "rule", "marked"),
    [
        ("[SpectralDense: {units: 4, k_coef_lip: 2.0}]", "lipschitz-budget-exceeded", "2.0"),
        ("[SpectralDense: {units: 4}, Rescaling: {scale: -1.5}]", "lipschitz-budget-exceeded", "-1.5"),
        (
            "[SpectralDense: {units: 4}, GroupSort2: {k_coef_lip: 3.0}, SpectralDense: {units: 2}]",
            "lipschitz-budget-exceeded",
            "3.0",
        ),
        ("[Parallel: {branches: [[], []], merge: Add}]", "unscaled-residuals", "Add"),
        ("[Parallel: {branches: [[], []], merge: Concatenate}]", "unscaled-concatenations", "Concatenate"),
    ],
)
def test_the_first_layer_that_exceeds_the_promise_is_reported_once(
    refused: Callable[..., list[tuple[str, str]]], layers: str, rule: str, marked: str
) -> None:
    assert refused(layers) == [(rule, marked)]


def test_the_same_layers_pass_where_the_network_promises_as_much(network: Network) -> None:
    assert network("[Parallel: {branches: [[], []], merge: Add}]", lipschitz=2.0).bound == 2.0
    assert network("[SpectralDense: {units: 4, k_coef_lip: 2.0}]", lipschitz=2.0).bound == 2.0


def test_a_coefficient_above_the_promise_is_made_up_for_by_those_who_share(network: Network) -> None:
    graph = network("[SpectralDense: {units: 4, k_coef_lip: 0.5}, SpectralDense: {units: 4}]", lipschitz=0.25)
    assert coefficients(graph) == [0.5, 0.5]
