"""Fixes: what each one writes, and that no sequence of them ever makes a config worse or runs on."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.check import Checked, check
from lipbuild.rules.fix import fix, with_tried_fixes
from lipbuild.text.edit import Edit, apply_edits
from lipbuild.text.fix import Fix
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

HEAD = "model:\n  input: [8, 8, 2]\n  layers:\n"


def fixed(text: str, *, unsafe: bool = False) -> str:
    return fix(SourceText("c.yaml", text), unsafe=unsafe).source.text


def layers(*items: str) -> str:
    return HEAD + "".join(f"    - {item}\n" for item in items)


def test_fixes_are_counted() -> None:
    text = layers("Dropout: {rate: 0.5}", "Flatten", "Dense: {units: 4}")
    assert fix(SourceText("c.yaml", text)).count == 2


END = ("Flatten", "SpectralDense: {units: 2}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Dense: {units: 4}"], ["SpectralDense: {units: 4}"]),
        (
            ["Conv2D: {filters: 4, kernel_size: 3}"],
            ["OrthoConv2D: {filters: 4, kernel_size: 3, padding: valid}"],
        ),
        (
            ["Conv2D: {filters: 4, kernel_size: 3, padding: same}"],
            ["OrthoConv2D: {filters: 4, kernel_size: 3, padding: same}"],
        ),
        (
            ["Conv2D:\n        filters: 4  # few\n        kernel_size: 3"],
            ["OrthoConv2D:\n        filters: 4  # few\n        kernel_size: 3\n        padding: valid"],
        ),
        (
            ["Reshape: {target_shape: [64, 2]}", "Conv1D: {filters: 4, kernel_size: 3}"],
            [
                "Reshape: {target_shape: [64, 2]}",
                "SpectralConv1D: {filters: 4, kernel_size: 3, padding: valid, norm: operator}",
            ],
        ),
        (["AveragePooling2D: {pool_size: 2}  # halve"], ["InvertibleDownSampling: {pool_size: 2}  # halve"]),
        (["AveragePooling2D  # halve"], ["InvertibleDownSampling: {pool_size: 2}  # halve"]),
        (["GlobalAveragePooling2D"], ["ScaledGlobalAveragePooling2D"]),
        (["Dropout: {rate: 0.5}", "GroupSort2"], ["GroupSort2"]),
        (["BatchNormalization", "GroupSort2"], ["GroupSort2"]),
        (["Dropout:\n        rate: 0.5", "GroupSort2"], ["GroupSort2"]),
        (['GroupSort2: {k_coef_lip: "1.0"}'], ["GroupSort2: {k_coef_lip: 1.0}"]),
        (["MaxPooling2D: {pool_size: 2.0}"], ["MaxPooling2D: {pool_size: 2}"]),
    ],
)
def test_a_safe_fix_writes_what_is_meant(before: list[str], after: list[str]) -> None:
    tail = () if "Global" in before[0] else END[:1]
    assert fixed(layers(*before, *tail)) == layers(*after, *tail)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["ReLU"], ["GroupSort2"]),
        (["GELU"], ["GroupSort2"]),
        (["Activation: {activation: silu}"], ["GroupSort2"]),
        (["MaxPooling2D: {pool_size: 3, strides: 2}"], ["MaxPooling2D: {pool_size: 3, strides: 3}"]),
        (
            ["MaxPooling2D: {pool_size: [3, 2], strides: 1}"],
            ["MaxPooling2D: {pool_size: [3, 2], strides: [3, 2]}"],
        ),
        (
            ["Reshape: {target_shape: [64, 2]}", "MaxPooling1D: {pool_size: 3, strides: 1}"],
            ["Reshape: {target_shape: [64, 2]}", "MaxPooling1D: {pool_size: 3, strides: 3}"],
        ),
        (["GroupSrot2"], ["GroupSort2"]),
        (["MaxPooling2D: {poolsize: 2}"], ["MaxPooling2D: {pool_size: 2}"]),
        (
            ["SpectralConv2D: {filters: 2, kernel_size: 3, name: f}", "Add: {inputs: [input, f]}"],
            ["SpectralConv2D: {filters: 2, kernel_size: 3, name: f}", "Average: {inputs: [input, f]}"],
        ),
    ],
)
def test_an_unsafe_fix_is_made_on_demand_alone(before: list[str], after: list[str]) -> None:
    assert fixed(layers(*before)) == layers(*before)
    assert fixed(layers(*before), unsafe=True) == layers(*after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "[Flatten, Dropout: {rate: 0.5}, SpectralDense: {units: 2}]",
            "[Flatten, SpectralDense: {units: 2}]",
        ),
        (
            "[Flatten, SpectralDense: {units: 2}, Dropout: {rate: 0.5}]",
            "[Flatten, SpectralDense: {units: 2}]",
        ),
        ("[Dropout: {rate: 0.5}, Flatten, Dense: {units: 2}]", "[Flatten, SpectralDense: {units: 2}]"),
    ],
)
def test_lists_on_one_line_are_fixed_too(before: str, after: str) -> None:
    head = "model: {input: [8, 8, 2], layers: "
    assert fixed(f"{head}{before}}}\n") == f"{head}{after}}}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A kernel below its strides skips pixels, which no orthogonal convolution does.
        (
            ["Conv2D:\n        filters: 4\n        kernel_size: 1\n        strides: 2"],
            [
                "SpectralConv2D:\n        filters: 4\n        kernel_size: 1\n        strides: 2\n"
                "        padding: valid\n        norm: operator"
            ],
        ),
        # What is dropped is what the windows have anyway: 8 and 4 pixels are divided by them, 3 are not.
        (
            [
                "AveragePooling2D: {strides: 2, pool_size: [2, 2]}",
                "AveragePooling2D: {pool_size: [4, 1], padding: same}",
                "Conv2D: {filters: 4, kernel_size: [1, 2]}",
                "AveragePooling2D: {pool_size: [1, 3], padding: valid}",
            ],
            [
                "InvertibleDownSampling: {pool_size: [2, 2]}",
                "InvertibleDownSampling: {pool_size: [4, 1]}",
                "OrthoConv2D: {filters: 4, kernel_size: [1, 2], padding: valid}",
                "InvertibleDownSampling: {pool_size: [1, 3]}",
            ],
        ),
        (["AveragePooling2D: {pool_size: 3}"], ["ScaledAveragePooling2D: {pool_size: 3}"]),
        # 16 times the channels: no.
        (["AveragePooling2D: {pool_size: 4}"], ["ScaledAveragePooling2D: {pool_size: 4}"]),
        # Its channels have to be those of the other branch.
        (
            [
                "Parallel: {branches: [[AveragePooling2D], [MaxPooling2D]], merge: Average}",
                "GroupSort2",
                "AveragePooling2D",
            ],
            [
                "Parallel: {branches: [[ScaledAveragePooling2D], [MaxPooling2D]], merge: Average}",
                "GroupSort2",
                "InvertibleDownSampling: {pool_size: 2}",
            ],
        ),
        (
            ["Parallel: {branches: [[AveragePooling2D], [AveragePooling2D]], merge: Average}"],
            [
                "Parallel: {branches: [[InvertibleDownSampling: {pool_size: 2}], "
                "[InvertibleDownSampling: {pool_size: 2}]], merge: Average}"
            ],
        ),
    ],
)
def test_a_layer_is_replaced_by_what_certifies_most_of_those_that_fit(
    before: list[str], after: list[str]
) -> None:
    result = fix(SourceText("c.yaml", layers(*before, *END)))
    assert result.source.text == layers(*after, *END)
    assert result.checked.ok


def test_a_layer_that_is_all_there_is_stays() -> None:
    assert fixed(layers("Dropout: {rate: 0.5}")) == layers("Dropout: {rate: 0.5}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: on\n", 'name: "on"\n'),
        ("seed: 010\n", "seed: 10\n"),
        ("seed: '3'\n", "seed: 3\n"),
        ("seed: 1e3\n", "seed: 1000\n"),
        ("seed: !!int 3\n", "seed: 3\n"),
        ("seed: 3  # lipbuild: ignore[plain-dense] was there once\n", "seed: 3\n"),
        ("# lipbuild: ignore-file[plain-dense] was there once\nseed: 3\n", "seed: 3\n"),
        ("certify: {radii: [0.1, '0.2']}\n", "certify: {radii: [0.1, 0.2]}\n"),
    ],
)
def test_values_and_comments_are_fixed(before: str, after: str) -> None:
    body = layers(*END)
    assert fixed(body + before) == body + after


def test_what_comes_from_a_variable_or_an_option_is_left_alone() -> None:
    text = "variables: {kind: Dense}\n" + HEAD + "    - ${variables.kind}: {units: 2}\n"
    assert fixed(text) == text


PIECES = st.sampled_from(
    [
        "Dense: {units: 4}",
        "Dense: {units: 5}",
        "Dense:\n        units: 4",
        "Conv2D: {filters: 4, kernel_size: 3}",
        "Conv2D:\n        filters: 4  # four\n        kernel_size: 3",
        "Conv2D: {filters: 4}",
        "AveragePooling2D",
        "AveragePooling2D: {pool_size: 3, strides: 2}",
        "GlobalAveragePooling2D",
        "BatchNormalization",
        "LayerNormalization: {}",
        "Dropout: {rate: 0.5}  # half",
        "Dropout:\n        # a comment inside\n        rate: 0.5",
        "ReLU",
        "ReLU: {negative_slope: 3.0}",
        "GELU",
        "Activation: {activation: selu}",
        "Activation: {activation: reluu}",
        "MaxPooling2D: {pool_size: 3, strides: 1}",
        "MaxPooling2D: {pool_size: '2'}",
        "GroupSrot2",
        "GroupSort2  # lipbuild: ignore[plain-dense] none",
        "Flatten",
        "Flaten",
        "SpectralDense: {units: 4.0}",
        "SpectralDense: {unit: 4}",
        "SpectralDense: {units: 4, units: 5}",
        "SpectralConv2D: {filters: 2, kernel_size: 3, padding: same, name: f}",
        "Add: {inputs: [input, f]}",
        "Residual: {layers: [ReLU, Dropout: {rate: 0.1}]}",
        "Parallel: {branches: [[ReLU], [Dense: {units: 2}]], merge: Add}",
        "Repeat: {times: 2, layers: [Dense: {units: 8}, ReLU]}",
        "Lambda: {function: f}",
        "[ReLU]",
        "*x",
        "&x ReLU",
        "!!str ReLU",
        "type: Dense",
        "{class_name: Dense, config: {units: 4}}",
        "{type: GroupSort2}",
        "type: SpectralDense\n      units: 4",
        "SpectralDense: 4",
        "SpectralDense(units=4)",
        "Foo(units=(4, 4))",
        "SpectralDense: {units:4}",
        "SpectralDense: {units: 4, activation: relu}",
        "SpectralDense:\n        units: 4\n        activation: gelu  # smooth",
        "SpectralDense:\n        activation: relu\n        units: 5",
        "SpectralDense:\n      units: 4\n      use_bias: no",
        "SpectralDense: {units: 4}\n      GroupSort2:",
        "SpectralDense: {units: 1_0, use_bias: off}",
        "SpectralDense: {units: 8, maxiter_bjorck: 2}",
        "SpectralDense: {out_features: 4}",
        "SpectralConv2D: {filters: 2, kernel_size: (3, 3)}",
        "SpectralConv2D: {filters: 2, kernel_size: '3', strides: 2.0}",
        "MaxPooling2D: {pool_size: '2', strides: 1}",
        "Softmax",
        "PReLU",
        "SpectralDense: {units: 4",
        "SpectralDense: [units: 4",
        "SpectralDense: {units: ${variables.a}}",
        "name: a: b",
        "'unclosed",
        "%x",
    ]
)
REST = st.lists(
    st.sampled_from(
        [
            "seed: yes\n",
            "seed: '3'\n",
            "sead: 3\n",
            "name: on\n",
            "train: {loss: CategoricalCrossentropy, epochs: 1e1, optimizer: AdamW}\n",
            "data: {source: digits}\n",
            "data: {source: digts, test: '0.2'}\n",
            "variables: {a: 010}\n",
            "certify: {radii: 8/255}\n",
            "certify: {radii: (0.1, 0.2), epsilon: 0.3}\n",
            "export: {formats: kears}\n",
            " indented: 3\n",
            "\tname: tab\n",
            "name:x\n",
            "name: @x\n",
            "data: digits\n",
            "# lipbuild: ignore-file[ReLU]\n",
            "# lipbuild: ignore-file[norm-losing-activations]\n",
        ]
    ),
    max_size=4,
    unique=True,
)


def weight(checked: Checked) -> tuple[int, ...]:
    return tuple(sum(d.severity is s for d in checked.diagnostics) for s in Severity)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=7), REST, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_fixing_ends_and_leaves_no_more_findings_than_before(
    items: list[str], rest: list[str], unsafe: bool, newline: str
) -> None:
    text = (layers(*items) + "".join(rest)).replace("\n", newline)
    source = SourceText("c.yaml", text)
    before = check(source)
    done = fix(source, unsafe=unsafe)
    after = check(done.source)
    assert weight(after) <= weight(before)
    if before.config is not None:
        assert after.config is not None
    assert fix(done.source, unsafe=unsafe).count == 0
    assert (done.count == 0) == (done.source.text == text)


def test_comments_and_layout_survive(complete: Callable[[str], str]) -> None:
    text = "# the head\n" + layers("Dense: {units: 4}   # first", "Flatten") + "\n# the end\n"
    assert fixed(text) == text.replace("Dense", "SpectralDense")


@pytest.mark.parametrize(
    ("torch", "ours"),
    [
        (
            "nn.Conv2d: {in_channels: 2, out_channels: 4, kernel_size: 3, padding: 1, padding_mode: zeros}",
            "OrthoConv2D: {filters: 4, kernel_size: 3, padding: same}",
        ),
        (
            "nn.Conv2d(2, 4, (3, 5), bias=False)",
            "OrthoConv2D: {filters: 4, kernel_size: [3, 5], use_bias: false, padding: valid}",
        ),
        (
            "Conv2d: {out_channels: 4, kernel_size: 5}",
            "OrthoConv2D: {filters: 4, kernel_size: 5, padding: valid}",
        ),
        # Stripes of a stride above its kernel have no orthogonal one.
        (
            "nn.Conv2d: {out_channels: 4, kernel_size: 1, stride: 2}",
            "SpectralConv2D: {filters: 4, kernel_size: 1, strides: 2, padding: valid, norm: operator}",
        ),
        (
            "nn.ConvTranspose2d: {in_channels: 2, out_channels: 4, kernel_size: 4, stride: 2, padding: 1}",
            "OrthoConv2DTranspose: {filters: 4, kernel_size: 4, strides: 2}",
        ),
        ("MaxPool2d: 2", "MaxPooling2D: {pool_size: 2}"),
        ("AvgPool2d: {kernel_size: 2}", "InvertibleDownSampling: {pool_size: 2}"),
        ("nn.AvgPool2d(3, stride=1)", "ScaledAveragePooling2D: {pool_size: 3, strides: 1}"),
        ("nn.AdaptiveAvgPool2d: {output_size: [1, 1]}", "ScaledGlobalAveragePooling2D"),
        ("nn.ReLU: {inplace: true}", "ReLU"),
        ("nn.Hardtanh", "Activation: {activation: hard_tanh}"),
        ("nn.GELU: {approximate: tanh}", "GroupSort2"),
        ("nn.PReLU", "PReLUlip"),
        (
            "keras.layers.Conv2D: {filters: 4, kernel_size: 3}",
            "OrthoConv2D: {filters: 4, kernel_size: 3, padding: valid}",
        ),
        ("conv2d: {filters: 4, kernel_size: 3}", "OrthoConv2D: {filters: 4, kernel_size: 3, padding: valid}"),
    ],
)
def test_a_layer_of_another_library_becomes_the_lipschitz_layer_in_one_step(torch: str, ours: str) -> None:
    source = SourceText("c.yaml", layers(torch, *END))
    [found] = [one for one in check(source).diagnostics if one.rule == "unknown-layer-types"]
    assert found.fix is not None
    assert apply_edits(source.text, found.fix.edits) == layers(ours, *END)
    # The help names the layer that the fix writes.
    assert f"`{ours.partition(':')[0]}" in (found.help or "")


@pytest.mark.parametrize("stride", ["x", "[]", "[1, 2, 3]", "99999999999999999999"])
def test_arguments_of_another_library_may_be_anything(stride: str) -> None:
    layer = f"nn.Conv2d: {{out_channels: 4, kernel_size: 3, padding: 1, stride: {stride}}}"
    found = check(SourceText("c.yaml", layers(layer, *END))).diagnostics
    assert [one.rule for one in found][:1] == ["unknown-layer-types"]


def test_a_fix_that_mends_nothing_is_not_shown() -> None:
    # A convolution of another library whose padding has no counterpart, and a call in Python inside braces.
    text = layers("nn.Conv2d: {out_channels: 4, kernel_size: 3, padding: 2}", *END)
    assert all(found.fix is None for found in with_tried_fixes(check(SourceText("c.yaml", text))).diagnostics)
    text = "model: {layers: [Flatten, SpectralDense: {units: 10}]}\ndata: {source: digits}\n"
    text += "train: {loss: TauCategoricalCrossentropy(tau=10), epochs: 1}\n"
    assert "loss: {TauCategoricalCrossentropy: {tau: 10}}" in fixed(text, unsafe=True)
    vain = Fix("spoil it", (Edit(Span(source := SourceText("c.yaml", text), 0, 5), "["),))
    checked = check(source)
    spoilt = replace(checked, diagnostics=tuple(replace(one, fix=vain) for one in checked.diagnostics))
    assert all(found.fix is None for found in with_tried_fixes(spoilt).diagnostics)
