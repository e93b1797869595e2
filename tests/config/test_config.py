"""The sections of a config: types, ranges, defaults, and one report for each mistake."""

from collections.abc import Callable

import pytest

from lipbuild.config.config import Config
from lipbuild.network.graph import Graph
from lipbuild.text.problem import Problem

Spec = Callable[[str], tuple[Config, Graph | None, list[Problem]]]
MODEL = "model: {input: [8], layers: [SpectralDense: {units: 3}]}\n"


def found(spec: Spec, text: str) -> list[tuple[str, str]]:
    return [(problem.rule, problem.span.text) for problem in spec(text)[2]]


def test_what_is_left_out_has_its_default(spec: Spec) -> None:
    config, graph, problems = spec(MODEL)
    assert problems == []
    assert graph is not None
    assert (config.name, config.seed, config.data, config.train) == ("model", 0, None, None)
    assert config.certify.radii == [0.1, 0.25, 0.5]
    assert config.export.formats == ["keras"]


def test_a_whole_config_is_typed(spec: Spec) -> None:
    config, _, problems = spec(
        MODEL.replace("units: 3", "units: 10").replace("[8]", "[8, 8, 1]").replace("[Spec", "[Flatten, Spec")
        + "name: digits\nseed: 3\ndata: {source: digits, test: 0.25}\n"
        "train:\n  loss: {TauCategoricalCrossentropy: {tau: 10}}\n  epochs: 2\n"
        "  optimizer: {Adam: {learning_rate: {CosineDecay: {initial_learning_rate: 1e-2, decay_steps: 9}}}}\n"
        "  metrics: [TopKCategoricalAccuracy: {k: 3}]\n"
        "certify: {radii: [1e-1]}\nexport: {formats: [keras]}\n"
    )
    assert problems == []
    assert config.train is not None
    assert config.train.loss.kind == "TauCategoricalCrossentropy"
    assert config.train.optimizer.arguments()["learning_rate"].decay_steps == 9
    assert config.train.metrics[0].arguments() == {"k": 3}


@pytest.mark.parametrize(
    ("text", "reports"),
    [
        ("modl: 1\n" + MODEL, [("unknown-keys", "modl")]),
        ("model: 3\n", [("wrong-types", "3")]),
        ("model:\n", [("missing-keys", "model")]),
        ("name: a\n", [("missing-keys", "name: a")]),
        ("model: {input: [8]}\n", [("missing-keys", "model")]),
        ("model: {input: [8], layers: []}\n", [("out-of-range-values", "[]")]),
        ("model: {input: [8], layers: }\n", [("out-of-range-values", "layers")]),
        ("model: {layers: [Flatten]}\n", [("missing-keys", "model")]),
        ("model: {input: 8, layers: [Flatten]}\n", [("wrong-types", "8")]),
        ("model: {input: [0], layers: [Flatten]}\n", [("out-of-range-values", "0")]),
        ("model: {input: [x], layers: [Flatten]}\n", [("wrong-types", "x")]),
        (MODEL + "seed: -1\n", [("out-of-range-values", "-1")]),
        (MODEL + "seed: 1e-3\n", [("wrong-types", "1e-3")]),
        (MODEL + "name: 'a/b'\n", [("out-of-range-values", "'a/b'")]),
        (MODEL + "certify: {radii: 0.1}\n", [("wrong-types", "0.1")]),
        (MODEL + "certify: {radii: [0.1, -1]}\n", [("out-of-range-values", "-1")]),
        (MODEL + "certify: {radii: [.nan]}\n", [("out-of-range-values", ".nan")]),
        (MODEL + "export: {formats: [kears]}\n", [("out-of-range-values", "kears")]),
        (MODEL + "data: {source: digit}\n", [("unknown-names", "digit")]),
        (MODEL + "data: {source: {npz: {}}}\n", [("missing-keys", "npz")]),
        (MODEL + "data: {test: 0.2}\n", [("missing-keys", "data")]),
        (MODEL + "train: {epochs: 3}\n", [("missing-keys", "train")]),
        (MODEL + "train: {loss: HKR, epochs: 3}\n", [("missing-keys", "HKR")]),
        (MODEL + "train: {loss: {HKR: {alfa: 1}}, epochs: 3}\n", [("unknown-keys", "alfa")]),
        (MODEL + "train: {loss: Hinge, epochs: 0.5}\n", [("wrong-types", "0.5")]),
        (MODEL + "train: {loss: Hinge, epochs: 3, optimizer: 5}\n", [("wrong-types", "5")]),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: -1}}}\n",
            [("out-of-range-values", "-1")],
        ),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: '1e-3'}}}\n",
            [("wrong-types", "'1e-3'")],
        ),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: Cosine}}}\n",
            [("unknown-names", "Cosine")],
        ),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, metrics: [Foo, Bar]}\n",
            [("unknown-names", "Foo"), ("unknown-names", "Bar")],
        ),
        (MODEL + "train: {lss: Hinge, epochs: 3}\n", [("unknown-keys", "lss")]),
        (
            MODEL.replace("units: 3", "units: 3, unit: 4") + "seed: x\ndata: 3\n",
            [("wrong-types", "x"), ("wrong-types", "3"), ("unknown-keys", "unit")],
        ),
        (
            MODEL.replace("model: {", f"model: {{lipschitz: {'9' * 399}, "),
            [("out-of-range-values", "9" * 399)],
        ),
    ],
)
def test_each_mistake_is_one_report_at_its_place(
    spec: Spec, text: str, reports: list[tuple[str, str]]
) -> None:
    assert sorted(found(spec, text)) == sorted(reports)


def test_a_missing_and_a_misspelt_key_are_one_mistake(spec: Spec) -> None:
    (problem,) = spec(MODEL.replace("units", "unit"))[2]
    assert problem.rule == "unknown-keys"
    assert "`units`" in problem.help


def test_messages_say_what_is_wrong_and_stay_short(spec: Spec) -> None:
    for text in (
        MODEL.replace("3", "9" * 300),
        MODEL + f"name: {'x' * 5000}\n",
        MODEL + f"name: '{'a b ' * 99}'\n",
    ):
        (problem,) = spec(text)[2]
        assert len(problem.message) < 200
        assert problem.message[:1].lower() == problem.message[:1]
        assert not problem.message.endswith(".")
