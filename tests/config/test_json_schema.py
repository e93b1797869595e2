"""The JSON Schema: it takes what `check` takes, and says in one message where it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lipbuild.config.blocks import BLOCKS
from lipbuild.config.json_schema import config_schema
from lipbuild.network.specs import LAYERS
from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText

CONFIGS = Path(__file__).parents[2] / "configs"
SCHEMA = config_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def errors(text: str) -> list[tuple[str, str]]:
    """Where each error stands, and which keyword of the schema finds it."""
    root = parse(SourceText("config.yaml", text)).root
    assert root is not None
    found = VALIDATOR.iter_errors(plain(root))
    return [(error.json_path, str(error.validator)) for error in found]


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every key of the schema with what is said of it."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False and "definitions" not in schema:
            yield from schema["properties"].items()
        for value in schema.values():
            yield from properties(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from properties(item)


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted([*CONFIGS.glob("*.yaml"), *CONFIGS.glob("layers/*.yaml")]), ids=str)
def test_a_config_that_checks_fits_it(path: Path) -> None:
    assert errors(path.read_text(encoding="utf-8")) == []


MODEL = "model: {input: [8], layers: [SpectralDense: {units: 8}]}\n"
LAYER = "$.model.layers[0].SpectralDense"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name: a\n", [("$", "required")]),
        ("extends: base.yaml\n", []),
        ("extends: base.yaml\nmodel: {lipschitz: 2}\n", []),
        ("extends: base.yaml\ntrain: {batch_size: 8}\ndata: {validation: 0.1}\n", []),
        ("model: {lipschitz: 1}\n", [("$.model", "required")]),
        ("nam: a\n" + MODEL, [("$", "additionalProperties")]),
        (MODEL.replace("units: 8", "units: 0"), [(f"{LAYER}.units", "minimum")]),
        (MODEL.replace("units: 8", "units: 8.5"), [(f"{LAYER}.units", "type")]),
        (MODEL.replace("units: 8", "units: x"), [(f"{LAYER}.units", "pattern")]),
        (MODEL.replace("units: 8", 'units: "${variables.n}"'), []),
        (MODEL.replace("units: 8", "unit: 8"), [(LAYER, "additionalProperties"), (LAYER, "required")]),
        (MODEL.replace("units: 8", "units: 8, activation: rellu"), [(f"{LAYER}.activation", "enum")]),
        (MODEL.replace("units: 8", "units: 8, activation: relu"), []),
        (MODEL.replace("units: 8", "units: 8, k_coef_lip: 0"), [(f"{LAYER}.k_coef_lip", "exclusiveMinimum")]),
        (MODEL.replace("units: 8", "units: 8, use_bias: 1"), [(f"{LAYER}.use_bias", "type")]),
        (MODEL.replace("SpectralDense: {units: 8}", "SpectralDense"), [("$.model.layers[0]", "enum")]),
        (MODEL.replace("Spectral", ""), [("$.model.layers[0]", "additionalProperties")]),
        (MODEL.replace("SpectralDense: {units: 8}", "GroupSort2: "), []),
        (MODEL.replace("SpectralDense: {units: 8}", "GroupSort2"), []),
        (MODEL.replace("SpectralDense: {units: 8}", ""), [("$.model.layers", "minItems")]),
        (MODEL + "seed: -1\n", [("$.seed", "minimum")]),
        (MODEL + "certify: {radii: [0.1, x]}\n", [("$.certify.radii[1]", "pattern")]),
        (MODEL + "train: {loss: Hinge}\n", [("$.train", "required")]),
        (MODEL + "train: {loss: HKR, epochs: 3}\n", [("$.train.loss", "enum")]),
        (MODEL + "train: {loss: {HKR: {alpha: -1}}, epochs: 3}\n", [("$.train.loss.HKR.alpha", "minimum")]),
        (MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: 1e-3}}}\n", []),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: {CosineDecay: "
            "{initial_learning_rate: 1e-3, decay_steps: 9}}}}}\n",
            [],
        ),
        (
            MODEL + "train: {loss: Hinge, epochs: 3, optimizer: {Adam: {learning_rate: Cosine}}}\n",
            [("$.train.optimizer.Adam.learning_rate", "enum")],
        ),
        (
            MODEL + "train: {loss: {TRADES: {target_radius: {Ramp: {start: 0.1, end: 1, shape: log}}, "
            "temperature: null, lam: -1}}, epochs: 3}\n",
            [
                ("$.train.loss.TRADES.target_radius.Ramp.shape", "enum"),
                ("$.train.loss.TRADES.lam", "minimum"),
            ],
        ),
        (
            "model: {input: [8], layers: [Parallel: {branches: [[GroupSort2], []], merge: Average}]}\n",
            [],
        ),
        (
            "model: {input: [8], layers: [Residual: {layers: [SpectralDense: {units: 0}]}]}\n",
            [("$.model.layers[0].Residual.layers[0].SpectralDense.units", "minimum")],
        ),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place_and_no_more_than_its_own_message(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert sorted(errors(text)) == sorted(found)


def test_every_key_says_what_it_means() -> None:
    assert [name for name, schema in properties(SCHEMA) if "description" not in schema] == []


def test_defaults_are_there_to_be_offered() -> None:
    layer = SCHEMA["definitions"]["layer.SpectralDense"]["properties"]
    assert layer["use_bias"]["default"] is True
    assert layer["kernel_initializer"]["default"] == "orthogonal"
    assert SCHEMA["properties"]["certify"]["properties"]["radii"]["default"] == [0.1, 0.25, 0.5]


def test_each_layer_has_a_snippet_with_the_arguments_that_it_needs() -> None:
    snippets = {s["label"]: s["body"] for s in SCHEMA["definitions"]["layer"]["defaultSnippets"]}
    assert set(snippets) == {*LAYERS, *BLOCKS}
    assert snippets["GroupSort2"] == "GroupSort2"
    assert snippets["SpectralConv2D"] == {"SpectralConv2D": {"filters": "$1", "kernel_size": "$2"}}
    for name, body in snippets.items():
        needed = [
            key for key, field in {**LAYERS, **BLOCKS}[name].model_fields.items() if field.is_required()
        ]
        assert body == name if not needed else list(body[name]) == needed
