"""Files whose weights are as they were, and whose windows, or what they say of themselves, are others."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lipbuild
from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.errors import RefusedError
from lipbuild.exporting.exported import Exported
from lipbuild.exporting.formats import FORMATS
from lipbuild.exporting.statement import VERIFIED
from lipbuild.runtimes.litert import ENTRY
from lipbuild.runtimes.onnx_runtime import PREFIX
from lipbuild.serving.open_target import open_target

onnx = pytest.importorskip("onnx")

# By format the operators that have windows, and what of them is changed to what.
CHANGES = {
    "onnx": (
        ("Conv", "strides", [1, 1]),
        ("Conv", "pads", [0, 0, 0, 0]),
        ("AveragePool", "strides", [1, 1]),
        ("AveragePool", "kernel_shape", [1, 1]),
    ),
    "litert": (
        (3, "strideW", 1),
        (3, "padding", 1),
        (3, "dilationHFactor", 2),
        (1, "strideH", 1),
        (1, "filterWidth", 1),
    ),
    "saved_model": (
        ("Conv2D", "strides", [1, 1, 1, 1]),
        ("Conv2D", "padding", b"VALID"),
        ("AvgPool", "ksize", [1, 1, 1, 1]),
    ),
}


def change_onnx(path: Path, kind: str, option: str, value: Any) -> None:
    model = onnx.load(str(path))
    nodes = [node for node in model.graph.node if node.op_type == kind]
    for node in nodes:
        kept = [a for a in node.attribute if a.name not in (option, "auto_pad")]
        del node.attribute[:]
        node.attribute.extend([*kept, onnx.helper.make_attribute(option, value)])
    assert nodes
    onnx.save(model, str(path))


def change_litert(path: Path, kind: int, option: str, value: Any) -> None:
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    found = [
        o for o in model.subgraphs[0].operators if model.operatorCodes[o.opcodeIndex].builtinCode == kind
    ]
    for operator in found:
        assert getattr(operator.builtinOptions, option) != value
        setattr(operator.builtinOptions, option, value)
    assert found
    flatbuffer_utils.write_model(model, str(path))


def change_saved_model(path: Path, kind: str, option: str, value: Any) -> None:
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    functions = model.meta_graphs[0].graph_def.library.function
    nodes = [node for function in functions for node in function.node_def if node.op == kind]
    for node in nodes:
        if isinstance(value, bytes):
            node.attr[option].s = value
        else:
            node.attr[option].list.i[:] = value
    assert nodes
    (path / "saved_model.pb").write_bytes(model.SerializeToString())


CHANGERS: dict[str, Callable[[Path, Any, str, Any], None]] = {
    "onnx": change_onnx,
    "litert": change_litert,
    "saved_model": change_saved_model,
}


def copied(path: Path, folder: Path) -> Path:
    target = folder / path.name
    shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    return target


@pytest.mark.parametrize(
    ("name", "kind", "option", "value"), [(name, *change) for name, all in CHANGES.items() for change in all]
)
def test_a_window_that_was_changed_is_noticed(
    name: str, kind: Any, option: str, value: Any, everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    path = copied(everywhere[name].path, tmp_path)
    CHANGERS[name](path, kind, option, value)
    assert lipbuild.verify(path).status == 1
    with pytest.raises(RefusedError, match="it is not what it says of itself"):
        open_target(path)


def tell(path: Path, said: dict[str, Any]) -> None:
    """Let a file say of itself what another says."""
    if path.suffix == ".onnx":
        model = onnx.load(str(path))
        del model.metadata_props[:]
        onnx.helper.set_model_props(
            model, {f"{PREFIX}{key}": dump_json(value, indent=None) for key, value in said.items()}
        )
        onnx.save(model, str(path))
    elif path.suffix == ".tflite":
        from tensorflow.lite.tools import flatbuffer_utils

        file = flatbuffer_utils.read_model(str(path))
        [entry] = [e for e in file.metadata if e.name == ENTRY.encode()]
        file.buffers[entry.buffer].data = list(json.dumps(said).encode())
        flatbuffer_utils.write_model(file, str(path))
    elif path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as out:
            for name, content in (members | {"lipbuild.json": json.dumps(said).encode()}).items():
                out.writestr(name, content)
    else:
        (path / "assets.extra" / "lipbuild.json").write_text(json.dumps(said))


@pytest.mark.parametrize("name", VERIFIED)
def test_what_one_file_says_of_itself_is_not_true_of_another(
    name: str, everywhere: dict[str, Exported], fast: dict[str, Exported], tmp_path: Path
) -> None:
    with_radius, without = (FORMATS[name].metadata(one[name].path) for one in (everywhere, fast))
    path = copied(everywhere[name].path, tmp_path)
    tell(path, with_radius)
    assert lipbuild.verify(path).holds
    tell(path, without)
    assert lipbuild.verify(path).status == 1
    # Of another format the digests are others too.
    tell(
        path,
        FORMATS["onnx" if name != "onnx" else "litert"].metadata(
            everywhere["onnx" if name != "onnx" else "litert"].path
        ),
    )
    assert lipbuild.verify(path).status == 1


def swap_variables(graph: Any) -> None:
    """Two variables change places in the call."""
    [call] = [n for n in graph.graph_def.node if n.name == served_call(graph)]
    call.input[1], call.input[2] = call.input[2], call.input[1]


def served_call(graph: Any) -> str:
    outputs = graph.signature_def["serving_default"].outputs
    return str(outputs["logits"].name.partition(":")[0])


def restore_another(graph: Any) -> None:
    for function in graph.graph_def.library.function:
        for node in function.node_def:
            if node.name.startswith("RestoreV2/tensor_names"):
                words = node.attr["value"].tensor.string_val
                words[-2], words[-3] = words[-3], words[-2]


def alias(graph: Any) -> None:
    handles = [n for n in graph.graph_def.node if n.op == "VarHandleOp"]
    handles[0].attr["shared_name"].s = handles[1].attr["shared_name"].s


def another_result(graph: Any) -> None:
    outputs = graph.signature_def["serving_default"].outputs
    outputs["margin"].name, outputs["radius"].name = outputs["radius"].name, outputs["margin"].name


def another_function(graph: Any) -> None:
    calls = {n.name: n for n in graph.graph_def.node if n.op == "StatefulPartitionedCall"}
    own = calls[served_call(graph)]
    [other] = [n for n in calls.values() if "signature_wrapper" in n.attr["f"].func.name and n is not own]
    own.attr["f"].func.name = other.attr["f"].func.name


def run_first(graph: Any) -> None:
    graph.collection_def["saved_model_main_op"].node_list.value[0] = "Variable/Assign"


@pytest.mark.parametrize(
    "change", [swap_variables, restore_another, alias, another_result, another_function, run_first]
)
def test_the_copy_that_tensorflow_serving_runs_computes_the_same(
    change: Callable[[Any], None], everywhere: dict[str, Exported], tmp_path: Path
) -> None:
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    path = copied(everywhere["saved_model"].path, tmp_path)
    model = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    change(model.meta_graphs[0])
    (path / "saved_model.pb").write_bytes(model.SerializeToString())
    assert lipbuild.verify(path).status == 1
    with pytest.raises(RefusedError):
        open_target(path)
