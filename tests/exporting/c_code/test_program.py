"""The C of every operation: the bits of its emulation from each compiler, and the function that it stands for."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network, NetworkNode
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import DOUBLE, FLOAT32, Arithmetic
from lipbuild.exporting.c_code.arrays import read_arrays
from lipbuild.exporting.c_code.compilers import COMPILERS, CROSS, Build, builds, is_at_hand
from lipbuild.exporting.c_code.cppcheck import COMMAND, check_statically
from lipbuild.exporting.c_code.filling import filling_of
from lipbuild.exporting.c_code.gate import check_compiled, hostile, lost
from lipbuild.exporting.c_code.identifier import identifier
from lipbuild.exporting.c_code.known_inputs import known_answers, scale_of
from lipbuild.exporting.c_code.lowering import lowered
from lipbuild.exporting.c_code.steps import STEPS
from lipbuild.exporting.c_code.steps.functions import FUNCTIONS
from lipbuild.exporting.c_code.subject import subject_of
from lipbuild.serving.given_column import given_columns
from lipbuild.serving.request import read_samples
from tests.exporting.c_code.exact import false_moves, false_radii, near_boundaries
from tests.exporting.c_code.networks import composed, dense, every_operation, node
from tests.exporting.c_code.programs import COMPILER, needs_compiler, saying, sources_of, written


def inputs_of(arithmetic: Arithmetic, limit: float) -> np.ndarray:
    x = (
        np.random.default_rng(1).normal(size=(16, 6, 5, 4))
        * 10.0 ** np.arange(-8, 8)[:, None, None, None]
        / 4
    )
    bad = hostile((6, 5, 4), arithmetic.dtype, limit)
    return np.concatenate([np.round(x, 1).astype(arithmetic.dtype), x.astype(arithmetic.dtype), bad])


@pytest.fixture(scope="module")
def everything() -> CertifiedNetwork:
    return composed(every_operation())


@needs_compiler
@pytest.mark.parametrize("arithmetic", [FLOAT32, DOUBLE], ids=lambda a: a.name)
def test_every_operation_has_the_bits_of_its_emulation(
    arithmetic: Arithmetic, everything: CertifiedNetwork, tmp_path: Path
) -> None:
    network = everything.network
    assert {n.kind for n in network.nodes[1:]} == set(STEPS)
    assert {n.parameters["function"] for n in network.nodes if n.kind == "activation"} >= set(FUNCTIONS) - {
        "hard_swish"
    }
    subject = subject_of(everything, arithmetic, "real", classes=False)
    x = inputs_of(arithmetic, subject.error.limit)
    # Each branch by itself: their errors differ by far.
    exact, found = forward(subject.certified.network, x[:16]), subject.emulate(x[:16])["values"]
    scale = np.maximum(1.0, np.abs(x[:16]).reshape(16, -1).max(axis=1, keepdims=True))
    assert (np.abs(found - exact) <= 64 * arithmetic.unit * 40 * scale).all()
    source = written(subject, tmp_path)
    check_compiled(subject, subject.compiled(source, Build(COMPILER, ("-O1",))), x)
    constants = sources_of(subject).constants
    stored = read_arrays(source.read_text())
    assert all(np.array_equal(stored[name], np.ravel(values)) for name, values in constants.items())


needs_cppcheck = pytest.mark.skipif(shutil.which(COMMAND) is None, reason=f"{COMMAND} is not installed")


@needs_cppcheck
def test_cppcheck_finds_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    filling = filling_of([*(InputColumn(name, fill=0.5) for name in "abcd"), InputColumn("e")])
    values = subject_of(dense((5, 4, 2)), FLOAT32, "real", classes=False)
    assert check_statically(written(saying(values, "real", 0.1, (0.1,)), tmp_path))
    for arithmetic, semantics, outputs in ((FLOAT32, "real", 3), (DOUBLE, "float32", 1)):
        subject = subject_of(dense((5, 4, outputs)), arithmetic, semantics, classes=True, filling=filling)  # type: ignore[arg-type]
        source = written(saying(subject, semantics, 0.1, (0.1, 0.2)), tmp_path)  # type: ignore[arg-type]
        assert check_statically(source)
    # It has looked: without the limits of `float.h` it says nothing, whatever stands there.
    wrong = "int32_t wrong(void) { int32_t a[2] = {0}; return a[2]; }\n"
    source.write_text(source.read_text() + wrong)
    with pytest.raises(RefusedError, match="arrayIndexOutOfBounds"):
        check_statically(source)


@pytest.mark.nightly
@needs_cppcheck
def test_cppcheck_finds_nothing_in_any_operation(everything: CertifiedNetwork, tmp_path: Path) -> None:
    for arithmetic in (FLOAT32, DOUBLE):
        assert check_statically(written(subject_of(everything, arithmetic, "real", classes=False), tmp_path))


@pytest.mark.nightly
@needs_compiler
@pytest.mark.parametrize("arithmetic", [FLOAT32, DOUBLE], ids=lambda a: a.name)
def test_every_compiler_agrees_on_every_operation(
    arithmetic: Arithmetic, everything: CertifiedNetwork, tmp_path: Path
) -> None:
    subject = subject_of(everything, arithmetic, "real", classes=False)
    source = written(subject, tmp_path)
    x = inputs_of(arithmetic, subject.error.limit)
    for build in builds():
        check_compiled(subject, subject.compiled(source, build), x)


@pytest.mark.nightly
@pytest.mark.parametrize(
    "build",
    [
        pytest.param(
            build, marks=pytest.mark.skipif(not is_at_hand(build), reason=f"{name} is not installed"), id=name
        )
        for build, name in zip(CROSS, ("arm", "powerpc"), strict=True)
    ],
)
def test_another_word_size_and_byte_order_agree(
    build: Build, everything: CertifiedNetwork, tmp_path: Path
) -> None:
    for arithmetic in (FLOAT32, DOUBLE):
        subject = subject_of(everything, arithmetic, "real", classes=False)
        source = written(subject, tmp_path)
        check_compiled(subject, subject.compiled(source, build), inputs_of(arithmetic, subject.error.limit))
    subject = subject_of(dense((5, 8, 3)), FLOAT32, "float32", classes=True)
    x = np.concatenate(
        [near_boundaries(subject, np.random.default_rng(0), 300), hostile((5,), np.float32, 1e9)]
    )
    source = written(subject, tmp_path)
    check_compiled(subject, subject.compiled(source, build), x)


@pytest.mark.parametrize("semantics", ["real", "float32"])
@pytest.mark.parametrize("outputs", [1, 4])
@pytest.mark.parametrize("arithmetic", [FLOAT32, DOUBLE], ids=lambda a: a.name)
def test_no_radius_is_above_the_exact_one(arithmetic: Arithmetic, outputs: int, semantics: str) -> None:
    network = dense((5, 8, outputs), seed=outputs, columns=2.0 if outputs == 4 else None)
    subject = subject_of(network, arithmetic, semantics, classes=True)  # type: ignore[arg-type]
    x = near_boundaries(subject, np.random.default_rng(0), 100)
    found = subject.emulate(x)
    assert 0.3 < found["certified"].mean() < 0.95
    assert false_radii(subject, found, x) == []
    # The search finds what is false, by however little.
    found["radius"] = found["radius"] * arithmetic.dtype(1.1)
    assert false_radii(subject, found, x) != []


@needs_compiler
@pytest.mark.parametrize(
    ("outputs", "semantics", "columns"),
    [(3, "real", None), (1, "float32", None), (3, "float32", None), (3, "float32", 4.0)],
)
def test_the_radius_has_the_bits_of_its_emulation(
    outputs: int, semantics: Literal["real", "float32"], columns: float | None, tmp_path: Path
) -> None:
    subject = subject_of(dense((5, 8, outputs), columns=columns), FLOAT32, semantics, classes=True)
    subject = saying(subject, semantics, 0.1, (1e-3, 2e-6))
    rng = np.random.default_rng(0)
    x = np.concatenate([near_boundaries(subject, rng, 300), hostile((5,), np.float32, subject.within)])
    source = written(subject, tmp_path)
    check_compiled(subject, subject.compiled(source, Build(COMPILER, ("-O2",))), x)
    fused = subject.compiled(source, Build(COMPILER, ("-O2", "-march=native"), contracted=True))
    check_compiled(subject, fused, x)
    finite = x[np.isfinite(x).all(axis=1)]
    found = fused(finite).outputs
    assert false_radii(subject, found, finite) + false_moves(subject, found, finite) == []
    assert 20 < found["within_tolerance"].sum() < len(finite)
    # The check itself finds what is said of too many.
    assert false_moves(subject, found | {"within_tolerance": np.ones(len(finite), np.int32)}, finite) != []


@needs_compiler
@pytest.mark.parametrize(
    ("arithmetic", "outputs", "semantics", "columns"),
    [(FLOAT32, 2, "real", 4.0), (DOUBLE, 1, "float32", None)],
)
def test_intervals_have_the_bits_of_their_emulation_and_hold_what_moves(
    arithmetic: Arithmetic,
    outputs: int,
    semantics: Literal["real", "float32"],
    columns: float | None,
    tmp_path: Path,
) -> None:
    subject = subject_of(dense((5, 8, outputs), columns=columns), arithmetic, semantics, classes=False)
    subject = saying(subject, semantics, 1e-7, (1e-3, 1e-9))
    rng, dtype = np.random.default_rng(0), arithmetic.dtype
    scales = 10.0 ** rng.choice([-30, -8, -3, 0, 0, 3, 9], (300, 1))
    x = np.concatenate(
        [(rng.normal(size=(300, 5)) * scales).astype(dtype), hostile((5,), dtype, subject.within)]
    )
    source = written(subject, tmp_path)
    check_compiled(subject, subject.compiled(source, Build(COMPILER, ("-O2",))), x)
    fused = subject.compiled(source, Build(COMPILER, ("-O2", "-march=native"), contracted=True))
    check_compiled(subject, fused, x)
    finite = x[np.isfinite(x).all(axis=1)]
    found = fused(finite).outputs
    assert 250 < found["certified"].sum() < len(finite)
    assert false_moves(subject, found, finite) == []
    # Most are not much wider than what moves, and the check itself finds what is narrower.
    most = subject.moves.intervals["_in_tolerance"][1][0]
    low, high = (found[f"{end}_in_tolerance"][:300][scales[:, 0] <= 1, 0] for end in ("low", "high"))
    assert np.median(high - low) <= 2.1 * most
    moved = dict.fromkeys(("low", "low_in_tolerance"), found["high"][:100])
    assert false_moves(subject, {**found, **moved}, finite[:100]) != []
    # Where the other end has to be computed too and may overflow, nothing is said.
    far = saying(subject, semantics, 2.0**60, (1e-3,))
    assert far.emulate(x[:4])["certified"].sum() == (0 if semantics == "float32" else 4)


def test_a_column_of_large_numbers_takes_no_radius_from_the_others() -> None:
    """Rounding is bounded by the norm of the scaled columns, in the units of which all are alike."""
    network = dense((5, 8, 3), columns=4.0)
    factor = network.nodes[1].arrays["factor"]
    assert factor.min() < 1e-3
    assert factor.max() > 10
    x = network.nodes[1].arrays["mean"] + np.random.default_rng(1).normal(size=(200, 5)) / factor
    for semantics, most in (("real", 5e-4), ("float32", 1e-3)):
        subject = subject_of(network, FLOAT32, semantics, classes=True)  # type: ignore[arg-type]
        assert 0 < lost(subject, x.astype(np.float32)) < most
        # Nor is anything said of what the scales make infinite.
        beyond = np.where(np.arange(5) == factor.argmax(), 1e38, x[:1]).astype(np.float32)
        assert subject.emulate(beyond)["label"] == -1


def test_hostile_inputs_have_no_label_and_no_radius() -> None:
    subject = subject_of(dense((5, 8, 3)), FLOAT32, "real", classes=True)
    x = hostile((5,), np.float32, subject.error.limit)
    found = subject.emulate(x)
    with np.errstate(all="ignore"):
        beyond = ~(np.linalg.norm(x.astype(np.float64), axis=1) <= subject.error.limit)
    assert beyond.sum() > 8
    for name, nothing in (("label", -1), ("radius", 0), ("margin", 0), ("certified", 0)):
        assert (found[name][beyond] == nothing).all()
    assert (found["label"][~beyond] >= 0).all()


def test_a_radius_of_float32_ends_where_inputs_are_still_within() -> None:
    subject = subject_of(dense((400, 2), bias=0.0), FLOAT32, "float32", classes=True)
    assert subject.radius is not None
    # Along the difference of the weights, so that nothing but the limit keeps the radius from being larger.
    kernel = subject.program.network.nodes[1].arrays["kernel"].astype(np.float64)
    x = kernel[:, 0] - kernel[:, 1]
    x *= 0.6 * subject.radius.norm.limit / np.linalg.norm(x)
    x = x.astype(np.float32)[None]
    found, norm = subject.emulate(x), float(np.linalg.norm(x.astype(np.float64)))
    assert 0.99 * (subject.radius.norm.limit - norm) < found["radius"][0] <= subject.radius.norm.limit - norm
    further = x * np.float32(1.0 + float(found["radius"][0]) * (1 - 1e-7) / norm)
    assert subject.emulate(further)["label"] == found["label"] >= 0


def test_what_needs_a_library_is_refused_by_name() -> None:
    nodes = [
        NetworkNode("input", "input", (), {"shape": (4,)}),
        node("bend", "activation", ("input",), {"function": "tanh"}),
        node("share", "softmax", ("bend",), {"axis": 0}),
    ]
    message = r"`bend` is the function `tanh`.*; `share` is a `softmax`"
    with pytest.raises(RefusedError, match=message):
        lowered(Network(tuple(nodes), "share"), FLOAT32)


def test_a_factor_that_is_computed_is_a_number_in_c() -> None:
    factor = np.array([1 / 3, 2.0**-140], np.float64)
    nodes = [
        NetworkNode("input", "input", (), {"shape": (2,)}),
        NetworkNode("norm", "scale", ("input",), {"factor_error": 2.0**-50}, {"factor": factor}),
    ]
    subject = subject_of(Network(tuple(nodes), "norm"), FLOAT32, "real", classes=False)
    assert not subject.same
    [written] = subject.program.arrays.values()
    # What is below the least normal number is 0, and the constant is that of the numbers in C.
    assert written.tolist() == [float(np.float32(1 / 3)), 0.0]
    assert subject.certified.lipschitz == float(np.float32(1 / 3))


@needs_compiler
def test_no_name_ends_a_comment_or_takes_a_name_of_the_code(tmp_path: Path) -> None:
    subject = subject_of(dense((3, 3)), FLOAT32, "real", classes=True)
    columns = [
        {"name": 'Größe */ /* ??/ "x"\n\r\x0c#error', "unit": "a\\b", "low": 0.0, "high": 1.5},
        {"name": "GRÖSSE ???/", "fill": 0.25},
        {"name": "*" + "/" * 200 + "\\", "category": "\u2028\\"},
    ]
    entry = {
        "shape": [3],
        "units": "*/",
        "preprocessing": [{"x": "*/\n"}],
        "preprocessing_inside": True,
        "columns": columns,
    }
    classes = ["a*/", "a /", "1 \\"]
    # The code has arrays that begin with `known`.
    sources = sources_of(subject, "known", classes=classes, input=entry)
    header = sources.header()
    assert header.count("*/") == sum(line.rstrip().endswith("*/") for line in header.splitlines())
    assert header.isascii()
    assert "??" not in header
    assert not set(header) & set("\r\x0c")
    defined = [line.split()[1] for line in header.splitlines() if line.startswith("#define")]
    assert len(set(defined)) == len(defined)
    assert {"KNOWN_INPUT_GRO_E_X_ERROR", "KNOWN_CLASS_A", "KNOWN_CLASS_A_2", "KNOWN_CLASS_1"} < set(defined)
    assert header == sources_of(subject, "known", classes=classes, input=entry).header()
    (tmp_path / "known.h").write_text(header)
    (tmp_path / "known.c").write_text(sources.source())
    for compiler in filter(shutil.which, COMPILERS):
        subject.compiled(tmp_path / "known.c", Build(compiler, ("-O0",)))
    if shutil.which("g++"):
        (tmp_path / "main.cc").write_text(
            '#include "known.h"\nint main() { return static_cast<int>(known_selftest()); }'
        )
        code = [COMPILER, "-std=c99", "-ffp-contract=off", "-c", "known.c", "-o", "known.o"]
        subprocess.run(code, cwd=tmp_path, check=True)
        subprocess.run(["g++", "main.cc", "known.o", "-lm", "-o", "main"], cwd=tmp_path, check=True)
        subprocess.run([tmp_path / "main"], check=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits_mlp", "digits_mlp"),
        ("int", "net_int"),
        ("3d-net", "net_3d_net"),
        ("Größe 2", "Gro_e_2"),
        ("数字", "net"),
        ("__x__", "x"),
        # A `math.h` beside the code would be read in place of the library's.
        ("math", "net_math"),
        ("features", "net_features"),
        ("a" * 100, "a" * 40),
    ],
)
def test_names_become_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


@needs_compiler
@pytest.mark.parametrize("arithmetic", [FLOAT32, DOUBLE], ids=lambda a: a.name)
def test_missing_cells_are_filled_as_everywhere(arithmetic: Arithmetic, tmp_path: Path) -> None:
    columns = [
        InputColumn("a", fill=float(np.float32(0.1))),
        InputColumn("colour", category="red", fill=0.0),
        InputColumn("colour", category="blue", fill=1.0),
        InputColumn("colour_missing", fill=1.0, indicates="colour"),
        InputColumn("b"),
        InputColumn("c", fill=-2.0),
        InputColumn("c_missing", fill=1.0, indicates="c"),
    ]
    rows: list[dict[str, Any]] = [
        {"a": 1.5, "colour": "red", "b": 2.0, "c": 0.5},
        {"a": None, "colour": None, "b": 2.0, "c": None},
        {"a": -0.0, "colour": None, "b": 3.0, "c": 1e-30},
    ]
    given = given_columns([column.as_json() for column in columns])
    expected = read_samples(json.dumps({"inputs": rows}).encode(), (7,), 3, given)
    x, nan = np.array(expected, arithmetic.dtype), np.nan
    # The first input of a missing cell is NaN, and what else stands there does not count.
    x[1] = [nan, nan, 7.0, 5.0, 2.0, nan, 0.0]
    x[2, 1:4] = [nan, nan, nan]
    filling = filling_of(columns)
    subject = subject_of(dense((7, 4, 3)), arithmetic, "real", classes=True, filling=filling)
    source = written(subject, tmp_path)
    compiled = subject.compiled(source, Build(COMPILER, ("-O2",)))
    bad = np.array([[0, 0, nan, 0, 0, 0, 0], [0, 0, 0, 0, nan, 0, 0], [np.inf, 0, 0, 0, 0, -np.inf, 0]])
    check_compiled(subject, compiled, np.concatenate([x, bad.astype(arithmetic.dtype)]))
    assert compiled(x).outputs["filled"].tolist() == expected.astype(arithmetic.dtype).tolist()
    # Unfilled there is no label.
    assert compiled(x).outputs["label"][1:].tolist() == [-1, -1]
    assert filling_of([InputColumn("a"), InputColumn("b")]) is filling_of(None) is None


@pytest.mark.parametrize("scale", [1e9, 1e13, 1e15])
def test_a_network_whose_constant_is_near_what_float32_holds_is_written_or_refused(scale: float) -> None:
    network = dense((5, 8, 8, 3), scale=scale, bias=0.0)
    if scale > 1e12:
        # Its slope, or the answers to inputs of usual sizes, are beyond float32.
        with pytest.raises(RefusedError, match="no bound is known of the rounding"):
            subject_of(network, FLOAT32, "real", classes=True)
        return
    subject = subject_of(network, FLOAT32, "real", classes=True)
    answers = known_answers(subject, scale_of(np.ones((1, 5)), subject.error.limit))
    assert answers.labels is not None
    assert (answers.labels >= 0).all()


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_gcc_fuses_nothing_where_it_is_told_not_to(tmp_path: Path) -> None:
    # Pairs of sums and differences, of which GCC 12 makes `vfmaddsub`.
    subject = subject_of(dense((7, 16, 2), seed=1), DOUBLE, "real", classes=True)
    x = np.random.default_rng(0).normal(size=(100, 7))
    source = written(subject, tmp_path)
    check_compiled(subject, subject.compiled(source, Build("gcc", ("-O3", "-march=native"))), x)
