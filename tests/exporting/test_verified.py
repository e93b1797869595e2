"""Every file verifies by what stands in it, and a changed one does not: by `verify`, `audit`, where it is served."""

from __future__ import annotations

import copy
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import lipbuild
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.errors import RefusedError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.statement import VERIFIED
from lipbuild.runtimes.onnx_runtime import PREFIX
from lipbuild.serving.open_target import open_target
from lipbuild.training.train import Run
from lipbuild.verifier.errors import RefusedError as UnknownError
from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.exports.export import read_export

LAST, TABLE = "spectral_dense_3/kernel", "inverse_distances/kernel"
onnx = pytest.importorskip("onnx")


@pytest.mark.parametrize("radius", [True, False], ids=["radius", "fast"])
@pytest.mark.parametrize("name", VERIFIED)
def test_a_file_verifies_alone_and_with_the_certificate(
    name: str, radius: bool, small: Run, everywhere: dict[str, Exported], fast: dict[str, Exported]
) -> None:
    exported = (everywhere if radius else fast)[name]
    alone = lipbuild.verify(exported.path)
    assert (alone.failures, alone.status) == ((), 0)
    assert any("the constants that it rests on" in text for text in alone.checked) == radius
    beside = lipbuild.verify(exported.path, small.folder.certificate)
    assert beside.holds
    assert any("names this certificate" in text for text in beside.checked)
    said = FORMATS[name].metadata(exported.path)
    stated = float.fromhex(said["statement"]["predicate"]["lipschitz"])
    certified = json.loads(small.folder.certificate.read_text())["predicate"]["lipschitz"]
    assert said["lipschitz"]["proved"] == stated == exported.bound
    assert set(said["digests"]) == {"config.json" if name == "keras" else "graph", "weights"}
    if exported.status == "covered":
        assert stated == float.fromhex(certified)
    service = open_target(exported.path)
    assert service.metadata["certificate"]["status"] == exported.status
    assert service.metadata["certificate"]["checked"]
    found = lipbuild.audit(exported.path)
    assert found.contradictions == ()
    assert found.lipschitz == pytest.approx(stated, rel=1e-12)


def test_a_file_that_the_verifier_does_not_read_is_not_said_to_be_covered(
    everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    for name in set(FORMATS) - {*VERIFIED, "c"}:
        assert everywhere[name].status == "covered"
        assert open_target(everywhere[name].path).metadata["certificate"]["status"] == "unchecked"
    changed = tmp_path / "changed.npz"
    with np.load(everywhere["weights"].path) as archive:
        arrays = dict(archive)
    np.savez(changed, **{**arrays, LAST: arrays[LAST] * 10})
    with pytest.raises(RefusedError, match="its files were changed after it was exported"):
        open_target(changed)


def times_ten(path: Path, target: Path, name: str, factor: float = 10.0) -> None:
    """The file with one array multiplied, and all that it says of itself left as it was."""
    if path.suffix == ".onnx":
        model = onnx.load(str(path))
        [tensor] = [t for t in model.graph.initializer if t.name == name]
        values = onnx.numpy_helper.to_array(tensor) * np.float32(factor)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
        onnx.save(model, str(target))
    elif path.suffix == ".keras":
        archive = zipfile.ZipFile(path)
        stream = io.BytesIO(archive.read("model.weights.h5"))
        place = {LAST: "dense_2", TABLE: "dense_3"}[name]
        with h5py.File(stream, "r+") as file:
            kernel = file[f"layers/{place}/vars/0"]
            kernel[...] = kernel[...] * factor
        with zipfile.ZipFile(target, "w") as out:
            for member in archive.namelist():
                content = stream.getvalue() if member == "model.weights.h5" else archive.read(member)
                out.writestr(member, content)
    else:
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
        [file] = [target] if target.is_file() else target.glob("variables/*.data-*")
        content = file.read_bytes()
        for weight in FORMATS["litert" if target.is_file() else "saved_model"].weights(path):
            wanted = (10, 24) if name == LAST else (10, 10)
            if sorted(weight.shape) == sorted(wanted):
                # A SavedModel may keep it twice.
                content = content.replace(weight.tobytes(), (weight * np.float32(factor)).tobytes())
        assert content != file.read_bytes()
        file.write_bytes(content)


@pytest.mark.parametrize("array", [LAST, TABLE])
@pytest.mark.parametrize("name", VERIFIED)
def test_changed_numbers_are_noticed_wherever_the_file_is_used(
    name: str, array: str, small: Run, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    path = tmp_path / f"changed{FORMATS[name].suffix}"
    times_ten(everywhere[name].path, path, array)
    assert lipbuild.verify(path).status == 1
    assert lipbuild.verify(path, small.folder.certificate).status == 1
    assert lipbuild.audit(path).contradictions
    with pytest.raises(RefusedError, match="it is not what it says of itself"):
        open_target(path)


def restamped(path: Path, target: Path, change: Callable[[Any, dict[str, Any]], None]) -> None:
    """An ONNX file with a change, and all digests made anew, as somebody does who knows how."""
    model = onnx.load(str(path))
    said = FORMATS["onnx"].metadata(path)
    change(model, said)
    del model.metadata_props[:]
    onnx.save(model, str(target))
    try:
        digests = dict(read_export(target, said).digests)
    except UnknownError:
        digests = dict(said["digests"])
    said["digests"] = digests
    said["statement"]["subject"] = [{"name": n, "digest": {"sha256": d}} for n, d in digests.items()]
    for key, value in said.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = f"{PREFIX}{key}", dump_json(value, indent=None)
    onnx.save(model, str(target))


def array(name: str, factor: float) -> Callable[[Any, Mapping[str, Any]], None]:
    def change(model: Any, _: Mapping[str, Any]) -> None:
        [tensor] = [t for t in model.graph.initializer if t.name == name]
        values = (onnx.numpy_helper.to_array(tensor) * np.float32(factor)).astype(np.float32)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))

    return change


def constant_read_by(kind: str, place: int, factor: float) -> Callable[[Any, Mapping[str, Any]], None]:
    """A constant number of the radius, found by the n-th operator of a kind that reads one."""

    def change(model: Any, said: Mapping[str, Any]) -> None:
        single = {t.name for t in model.graph.initializer if not t.dims and t.data_type == 1}
        names = [n for node in model.graph.node if node.op_type == kind for n in node.input if n in single]
        array(names[place], factor)(model, said)

    return change


def operator(kind: str, other: str, place: int = 0) -> Callable[[Any, Mapping[str, Any]], None]:
    def change(model: Any, _: Mapping[str, Any]) -> None:
        [node for node in model.graph.node if node.op_type == kind][place].op_type = other

    return change


def swapped(model: Any, _: Mapping[str, Any]) -> None:
    """The radius where it is certified is what it is where it is not, and the other way round."""
    [node] = [n for n in model.graph.node if "radius" in n.output]
    [chosen] = [n for n in model.graph.node if n.output[0] == node.input[0]]
    chosen.input[1], chosen.input[2] = chosen.input[2], chosen.input[1]


def less_stated(model: Any, said: dict[str, Any]) -> None:
    said["lipschitz"]["proved"] *= 0.5


def less_proved(model: Any, said: dict[str, Any]) -> None:
    less_stated(model, said)
    said["statement"]["predicate"]["lipschitz"] = said["lipschitz"]["proved"].hex()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (array(LAST, 10.0), "logits"),
        (array(TABLE, 1.00001), "radius"),
        (constant_read_by("Less", 0, 1e21), "radius"),
        (constant_read_by("Less", 1, 1e8), "radius"),
        (constant_read_by("Greater", 1, 1e-20), "radius"),
        (constant_read_by("Add", -1, 0.5), "radius"),
        (constant_read_by("Mul", -1, 2.0), "radius"),
        (constant_read_by("Mul", -2, 0.5), "radius"),
        (operator("Less", "Greater"), "radius"),
        (operator("And", "Or"), "node"),
        (operator("Sqrt", "Abs"), "radius"),
        (operator("ReduceMin", "ReduceMax"), "radius"),
        (operator("ArgMax", "ArgMin"), "node"),
        (swapped, "radius"),
        (less_stated, "lipschitz"),
        (less_proved, "lipschitz"),
    ],
)  # fmt: skip
def test_a_forger_who_makes_all_digests_anew_is_found_out(
    change: Any, where: str, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    honest = tmp_path / "honest.onnx"
    restamped(everywhere["onnx"].path, honest, lambda *_: None)
    assert lipbuild.verify(honest).holds
    forged = tmp_path / "forged.onnx"
    restamped(everywhere["onnx"].path, forged, change)
    failures = lipbuild.verify(forged).failures
    assert failures
    assert where == "node" or where in {failure.where for failure in failures}


def onnx_of(nodes: list[Any], *constants: tuple[str, Any], domains: tuple[tuple[str, int], ...]) -> bytes:
    """A file that reads two numbers a sample and gives logits."""
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", number, ["N", 2])],
        [helper.make_tensor_value_info("logits", number, None)],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in domains]
    content = helper.make_model(graph, opset_imports=opsets).SerializeToString()
    assert isinstance(content, bytes)
    return content


ZEROS = (("w", np.ones((2, 1), np.float32)), ("c", np.zeros(5, np.float32)))


@pytest.mark.parametrize(
    ("kind", "domains", "message"),
    [
        # By a constant of five numbers one logit becomes five, whose constant is √5 times that of one.
        ("Max", [("", 18)], r"has the shape \(5,\), beside one of \(1,\)"),
        ("Mul", [("", 18)], r"has the shape \(5,\), beside one of \(1,\)"),
        ("PRelu", [("", 18)], r"has the shape \(5,\), beside one of \(1,\)"),
        # An operator computes what its set says, and which set counts is up to the runtime.
        ("Max", [("", 18), ("ai.onnx", 12)], "is of the operator sets"),
        ("Max", [("", 18), ("", 12)], "is of the operator sets"),
        ("Max", [("other", 18)], "is of the operator sets"),
    ],
)
def test_an_onnx_file_that_computes_more_than_it_seems_to_is_refused(
    kind: str, domains: Any, message: str, tmp_path: Path
) -> None:
    make = onnx.helper.make_node
    path = tmp_path / "forged.onnx"
    path.write_bytes(
        onnx_of(
            [make("MatMul", ["x", "w"], ["y"]), make(kind, ["y", "c"], ["logits"])], *ZEROS, domains=domains
        )
    )
    with pytest.raises(UnknownError, match=message):
        read_export(path)


def litert_of(function: Any, target: Path) -> Any:
    """The file of a function of samples of (4, 2), as what the schema makes of it."""
    import tensorflow as tf

    spec = tf.TensorSpec((None, 4, 2), tf.float32, name="x")
    module = tf.Module()
    module.serve = tf.function(lambda x: {"logits": function(tf, x)}, input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.serve.get_concrete_function()], module
    )
    target.write_bytes(converter.convert())
    from tensorflow.lite.python import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(target.read_bytes(), 0)


def packed(model: Any, target: Path) -> None:
    import flatbuffers

    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    target.write_bytes(builder.Output())


def test_a_litert_file_that_states_other_shapes_or_options_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.tflite"
    model = litert_of(lambda tf, x: tf.reduce_mean(tf.abs(x), axis=1), path)
    assert read_export(path, {}).model.shapes
    graph = model.subgraphs[0]
    [mean] = [o for o in graph.operators if model.operatorCodes[o.opcodeIndex].builtinCode == 40]
    mean.builtinOptionsType = 11
    packed(model, path)
    # A runtime takes the defaults where options are another operator's.
    with pytest.raises(UnknownError, match="another table"):
        read_export(path, {})
    mean.builtinOptionsType = 27
    packed(model, path)
    read_export(path, {})
    # A runtime finds the shapes itself.
    tensor = graph.tensors[mean.inputs[0]]
    tensor.shape, tensor.shapeSignature = [1, 8], [-1, 8]
    packed(model, path)
    with pytest.raises(UnknownError, match=r"is said to have the shape \[8\], and has \[4, 2\]"):
        read_export(path, {})


def test_a_litert_file_that_adds_another_axis_than_it_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.tflite"
    model = litert_of(lambda tf, x: tf.reduce_mean(tf.expand_dims(tf.abs(x), 3), axis=[1, 2]), path)
    read_export(path, {})
    graph = model.subgraphs[0]
    codes = [model.operatorCodes[o.opcodeIndex].builtinCode for o in graph.operators]
    assert 70 in codes, codes
    expand = graph.operators[codes.index(70)]
    buffer = model.buffers[graph.tensors[expand.inputs[1]].buffer]
    buffer.data = np.frombuffer(np.array([1], np.int32).tobytes(), np.uint8)
    packed(model, path)
    with pytest.raises(UnknownError, match="has the shape"):
        read_export(path, {})


def test_a_keras_file_whose_distances_are_rounded_further_is_refused(
    everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    forged = tmp_path / "forged.keras"
    with zipfile.ZipFile(everywhere["keras"].path) as archive, zipfile.ZipFile(forged, "w") as out:
        for member in archive.namelist():
            content = archive.read(member)
            if member == "config.json":
                config = json.loads(content)
                table = [layer for layer in config["config"]["layers"] if layer["class_name"] == "Dense"][-1]
                table["config"]["dtype"]["config"]["name"] = "mixed_float16"
                content = json.dumps(config).encode()
            out.writestr(member, content)
    with pytest.raises(UnknownError, match="computes in"):
        read_export(forged)


def test_another_certificate_than_the_named_one_is_refused(
    small: Run, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    statement = copy.deepcopy(json.loads(small.folder.certificate.read_text()))
    other.write_text(json.dumps(statement))
    [failure] = lipbuild.verify(everywhere["onnx"].path, other).failures
    assert failure.message == "is another one than the file names"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("onnx", ""),
        ("litert", ""),
        ("saved_model", "saved_model.pb"),
        ("saved_model", "variables/variables.index"),
    ],
)
def test_no_bytes_make_the_reader_fail_in_another_way(
    name: str, part: str, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    said = FORMATS[name].metadata(everywhere[name].path)
    path = tmp_path / f"broken{FORMATS[name].suffix}"
    if part:
        shutil.copytree(everywhere[name].path, path)
    content = (everywhere[name].path / part if part else everywhere[name].path).read_bytes()
    rng = random.Random(0)
    for trial in range(80 if part else 250):
        broken = bytearray(content)
        if trial % 5 == 0:
            broken = broken[: rng.randrange(len(broken))]
        else:
            for _ in range(rng.choice([1, 1, 4])):
                broken[rng.randrange(len(broken))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        (path / part if part else path).write_bytes(broken)
        try:
            read = read_export(path)
        except (UnreadableError, UnknownError):
            continue
        assert not lipbuild.verify(path).holds or read.digests == said["digests"]
