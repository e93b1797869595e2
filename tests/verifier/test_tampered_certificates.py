"""Each way to state more than is proved is caught, where it is stated."""

import copy
from fractions import Fraction

import numpy as np
import pytest

from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.verifier import verify
from lipbuild.verifier.composition import steps_that_fail
from lipbuild.verifier.configuration import model_of
from lipbuild.verifier.digests import array_digest
from lipbuild.verifier.model_file import read_model
from tests.verifier.conftest import fails
from tests.verifier.zoo import SHAPES


def _times(holder, key, factor):
    holder[key] = (float.fromhex(holder[key]) * factor).hex()


@pytest.mark.parametrize("name", SHAPES)
def test_each_lowered_bound_is_caught_at_its_node(certified, name):
    model = certified(name)
    lowered = set()
    for row in model.predicate["nodes"]:
        if "upper" not in row or float.fromhex(row["upper"]) == 0.0:
            continue
        # Some rules are looser than others, and so is the constant 0.16666667 of a sixth.
        tight = row["rule"] in ("cholesky", "explicit", "closed form") and "hard_sigmoid" not in row["name"]
        _times(row, "upper", 1 - 1e-9 if tight else 0.9)
        row["lower"] = "0x0.0p+0"
        lowered.add(row["name"])
    failures = model.verified(inputs=None, labels=None).failures
    assert lowered <= {failure.where for failure in failures}


@pytest.mark.parametrize("name", SHAPES)
def test_each_lowered_constant_is_caught_at_its_node(certified, name):
    given = certified(name)
    model = model_of(*read_model(given.path))
    rows = given.predicate["nodes"]
    stated = {row["name"]: Fraction(float.fromhex(row["constant"])) for row in rows}
    gains = {row["name"]: Fraction(float.fromhex(row["upper"])) for row in rows if "upper" in row}
    spans = [(s["from"], s["to"], Fraction(float.fromhex(s["upper"]))) for s in given.predicate["spans"]]
    assert steps_that_fail(model, stated, gains, spans) == []
    for row in rows[1:]:
        lowered = stated | {row["name"]: stated[row["name"]] * (1 - Fraction(1, 10**12))}
        assert steps_that_fail(model, lowered, gains, spans)[:1] == [row["name"]]
    row = rows[-1]
    _times(row, "constant", 1 - 1e-12)
    fails(given.verified(), row["name"])


@pytest.mark.parametrize("name", ["kernels", "spans", "plain", "functions"])
def test_each_lowered_span_is_caught_at_its_end(certified, name):
    for part in ("", "through", "wrong"):
        model = certified(name)
        lowered = [s for s in model.predicate["spans"] if not part or s["rule"] == "residual block"]
        for span in lowered:
            # What is wrong is next to nothing, and is stated with more room.
            _times(span[part] if part else span, "upper", 0.05 if part == "wrong" else 0.99)
        failures = model.verified(inputs=None, labels=None).failures
        assert {span["to"] for span in lowered} <= {failure.where for failure in failures}
        assert lowered or part


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"from": "nothing"}, "spans"),
        ({"to": "nothing"}, "spans"),
        ({"rule": "trust"}, "subtract"),
        ({"from": "keras_tensor"}, "subtract"),
        ({"to": "dense_2"}, "dense_2"),
        ({"through": None}, "spans"),
        ({"wrong": 1.0}, "spans"),
        ({"upper": None}, "subtract"),
    ],
)
def test_a_span_that_is_none_is_caught(certified, change, where):
    model = certified("spans")
    span = next(s for s in model.predicate["spans"] if s["rule"] == "residual block")
    span |= change
    fails(model.verified(), where)


def test_a_span_past_what_is_not_affine_is_caught(certified):
    model = certified("spans")
    span = next(s for s in model.predicate["spans"] if s["rule"] == "explicit")
    span |= {"to": "re_lu", "upper": "0x1.0000000000000p+9"}
    fails(model.verified(), "re_lu")


def test_a_span_that_reads_past_its_start_is_caught(certified):
    model = certified("spans")
    span = next(s for s in model.predicate["spans"] if s["to"] == "dense_2")
    span |= {"from": "dense_1"}
    # `add` reads the block's result beside the branch.
    fails(model.verified(), "dense_2")


@pytest.mark.parametrize("limit", ["_MOST_INPUTS", "_MOST_ENTRIES"])
def test_a_span_that_takes_too_much_memory_is_refused(certified, monkeypatch, limit):
    monkeypatch.setattr(f"lipbuild.verifier.spans.{limit}", 1)
    assert any("too large" in failure.message for failure in certified("spans").verified().failures)


def test_a_missing_span_is_noticed_where_it_was_needed(certified):
    model = certified("spans")
    model.predicate["spans"] = []
    fails(model.verified(), "subtract")


def test_a_lowered_total_is_caught(main):
    _times(main.predicate, "lipschitz", 1 - 1e-12)
    fails(main.verified(), "lipschitz")


def test_a_lower_bound_above_the_upper_one_is_caught(main):
    row = main.row("dense")
    row["lower"] = (float.fromhex(row["upper"]) * 1.5).hex()
    fails(main.verified(), "dense")


@pytest.mark.parametrize("value", ["nan", "inf", "-0x1.0000000000000p+0", "", None, [], 1.5, "0x1p+99999"])
@pytest.mark.parametrize("key", ["upper", "lower", "constant"])
def test_a_number_that_is_none_is_caught(main, key, value):
    main.row("dense")[key] = value
    fails(main.verified(), "dense")


@pytest.mark.parametrize("level", ["exact", "certain", None])
def test_a_level_that_was_not_proved_is_caught(certified, level):
    pytest.importorskip("flint", reason="python-flint, an extra, is not installed")
    # Its factor is a rounded quotient, so that it is not known exactly.
    model = certified("functions")
    model.row("batch_normalization")["level"] = level
    fails(model.verified(), "batch_normalization")


def test_a_level_of_the_whole_that_is_not_that_of_the_nodes_is_caught(main):
    main.predicate["level"] = "exact"
    fails(main.verified(), "level")


@pytest.mark.parametrize("rule", ["trust", "cholesky", None, "closed form"])
def test_a_rule_that_is_none_for_a_convolution_is_caught(main, rule):
    row = main.row("conv2d")
    row["rule"] = rule
    row["upper"] = row["constant"] = "0x1.0000000000000p+9"
    verdict = main.verified()
    assert not verdict.holds


@pytest.mark.parametrize(
    "hints",
    [
        {"grid": [3, 3], "twist": [0, 0]},
        {"grid": [8, 8], "twist": [0, 0]},
        {"grid": [9], "twist": [0]},
        {"grid": [9, 9], "twist": [0, 2]},
        {"grid": [9, -9], "twist": [0, 0]},
        {"grid": [9.0, 9.0], "twist": [0, 0]},
        {"grid": None, "twist": [0, 0]},
        {"grid": [60000, 60000], "twist": [0, 0]},
    ],
)
def test_a_grid_on_which_something_wraps_around_or_that_is_none_is_caught(main, hints):
    row = main.row("spectral_conv2d")
    row |= {"rule": "frequencies", "grid": [9, 9], "twist": [0, 0]}
    row["upper"] = "0x1.0000000000000p+0"
    for later in main.predicate["nodes"]:
        later["constant"] = "0x1.0000000000000p+9"
    main.predicate["lipschitz"] = "0x1.0000000000000p+9"
    assert main.verified(inputs=None, labels=None).failures == main.verified(inputs=None).failures
    assert "spectral_conv2d" not in {f.where for f in main.verified().failures}
    row |= hints
    verdict = main.verified()
    assert {f.where for f in verdict.failures} & {"spectral_conv2d", "rule"}


def test_a_node_removed_or_added_is_caught(main):
    other = copy.deepcopy(main.statement)
    del main.predicate["nodes"][3]
    fails(main.verified(), "nodes")
    other["predicate"]["nodes"].append(other["predicate"]["nodes"][-1])
    fails(verify(main.path, other), "nodes")


@pytest.mark.parametrize(
    ("key", "value"), [("kind", "identity"), ("inputs", ["input_layer"]), ("shape", [9]), ("name", "y")]
)
def test_a_node_that_is_another_is_caught(main, key, value):
    main.row("conv2d:relu")[key] = value
    fails(main.verified(), "conv2d:relu")


@pytest.mark.parametrize("row", [None, 3, []])
def test_a_row_that_is_none_is_caught(main, row):
    main.predicate["nodes"][2] = row
    assert not main.verified().holds


def test_another_output_is_caught(main):
    main.predicate["output"] = "flatten"
    fails(main.verified(), "output")


@pytest.mark.parametrize(
    "change",
    [
        {"constant": "0x1.0p+0"},
        {"preprocessing": ["x / 2"]},
        {"shape": [8, 8, 2]},
    ],
)
def test_another_input_is_caught(main, change):
    main.predicate["input"] |= change
    fails(main.verified(), "input")


def test_an_input_that_states_less_than_itself_is_caught(main):
    row = main.predicate["nodes"][0]
    row["constant"] = (1.0 - 2.0**-53).hex()
    fails(main.verified(), row["name"])


@pytest.mark.parametrize(
    "name", ["", "../main.keras", "a/b.keras", "C:\\main.keras", "main.h5", None, ["main.keras"], "a\n.keras"]
)
def test_a_model_that_is_not_the_name_of_a_file_is_caught(main, name):
    main.predicate["model"] = {"file": "main.keras"}
    assert main.verified().holds
    main.predicate["model"] = {"file": name}
    fails(main.verified(), "model")


@pytest.mark.parametrize(
    ("version", "advice"), [(1, "`lipbuild certify MODEL` writes a new one"), (3, "a later lipbuild")]
)
def test_a_certificate_of_another_version_is_refused_by_name(main, version, advice):
    main.statement["predicateType"] = f"urn:lipbuild:certificate:v{version}"
    (failure,) = main.verified().failures
    assert f"is a certificate of version {version}" in failure.message
    assert advice in failure.message


def test_radii_of_other_data_are_caught(main):
    fails(main.verified(inputs=main.x[::-1].copy()), "samples")
    fails(main.verified(inputs=main.x[:, :4]), "samples")


@pytest.mark.parametrize("name", SHAPES)
def test_a_raised_radius_is_caught_at_its_sample(certified, name):
    model = certified(name)
    radii = model.predicate["samples"]["radii"]
    i = int(np.argmax([float.fromhex(r) for r in radii]))
    # A bound of an orthogonal convolution is not refined once it keeps its promise: 2e-6 more can be proved of it.
    radii[i] = (float.fromhex(radii[i]) * (1 + 3e-6) + 1e-9).hex()
    fails(model.verified(), f"sample {i}")


@pytest.mark.parametrize(
    "change",
    [lambda r: r.pop(), lambda r: r.append(r[0]), lambda r: r.__setitem__(0, "-0x1.0000000000000p-9")],
)
def test_radii_that_are_missing_or_none_are_caught(main, change):
    change(main.predicate["samples"]["radii"])
    fails(main.verified(), "samples")


def test_a_raised_accuracy_and_other_labels_are_caught(main):
    fails(main.verified(labels=(main.y + 1) % 3), "samples")
    main.predicate["samples"]["accuracy"] += 0.01
    fails(main.verified(), "samples")


def test_other_labels_of_the_same_accuracy_are_caught(main):
    predictions = main.outputs.argmax(axis=1)
    wrong = certify(*read_archive(main.path), inputs=main.x, labels=(predictions + 1) % 3)
    fails(verify(main.path, wrong, inputs=main.x, labels=(predictions + 2) % 3), "samples")


@pytest.mark.parametrize("name", ["main", "spans"])
def test_a_lowered_head_is_caught(certified, name):
    for change in (("distances", 0.99), ("rest", 0.99)):
        model = certified(name)
        head = model.predicate["head"]
        if change[0] == "rest":
            _times(head, "rest", 1 - 1e-9)
        else:
            row = head["distances"][0]
            _times(row, -1, 1 - 1e-9)
        fails(model.verified(), "head")


@pytest.mark.parametrize(
    "distances", [None, [], [["0x1.0000000000000p+0"]], "x", [["0x1.0000000000000p+9"] * 3] * 2]
)
def test_a_head_that_is_none_is_caught(main, distances):
    main.predicate["head"]["distances"] = distances
    fails(main.verified(), "head")


def test_a_head_that_is_not_dense_has_the_distance_of_two_outputs(main, tmp_path, keras):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.ReLU()])
    model.save(tmp_path / "m.keras")
    x = np.random.default_rng(0).random((5, 4)).astype(np.float32)
    statement = certify(*read_archive(tmp_path / "m.keras"), inputs=x)
    assert verify(tmp_path / "m.keras", statement, inputs=x).holds
    _times(statement["predicate"]["head"]["distances"][0], 1, 0.99)
    fails(verify(tmp_path / "m.keras", statement, inputs=x), "head")


def test_an_output_that_is_no_vector_has_no_head(main, tmp_path, keras):
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Dense(3)])
    model.save(tmp_path / "m.keras")
    statement = certify(*read_archive(tmp_path / "m.keras"))
    for key in ("head", "inference", "samples"):
        statement["predicate"][key] = main.predicate[key]
    fails(verify(tmp_path / "m.keras", statement), "head")


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_lowered_rounding_error_is_caught(main, precision):
    # What is stated leaves others room, up to twice what is proved.
    _times(main.predicate["inference"]["error"], precision, 0.25)
    fails(main.verified(), "inference")


def test_a_rounding_error_for_smaller_inputs_does_not_carry_the_radii_of_float32(main):
    statement = certify(*read_archive(main.path), inputs=main.x, semantics="float32")
    statement["predicate"]["inference"]["input_norm"] = (0.5).hex()
    fails(verify(main.path, statement, inputs=main.x), "sample")


def test_another_semantics_than_the_radii_were_computed_for_is_caught(main):
    main.predicate["inference"]["semantics"] = "float32"
    fails(main.verified(), "sample")


def test_semantics_that_are_not_known_are_caught(main):
    main.predicate["inference"]["semantics"] = "hopeful"
    fails(main.verified(), "inference")


def test_no_radius_of_float32_is_believed_where_the_rounding_of_an_activation_is_not_known(certified):
    model = certified("functions")
    assert model.predicate["inference"]["error"]["float32"] == "inf"
    model.predicate["inference"]["semantics"] = "float32"
    fails(model.verified(), "sample")
    model.predicate["inference"]["error"]["float32"] = (1e-6).hex()
    fails(model.verified(), "inference")


def test_an_attack_inside_its_radius_is_caught(main):
    radii = [float.fromhex(r) for r in main.predicate["samples"]["radii"]]
    i = int(np.argmax(radii))
    main.predicate["attacks"] = [{"sample": i, "distance": (radii[i] * 0.99).hex()}]
    fails(main.verified(), "attacks")


@pytest.mark.parametrize("sample", [-1, 12, None, "1", True])
def test_an_attack_on_no_sample_is_caught(main, sample):
    main.predicate["attacks"] = [{"sample": sample, "distance": (9.0).hex()}]
    fails(main.verified(), "attacks")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        None,
        {"_type": "https://in-toto.io/Statement/v1"},
        {"_type": "https://in-toto.io/Statement/v0.1", "predicate": {}},
        {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "urn:lipbuild:certificate:v2",
            "predicate": 3,
        },
    ],
)
def test_what_is_no_certificate_is_caught(main, broken):
    fails(verify(main.path, broken), "certificate")


@pytest.mark.parametrize(
    "key",
    ["nodes", "output", "lipschitz", "input", "head", "inference", "norm", "level", "samples", "assumptions"],
)
def test_a_missing_part_is_caught(main, key):
    del main.predicate[key]
    assert not main.verified().holds


@pytest.mark.parametrize("subject", [None, [], [{}], [{"name": "weights", "digest": {"sha256": "0"}}]])
def test_a_subject_that_is_none_is_caught(main, subject):
    main.statement["subject"] = subject
    assert not main.verified().holds


def test_radii_of_no_samples_or_of_what_is_no_number_are_refused(main):
    samples = main.predicate["samples"]
    nothing, nowhere = main.x[:0], np.full_like(main.x, np.nan)
    samples |= {"inputs": array_digest(nothing), "radii": []}
    fails(main.verified(inputs=nothing), "samples")
    samples |= {"inputs": array_digest(nowhere), "radii": [(0.0).hex()] * len(nowhere)}
    failures = main.verified(inputs=nowhere).failures
    assert any("NaN" in failure.message for failure in failures)


def test_labels_that_are_not_one_a_sample_are_refused(main):
    for labels in (main.y[:-1], np.stack([main.y, main.y], axis=1)):
        main.predicate["samples"]["labels"] = array_digest(labels)
        fails(main.verified(labels=labels), "samples")


@pytest.mark.parametrize(
    ("holder", "where"),
    [
        (lambda s: s, "certificate"),
        (lambda s: s["predicate"], "predicate"),
        (lambda s: s["predicate"]["input"], "input"),
        (lambda s: s["predicate"]["head"], "head"),
        (lambda s: s["predicate"]["inference"], "inference"),
        (lambda s: s["predicate"]["samples"], "samples"),
        (lambda s: s["predicate"]["nodes"][2], "nodes"),
        (lambda s: s["predicate"]["spans"][0], "spans"),
        (lambda s: s["predicate"]["spans"][0].setdefault("wrong", {}), "spans"),
        (lambda s: s["predicate"]["attacks"][0], "attacks"),
        (lambda s: s["subject"][0], "subject"),
        (lambda s: s["subject"][0]["digest"], "subject"),
    ],
)
def test_what_cannot_be_checked_may_not_be_stated(certified, holder, where):
    model = certified("spans")
    model.predicate["attacks"] = [{"sample": 0, "distance": (1e9).hex()}]
    assert model.verified().holds
    holder(model.statement)["certified_accuracy"] = 0.99
    fails(model.verified(), where)


@pytest.mark.parametrize("key", ["upper", "lower"])
def test_what_merges_nodes_has_no_bound_of_its_own(main, key):
    main.row("average")[key] = "0x0.0p+0"
    fails(main.verified(), "average")


@pytest.mark.parametrize(
    "change",
    [
        lambda assumptions: assumptions[:-1],
        lambda assumptions: [*assumptions, "the data is never attacked"],
        lambda assumptions: [assumptions[0].replace("not by", "by"), *assumptions[1:]],
        lambda assumptions: [],
        lambda assumptions: None,
        lambda assumptions: "; ".join(assumptions),
    ],
)
def test_other_assumptions_are_refused(main, change):
    main.predicate["assumptions"] = change(main.predicate["assumptions"])
    fails(main.verified(), "assumptions")


def test_a_subject_named_twice_is_refused(main):
    main.statement["subject"].insert(0, {"name": "weights", "digest": {"sha256": "0" * 64}})
    fails(main.verified(), "subject")


def test_an_accuracy_without_labels_is_refused(main):
    del main.predicate["samples"]["labels"]
    fails(main.verified(), "samples")


def test_another_subject_is_refused(main):
    main.statement["subject"].append({"name": "model.onnx", "digest": {"sha256": "0" * 64}})
    fails(main.verified(), "subject")
