"""The rules, asked of layers that stand in a saved model and in no text."""

from lipbuild.config.layer_fix import LayerFix, Rewrite
from lipbuild.rules.layers import PlacedLayer, check_layers
from lipbuild.text.origin import SavedPlace
from lipbuild.text.problem import Problem


def layer(kind: str, name: str, **arguments: object) -> PlacedLayer:
    return PlacedLayer(kind, arguments, SavedPlace(name))


def found(*layers: PlacedLayer, lipschitz: float | None = None) -> dict[tuple[str, str], Problem]:
    """The problems by rule and layer."""
    problems = check_layers(layers, (8,), lipschitz=lipschitz).problems
    places = [problem.origin for problem in problems]
    return {
        (problem.rule, place.layer): problem
        for problem, place in zip(problems, places)
        if isinstance(place, SavedPlace)
    }


def test_a_finding_stands_at_its_layer_and_calls_others_by_their_names() -> None:
    problems = found(layer("SpectralDense", "a:1", units=8), layer("SpectralDense", "Dense", units=8))
    problem = problems["consecutive-linear-layers", "Dense"]
    assert "the `a:1` before it are linear" in problem.message
    assert problem.related[0].origin == SavedPlace("a:1")
    gelu = found(layer("SpectralDense", "a", units=8, activation="gelu"))["expansive-activations", "a"]
    assert gelu.origin == SavedPlace("a", "activation")


def test_a_fix_says_what_becomes_of_a_layer_and_edits_nothing() -> None:
    problems = found(
        layer("Conv1D", "conv", filters=2),
        layer("Conv2D", "padded", padding="same"),
        layer("BatchNormalization", "norm"),
        layer("GELU", "gelu"),
        layer("SpectralDense", "inside", units=8, activation="gelu"),
        layer("MaxPooling2D", "pool", pool_size=[3, 2], strides=[2, 2]),
    )
    fixes = {
        name: p.fix for (_, name), p in problems.items() if isinstance(p.fix, LayerFix) and not p.fix.edits
    }
    assert {name: fix.rewrite for name, fix in fixes.items() if isinstance(fix, LayerFix)} == {
        "conv": Rewrite("SpectralConv1D", (("padding", "valid"), ("norm", "operator"))),
        "padded": Rewrite("OrthoConv2D"),
        "norm": Rewrite(removed=True),
        "gelu": Rewrite("GroupSort2", bare=True),
        "inside": Rewrite(without=("activation",), after="GroupSort2"),
        "pool": Rewrite(arguments=(("strides", (3, 2)),)),
    }


def test_wrong_arguments_and_names_and_broken_promises_are_found() -> None:
    problems = found(layer("SpectralDense", "wrong", units=-1), layer("Unheard", "unknown"))
    assert problems["out-of-range-values", "wrong"].origin == SavedPlace("wrong", "units")
    assert ("unknown-layer-types", "unknown") in problems
    doubled = layer("SpectralDense", "d", units=8, k_coef_lip=2.0)
    assert found(doubled) == {}
    assert ("lipschitz-budget-exceeded", "d") in found(doubled, lipschitz=1.0)


def test_without_a_promise_the_network_has_the_constant_of_its_layers() -> None:
    layers = [layer("SpectralDense", "a", units=8, k_coef_lip=3.0), layer("SpectralDense", "b", units=8)]
    graph = check_layers(layers, (8,)).graph
    assert graph is not None
    assert graph.bound == graph.lipschitz == 3.0
    assert check_layers([*layers, layer("Dense", "c", units=2)], (8,)).graph is None
