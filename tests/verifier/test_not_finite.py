"""What is not finite proves nothing, wherever it arises, and a number is written as `float.hex` prints it."""

import json
import math

import numpy as np
import pytest

from lipbuild.saved.archive import read_archive
from lipbuild.saved.certify import certify
from lipbuild.verifier import verify
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.fields import FIELDS
from lipbuild.verifier.floats import U32, U, at_most
from lipbuild.verifier.forward import run, served_error
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Loss, Node
from lipbuild.verifier.radii import Head, check_radii, logits_of
from lipbuild.verifier.statement import hexadecimal, same
from lipbuild.verifier.strict_json import strict_json
from lipbuild.verifier.verdict import Failure, Verdict
from tests.verifier.conftest import fails


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 5e-324, 1.7976931348623157e308])
def test_a_number_is_read_as_it_is_printed(value):
    assert hexadecimal(value.hex(), "upper", "a") == value


@pytest.mark.parametrize(
    "text",
    ["0x1p3", "0X1.0000000000000P+3", " 0x1.0000000000000p+3", "0x1.00000000000000p+3", "8.0", "8", "", "nan", "inf",
     "-inf", "-0x0.0p+0", "-0x1.0000000000000p+3", "0x1p+99999", 8, 8.0, True, None, ["0x1.0000000000000p+3"]],
)  # fmt: skip
def test_no_other_form_of_a_number_is_read(text):
    with pytest.raises(RefusedError, match="upper"):
        hexadecimal(text, "upper", "a")


def test_infinity_stands_only_for_an_error_of_which_nothing_is_known():
    assert hexadecimal("inf", "float32", "a", infinite=True) == math.inf
    with pytest.raises(RefusedError, match="float32"):
        hexadecimal("nan", "float32", "a", infinite=True)


@pytest.mark.parametrize(
    ("needed", "stated"),
    [(math.inf, math.inf), (1.0, math.inf), (math.nan, 1.0), (1.0, math.nan), (2.0, 1.0)],
)
def test_no_bound_is_met_by_what_is_not_finite(needed, stated):
    assert not at_most(needed, stated)
    assert at_most(np.array([needed, 1.0]), np.array([stated, 1.0])).tolist() == [False, True]


@pytest.mark.parametrize("text", ["1e999", "[-1e400]", "NaN", "Infinity"])
def test_no_number_of_json_is_infinite(text):
    with pytest.raises(ValueError, match=r"JSON|float64"):
        strict_json(text)


def test_values_of_other_types_are_others():
    assert same([1, {"a": True}], [1, {"a": True}])
    for other in (True, 1.0, "1", [1]):
        assert not same(other, 1)


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_no_node_has_a_number_that_is_not_finite(number):
    with pytest.raises(RefusedError, match="kernel"):
        Node("a", "dense", ("x",), {}, {"kernel": np.array([[number]])})
    with pytest.raises(RefusedError, match="slope"):
        Node("a", "activation", ("x",), {"function": "leaky_relu", "slope": number})
    with pytest.raises(RefusedError, match="slope"):
        Node("a", "activation", ("x",), {"slope": np.array(1.0)})


def test_a_proof_is_found_again_only_of_the_same_operation():
    kernel = np.arange(6.0).reshape(2, 3)
    node = Node("a", "dense", ("x",), {}, {"kernel": kernel})
    assert node.key() == Node("b", "dense", ("y",), {}, {"kernel": kernel.copy()}).key()
    for other in (
        Node("a", "dense", ("x",), {}, {"kernel": kernel.reshape(3, 2)}),
        Node("a", "dense", ("x",), {}, {"kernel": kernel + 1.0}),
        Node("a", "dense", ("x",), {}, {"kernel": kernel, "bias": np.zeros(3)}),
        Node("a", "scale", ("x",), {}, {"kernel": kernel}),
        Node("a", "dense", ("x",), {"groups": 1}, {"kernel": kernel}),
    ):
        assert node.key() != other.key()


def _chain(*nodes):
    """A model of operations one after the other, on three numbers."""
    first = Node("x", "input", (), {"shape": (3,)})
    named, shapes = {"x": first}, {"x": (3,)}
    for i, (kind, options, arrays) in enumerate(nodes):
        before = list(named)[-1]
        node = Node(f"n{i}", kind, (before,), options, arrays)
        named[node.name] = node
        shapes[node.name] = KINDS[kind].shape(node, [shapes[before]])
    return Model(named, shapes, list(named)[-1])


LARGE = ("scale", {}, {"factor": np.array(1e30)})
CLIPPED = ("activation", {"function": "relu6"}, {})


def test_nothing_is_known_where_float32_may_overflow():
    gains = {"n0": 1e30, "n1": 1.0}
    model = _chain(LARGE, CLIPPED)
    assert served_error(model, gains, 1.0, U32) < 1e25
    # 1e39 is infinite in float32, of which the second operation makes a 6.
    assert served_error(model, gains, 1e9, U32) == math.inf
    assert served_error(model, gains, 1e9, U) < 1e30


def test_nothing_is_known_where_a_partial_sum_or_a_square_may_overflow():
    cancelling = ("dense", {}, {"kernel": np.array([[1e38], [-1e38], [1e38]])})
    assert served_error(_chain(cancelling), {"n0": 2e38}, 1.0, U32) == math.inf
    windows = {"pool_size": (3,), "strides": (3,), "padding": "valid"}
    rows = ("reshape", {"shape": (3, 1)}, {})
    mean = _chain(rows, ("average_pooling", windows, {}))
    assert served_error(mean, {"n1": 1.0}, 2.0**125, U32) < math.inf
    assert served_error(mean, {"n1": 1.0}, 2.0**126, U32) == math.inf
    root = _chain(rows, ("norm_pooling", windows | {"epsilon": 0.0}, {}))
    assert served_error(root, {"n1": 1.0}, 2.0**62, U32) < math.inf
    assert served_error(root, {"n1": 1.0}, 2.0**64, U32) == math.inf
    assert Loss(magnitude=0.0, interim_offset=2.0**127).fresh(np.array([1.0]), 1, U32)[0] == math.inf


def test_nothing_is_known_of_weights_that_float32_may_take_for_zero():
    assert served_error(_chain(("scale", {}, {"factor": np.array(1e-39)})), {"n0": 1.0}, 1.0, U32) == math.inf
    assert served_error(_chain(("scale", {}, {"factor": np.array(1e-39)})), {"n0": 1.0}, 1.0, U) < 1.0


def test_an_overflow_on_the_way_proves_no_radius_and_no_class():
    huge = ("scale", {}, {"factor": np.array(1e38)})
    model = _chain(*[huge] * 9, CLIPPED)
    gains = {f"n{i}": 1e38 for i in range(9)} | {"n9": 1.0}
    x = np.array([[1e30, 1.0, 0.0]], np.float32)
    with np.errstate(all="ignore"):
        values, radii = run(model, gains, list(model.nodes.values())[1:], "x", x.astype(np.float64))
        assert np.isfinite(values).all()
        assert radii.tolist() == [math.inf]
        head, logits = Head(np.ones((3, 3)), 1e-300), logits_of(model, gains, x)
        for radius, classes in ((1e300, None), (0.0, [-1])):
            predicate = {"samples": {"radii": [radius.hex()]}}
            if classes is None:
                with pytest.raises(RefusedError, match="not proved"):
                    check_radii(model, predicate, head, {"x": 1.0}, None, x, logits)
            else:
                assert check_radii(model, predicate, head, {"x": 1.0}, None, x, logits).tolist() == classes


def test_no_radius_of_float32_follows_from_an_error_that_is_not_known(main):
    statement = certify(*read_archive(main.path), inputs=main.x, semantics="float32")
    assert verify(main.path, statement, inputs=main.x).holds
    statement["predicate"]["inference"]["error"]["float32"] = "inf"
    fails(verify(main.path, statement, inputs=main.x), "sample")
    statement["predicate"]["samples"]["radii"] = [(0.0).hex()] * len(main.x)
    assert verify(main.path, statement, inputs=main.x).holds


def test_data_of_another_type_than_the_model_reads_is_refused(main):
    fails(main.verified(inputs=main.x.astype(np.float64)), "samples")


def test_what_a_rule_does_not_need_may_not_be_stated(main):
    main.row("dense")["grid"] = [1]
    fails(main.verified(), "dense")


def test_a_rule_that_is_none_is_refused_wherever_it_stands(main):
    main.row("conv2d:relu")["rule"] = "trust"
    fails(main.verified(), "conv2d:relu")


def _pointers(value, pointer=""):
    """Every field of a certificate, written without the verifier's own walk."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pointers(inner, f"{pointer}/{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, inner in enumerate(value):
            yield from _pointers(inner, f"{pointer}/{i}")
    else:
        yield pointer


class TestFields:
    def test_of_every_field_it_is_said_whether_it_was_proved(self, certified):
        model = certified("spans")
        model.predicate["attacks"] = [{"sample": 0, "distance": (1e9).hex()}]
        fields = model.verified().fields
        assert sorted(fields) == sorted(_pointers(model.statement))
        assert fields["/predicate/lipschitz"] == fields["/predicate/samples/radii"] == "proved"
        assert fields["/predicate/nodes/1/upper"] == fields["/predicate/spans/0/upper"] == "proved"
        assert fields["/predicate/nodes/1/kind"] == fields["/subject/0/digest/sha256"] == "checked"
        stated = {pointer.rpartition("/")[2] for pointer, kind in fields.items() if kind == "stated"}
        assert stated <= {"tool", "lower", "distance", "preprocessing", "constant"}

    def test_what_was_not_looked_at_is_only_stated(self, main):
        fields = main.verified(inputs=None, labels=None).fields
        assert fields["/predicate/samples/radii"] == fields["/predicate/samples/accuracy"] == "stated"
        assert fields["/predicate/head/rest"] == fields["/predicate/lipschitz"] == "proved"

    def test_nothing_after_a_failure_is_proved(self, main):
        main.row("dense")["upper"] = (0.0).hex()
        fields = main.verified().fields
        assert "proved" not in fields.values()
        assert fields["/predicate/nodes/1/kind"] == "checked"

    @pytest.mark.parametrize("kept", ["head", "inference", "attacks"])
    def test_nothing_is_stated_that_no_step_reaches(self, main, kept):
        for key in {"head", "inference", "samples"} - {kept}:
            del main.predicate[key]
        if kept == "attacks":
            main.predicate["attacks"] = []
        fails(main.verified(), kept)

    def test_a_field_that_nobody_has_classified_is_refused(self, main, monkeypatch):
        pattern = "/predicate/nodes/*/upper"
        assert pattern in FIELDS
        monkeypatch.delitem(FIELDS, pattern)
        verdict = main.verified()
        fails(verdict, "nodes")
        assert "upper" in verdict.failures[0].message


def test_a_verdict_has_a_status_and_a_conclusion():
    holds = Verdict((), ("a",), ())
    assert (holds.status, holds.conclusion) == (0, "holds")
    part = Verdict((), ("a",), ("b",))
    assert (part.status, part.conclusion) == (0, "holds, as far as it was looked at")
    believed = Verdict((), ("a",), ("b",), believed=("the file is that",))
    assert (believed.status, believed.conclusion) == (
        3,
        "holds, as far as it was looked at, if the file is that",
    )
    assert "believed: the file is that" in believed.lines()
    failed = Verdict((Failure("a", "b"),), (), (), believed=("c",))
    assert (failed.status, failed.conclusion) == (1, "does not hold")
    assert json.loads(json.dumps(failed.as_json()))["failures"] == [{"where": "a", "message": "b"}]
