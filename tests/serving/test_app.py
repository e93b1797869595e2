"""The HTTP interface: what it answers, what it refuses and with which reason."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import pytest
from starlette.testclient import TestClient

import lipbuild
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.evaluation.trained import load_trained
from lipbuild.exporting.proof import prove
from lipbuild.guard.promises import weights_of
from lipbuild.runtimes.self_test import check_self_test, self_test
from lipbuild.serving.app import create_app
from lipbuild.serving.batcher import Batcher, _Waiting
from lipbuild.serving.body import Body, Room
from lipbuild.serving.dockerfile import dockerfile
from lipbuild.serving.limits import Limits
from lipbuild.serving.open_target import open_target
from lipbuild.serving.request import BadRequestError
from lipbuild.serving.service import Service
from lipbuild.training.train import Run

SAMPLE = [0.5] * 13


@pytest.fixture(scope="module")
def client(exports: dict[str, Path]) -> TestClient:
    return TestClient(lipbuild.serving_app(exports["onnx with radius"], max_samples=4, max_bytes=4000))


@pytest.mark.parametrize(
    "kind", ["run", "onnx with radius", "keras with radius", "saved_model", "litert", "weights"]
)
def test_each_kind_of_file_gives_labels_margins_and_radii(
    kind: str, exports: dict[str, Path], wine: Run
) -> None:
    client = TestClient(lipbuild.serving_app(exports[kind]))
    x = np.random.default_rng(0).random((7, 13)).astype(np.float32)
    response = client.post("/predict", json={"inputs": x.tolist()})
    assert response.status_code == 200
    answer = response.json()
    logits = wine.model.predict(x, verbose=0)
    found = answer["predictions"]
    assert np.allclose([p["logits"] for p in found], logits, atol=1e-5)
    assert [p["label"] for p in found] == logits.argmax(axis=1).tolist()
    assert [p["class"] for p in found] == [f"class_{label}" for label in logits.argmax(axis=1)]
    ordered = np.sort(logits, axis=1)
    assert np.allclose([p["margin"] for p in found], ordered[:, -1] - ordered[:, -2], atol=1e-5)
    if "radius" in kind or kind == "run":
        assert answer["semantics"] == "real"
        assert answer["no_radius"] is None
        # Never more than margin / (√2 · L) of a network that ends in a dense layer allows at its best.
        assert all(0 <= p["radius"] <= p["margin"] * 1.5 for p in found)
        assert any(p["radius"] > 0 for p in found)
    else:
        assert answer["no_radius"] == "it was exported without --with-radius"
        assert all(p["radius"] is None for p in found)
    assert answer["units"] == "the range of a measurement over the data set"


def test_an_input_whose_norm_overflows_has_no_radius(wine: Run, tmp_path: Path) -> None:
    [exported] = lipbuild.export(wine.folder.path, ["litert"], tmp_path / "a.tflite", with_radius=True)
    client = TestClient(lipbuild.serving_app(exported.path))
    response = client.post("/predict", json={"inputs": [[1e25] * 13]})
    assert response.status_code == 200
    assert response.json()["predictions"][0]["radius"] == 0.0


@pytest.mark.parametrize("kind", ["run", "onnx with radius", "keras with radius", "litert"])
def test_a_guard_gives_labels_that_no_rounding_contradicts_or_none(
    kind: str, exports: dict[str, Path], wine: Run
) -> None:
    served = open_target(exports[kind], guard=True)
    certified = served.certified
    assert certified is not None
    # Beside a boundary of the file's own weights, closer than float32 and closer than float64 can tell.
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 40, 13)).astype(np.float32)
    label = certified.logits(x).labels
    x, y = (part[label != certified.logits(y).labels] for part in (x, y))
    label = certified.logits(x).labels
    for _ in range(40):
        middle = (x / 2 + y / 2).astype(np.float32)
        same = (certified.logits(middle).labels == label)[:, np.newaxis]
        x, y = np.where(same, middle, x), np.where(same, y, middle)
    beside = np.concatenate([x, y])
    assert len(beside) >= 10
    exact = certified.logits(beside)
    client = TestClient(create_app(served))
    answer = client.post("/predict", json={"inputs": beside.tolist()}).json()
    assert answer["semantics"] == "guarded"
    for one, right, decided in zip(answer["predictions"], exact.labels, exact.decided):
        assert one["abstained"] == (one["label"] is None) == (not decided)
        assert one["label"] in (None, right)
        assert one["radius"] >= 0
    certain = client.post("/predict", json={"inputs": rng.random((5, 13)).tolist()}).json()["predictions"]
    assert all(one["radius"] > 0 and not one["abstained"] for one in certain)
    document = client.get("/openapi.json").json()
    assert "abstained" in json.dumps(document)


def test_predictions_of_an_export_are_those_of_its_run(
    exports: dict[str, Path], wine: Run, tmp_path: Path
) -> None:
    x = np.random.default_rng(2).random((6, 13)).astype(np.float32)
    by_run = lipbuild.predict(wine.folder.path, x)
    for kind in ("onnx with radius", "litert"):
        found = lipbuild.predict(exports[kind], x)
        for one, other in zip(found.rows, by_run.rows, strict=True):
            assert (one["class"], one["abstained"]) == (other["class"], other["abstained"])
            assert one["radius"] == pytest.approx(other["radius"], rel=1e-5)
    target = tmp_path / "wine.onnx"
    changed_onnx(exports["onnx with radius"], target)
    with pytest.raises(RefusedError, match="it is not what it says of itself"):
        lipbuild.predict(target, x)
    for path in (wine.folder.path, exports["litert"]):
        with pytest.raises(RefusedError, match=r"beyond 3\.4e38"):
            lipbuild.predict(path, np.full((1, 13), 1e300))


def test_what_nothing_is_proved_of_is_not_guarded(exports: dict[str, Path]) -> None:
    with pytest.raises(UnusableError, match="cannot be guarded: nothing is proved of it here"):
        open_target(exports["weights"], guard=True)


def test_the_radius_of_a_run_is_below_the_certificates(exports: dict[str, Path], wine: Run) -> None:
    from lipbuild.data.config_data import load_dataset

    checked = lipbuild.load(wine.folder.resolved)
    assert checked.config is not None
    assert checked.graph is not None
    x = load_dataset(checked.config, checked.graph).test.x
    client = TestClient(lipbuild.serving_app(exports["run"]))
    found = client.post("/predict", json={"inputs": x.tolist()}).json()["predictions"]
    stated = json.loads(wine.folder.certificate.read_text())["predicate"]["samples"]["radii"]
    assert all(p["radius"] <= float.fromhex(radius) for p, radius in zip(found, stated))


def test_it_says_what_it_serves(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "model": "wine"}
    described = client.get("/model").json()
    assert described["classes"] == ["class_0", "class_1", "class_2"]
    assert described["certificate"]["status"] == "covered"
    schema = client.get("/openapi.json").json()
    body = schema["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["inputs"]["maxItems"] == 4
    assert body["properties"]["inputs"]["items"]["minItems"] == 13


BAD: list[tuple[Any, int, str]] = [
    ("{", 422, "the body is not JSON"),
    ("", 422, "the body is not JSON"),
    ("[1]", 422, 'not a JSON object with the key "inputs"'),
    ({}, 422, 'not a JSON object with the key "inputs"'),
    ({"inputs": [SAMPLE], "more": 1}, 422, 'the key "more" is not known'),
    ({"inputs": []}, 422, "not a list of at least one sample"),
    ({"inputs": SAMPLE[:3]}, 422, "inputs[0] is not a list of 13 items"),
    ({"inputs": [SAMPLE, SAMPLE[:12]]}, 422, "inputs[1] has 12 items, and the network takes 13"),
    ({"inputs": [[*SAMPLE[:12], "1"]]}, 422, "inputs[0][12] is not a number"),
    ({"inputs": [[*SAMPLE[:12], True]]}, 422, "inputs[0][12] is not a number"),
    ({"inputs": [[*SAMPLE[:12], None]]}, 422, "inputs[0][12] is not a number"),
    ({"inputs": [[*SAMPLE[:12], 1e31]]}, 422, "inputs[0] holds a number beyond 1e30"),
    ({"inputs": [[*SAMPLE[:12], 10**400]]}, 422, "inputs[0][12] holds a number beyond 1e30"),
    ('{"inputs": [[NaN]]}', 422, "NaN is not a JSON number"),
    ('{"inputs": [[1e999]]}', 422, "inputs[0] has 1 items"),
    ({"inputs": [{"a": 1}]}, 422, "the network's inputs have no names: give a list"),
    ("[" * 3000, 422, "the body has more values than the samples of one request"),
    ('{"inputs": [' + "[]," * 1000 + "[]]}", 422, "the body has more values than the samples of one request"),
    ('{"inputs": [[' + "9" * 3900 + "]]}", 422, "inputs[0] has 1 items"),
    ('{"\\ud800": 1, "inputs": []}', 422, 'the key "\\ud800" is not known'),
    ('{"inputs": [["\\ud800"]], "inputs": []}', 422, 'the key "inputs" is there twice'),
    ({"inputs": [SAMPLE] * 5}, 422, "5 samples in one request; at most 4 are answered"),
    ({"inputs": [SAMPLE] * 100}, 413, "more than 4000 bytes"),
]


@pytest.mark.parametrize(("body", "status", "reason"), BAD, ids=[b[2][:30] for b in BAD])
def test_a_bad_request_gets_its_reason(body: Any, status: int, reason: str, client: TestClient) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    response = client.post("/predict", content=content, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert reason in response.json()["reason"]


def test_other_methods_places_and_types_are_refused(client: TestClient) -> None:
    assert client.get("/predict").status_code == 405
    assert client.get("/nowhere").json() == {"reason": "Not Found"}
    wrong = client.post("/predict", content="a,b", headers={"content-type": "text/csv"})
    assert wrong.status_code == 415
    assert "`text/csv`" in wrong.json()["reason"]


def test_a_regression_gives_its_values_for_rows_by_name(tmp_path: Path) -> None:
    rows = "".join(f"x{i},{i / 8},{i % 5},{'ab'[i % 2]},{i}\n" for i in range(20))
    (tmp_path / "t.csv").write_text(f"id,width,height,kind,y\n{rows}")
    source = {
        "path": str(tmp_path / "t.csv"),
        "target": "y",
        "features": ["height", "kind", "width"],
        "categories": ["kind"],
        "units": {"width": "m", "y": "kg"},
    }
    config = {
        "name": "numbers",
        "model": {"layers": [{"SpectralDense": {"units": 4}}, "GroupSort2", {"SpectralDense": {"units": 1}}]},
        "data": {"source": {"csv": source}},
        "train": {"loss": "MeanSquaredError", "epochs": 1},
        "certify": {"radii": [0.5], "tolerance": {"width": 0.1}},
    }
    run = lipbuild.train(config, tmp_path, quiet=True)
    client = TestClient(lipbuild.serving_app(run.folder.path))
    answer = client.post(
        "/predict", json={"inputs": [[0.5, 0, 1, 2], {"width": 2, "kind": "b", "height": 0.5}]}
    ).json()
    expected = run.model.predict(np.array([[0.5, 0.0, 1.0, 2.0]], np.float32), verbose=0)
    assert np.allclose([p["values"] for p in answer["predictions"]], expected[0], atol=1e-6)
    model = client.get("/model").json()
    columns = model["input"]["columns"]
    # The intervals of `predict`, a little wider by the error of float32.
    (tmp_path / "one.csv").write_text("height,kind,width\n0.5,b,2\n")
    [said], second = lipbuild.predict(run.folder.path, tmp_path / "one.csv").rows, answer["predictions"][1]
    for end in ("low", "high", "low_in_tolerance", "high_in_tolerance"):
        assert second[end] == pytest.approx([said[end]], abs=1e-4)
    assert second["low"][0] <= said["low"] < said["low_in_tolerance"] < said["value"]
    assert second["certified"] is True
    assert model["radius"]["size"] == 0.5
    assert model["tolerance"]["columns"] == {"width": 0.1}
    assert model["targets"] == [{"name": "y", "unit": "kg"}]
    digest = hashlib.sha256((run.folder.path / "data.json").read_bytes()).hexdigest()
    assert model["data_contract"]["sha256"] == digest
    kinds = [{"name": "kind", "category": category} for category in "ab"]
    assert columns == [{"name": "height"}, *kinds, {"name": "width", "unit": "m"}]
    for row, reason in [
        ({"width": 2, "heigth": 1}, 'unknown column "heigth"; there is "height"'),
        ({"width": 2, "kind": "a"}, 'inputs[0] has no column "height"'),
        ({"width": 2, "height": "1", "kind": "a"}, 'inputs[0]["height"] is not a number'),
        (
            {"width": 2, "height": 1, "kind": "c"},
            'inputs[0]["kind"] is none of its categories; there are "a", "b"',
        ),
        ({"width": 2, "height": 1, "kind": [1]}, 'inputs[0]["kind"] is none of its categories'),
        ('{"inputs": [{"digits": 2, "digits": 3}]}', 'the body is not JSON: the key "digits" is there twice'),
    ]:
        body = row if isinstance(row, str) else json.dumps({"inputs": [row]})
        refused = client.post("/predict", content=body, headers={"content-type": "application/json"})
        assert refused.status_code == 422
        assert reason in refused.json()["reason"]
    assert answer["no_radius"] is None
    [exported] = lipbuild.export(run.folder.path, ["onnx"], tmp_path / "numbers.onnx")
    with pytest.raises(UnusableError, match="how far an input may move has to be said"):
        lipbuild.predict(exported.path, tmp_path / "t.csv")
    found = lipbuild.predict(exported.path, tmp_path / "t.csv", radius=0.5)
    by_run = lipbuild.predict(run.folder.path, tmp_path / "t.csv", radius=0.5)
    assert len(found.rows) == 20
    for one, other in zip(found.rows, by_run.rows):
        assert one["value"] == pytest.approx(other["value"], abs=1e-5)
        assert one["low"] <= one["value"] - 0.49 * found.lipschitz
        assert one["high"] >= one["value"] + 0.49 * found.lipschitz
    (tmp_path / "bad.csv").write_text("height,kind,width\n1,c,2\n")
    with pytest.raises(RefusedError, match="is none of its categories"):
        lipbuild.predict(exported.path, tmp_path / "bad.csv", radius=0.5)


def test_a_network_of_several_outputs_gives_each_by_its_name() -> None:
    described = {
        "model": "two",
        "input": {"shape": [1], "units": ""},
        "outputs": {"a": "", "b": ""},
        "classes": [],
        "radius": None,
    }
    service = Service(
        described, lambda x: {"a": x, "b": np.stack([x, np.where(x > 0, x, np.inf)], 1)}, "a test"
    )
    client = TestClient(create_app(service))
    answer = client.post("/predict", json={"inputs": [[2]]}).json()
    assert answer["predictions"] == [{"a": [2.0], "b": [[2.0], [2.0]]}]
    refused = client.post("/predict", json={"inputs": [[2], [0]]})
    assert refused.json()["reason"] == "inputs[1] is so large that the network overflows"


def test_a_network_that_overflows_gives_no_answer() -> None:
    described = {
        "model": "large",
        "input": {"shape": [1], "units": ""},
        "outputs": {"logits": ""},
        "classes": [],
        "radius": None,
    }
    served = Service(described, lambda x: {"logits": np.array([[1.0], [np.inf]])}, "a test")
    response = TestClient(create_app(served)).post("/predict", json={"inputs": [[0], [1]]})
    assert response.status_code == 422
    assert response.json()["reason"] == "inputs[1] is so large that the network overflows"


@pytest.mark.parametrize("kind", ["run", "onnx with radius", "keras with radius", "saved_model", "litert"])
def test_an_answer_does_not_depend_on_its_batch(kind: str, exports: dict[str, Path], wine: Run) -> None:
    """But for the order of float32 sums, whose error is proved for any order: labels with a radius are exact."""
    service = open_target(exports[kind])
    trained = load_trained(wine.folder)
    proof = prove(trained.plain, trained.graph, weights_of(trained.plain))
    rng = np.random.default_rng(0)
    # On the line between two inputs of different labels there are some on a boundary.
    ends = rng.random((2, 13))
    x = np.concatenate([rng.random((40, 13)), np.linspace(*ends, 40)]).astype(np.float32)
    alone = [service.answer([row[None]])[0][0] for row in x]
    assert proof.certified is not None
    errors = proof.certified.error32_within(np.linalg.norm(x.astype(np.float64), axis=1))
    for sizes in ([80], [1] * 80, [3, 50, 27]):
        answers = service.answer(np.split(x, np.cumsum(sizes)[:-1]))
        together = [prediction for answer in answers for prediction in answer]
        for one, other, error in zip(alone, together, errors):
            apart = np.subtract(one["logits"], other["logits"])
            # A file with folded kernels has weights of its own, which are proved apart.
            assert np.linalg.norm(apart) <= 2 * error
            assert one["label"] == other["label"] or not (one["radius"] and other["radius"])


def test_the_runtimes_failure_is_the_answer_to_who_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def predict(x: np.ndarray) -> dict[str, np.ndarray]:
        if (x < 0).any():
            raise ValueError("a negative number\x1b[31m")
        return {"values": x}

    described = {
        "model": "m",
        "input": {"shape": [1], "units": ""},
        "outputs": {},
        "classes": [],
        "radius": None,
    }
    service = Service(described, predict, "a test")
    results = Batcher(service.answer)._results(
        [_Waiting(np.full((1, 1), v, np.float32), None, None) for v in (1, -1, 2)]  # type: ignore[arg-type]
    )
    assert [r if isinstance(r, list) else str(r)[:17] for r in results] == [
        [{"values": [1.0]}],
        "a negative number",
        [{"values": [2.0]}],
    ]
    client = TestClient(create_app(service))
    failed = client.post("/predict", json={"inputs": [[-1]]})
    assert failed.status_code == 500
    assert failed.json() == {"reason": "the service has failed to answer this request"}
    assert client.post("/predict", json={"inputs": [[1]]}).json()["predictions"] == [{"values": [1.0]}]
    said = capsys.readouterr().err
    assert "ValueError: a negative number" in said
    assert "Traceback" not in said
    assert "\x1b" not in said
    metrics = client.get("/metrics").text
    assert 'lipbuild_requests_total{path="/predict",status="500"} 1.0' in metrics


def test_bodies_that_wait_have_room_together() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b" " * 60, "more_body": False}

    async def read(body: Body) -> bytes | bytearray:
        return await body.read(0)

    room = Room(100)
    first, second = (Body(receive, room, Limits()) for _ in range(2))
    assert asyncio.run(read(first)) == b" " * 60
    with pytest.raises(BadRequestError, match="too many requests wait") as refused:
        asyncio.run(read(second))
    assert refused.value.status == 503
    first.release()
    second.release()
    assert room.free == 100


def test_it_is_not_ready_while_it_is_stopped(client: TestClient) -> None:
    assert client.get("/ready").json() == {"status": "ready"}
    client.app.state.draining = True  # type: ignore[attr-defined]
    refused = client.get("/ready")
    client.app.state.draining = False  # type: ignore[attr-defined]
    assert (refused.status_code, refused.json()["reason"]) == (503, "it is being stopped")
    assert client.get("/health").status_code == 200


def changed_keras(path: Path, target: Path) -> None:
    """A file whose last kernel is ten times as large."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(stream, "r+") as file:
        kernel = file["layers/dense_1/vars/0"]
        kernel[...] = kernel[...] * 10
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, stream.getvalue() if name == "model.weights.h5" else content)


def changed_onnx(path: Path, target: Path) -> None:
    """A file whose distances between classes are a tenth."""
    model = onnx.load(str(path))
    [distances] = [t for t in model.graph.initializer if "inverse_distances" in t.name]
    distances.CopyFrom(
        onnx.numpy_helper.from_array(10 * onnx.numpy_helper.to_array(distances), distances.name)
    )
    onnx.save(model, str(target))


@pytest.mark.parametrize(
    ("kind", "change"), [("keras with radius", changed_keras), ("onnx with radius", changed_onnx)]
)
def test_a_changed_file_is_not_served(
    kind: str, change: Any, exports: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / exports[kind].name
    change(exports[kind], target)
    with pytest.raises(RefusedError, match="it is not what it says of itself: weights"):
        lipbuild.serving_app(target)


def test_only_a_file_of_few_bits_and_no_radius_need_not_say_what_it_answers() -> None:
    def never(x: np.ndarray) -> dict[str, np.ndarray]:
        raise AssertionError

    rounded = {"quantization": "int8", "outputs": {"logits": ""}, "self_test": None}
    check_self_test(rounded, never)
    for wrong in (
        {**rounded, "quantization": "none"},
        {**rounded, "outputs": {"logits": "", "radius": ""}},
        {"outputs": {"logits": ""}},
    ):
        with pytest.raises(RefusedError, match="its metadata have no test answer"):
            check_self_test(wrong, never)
    infinite = {"outputs": {}, "self_test": self_test([1], {"radius": np.array([0.5, np.inf])})}
    check_self_test(infinite, lambda x: {"radius": np.array([0.50001, np.inf], np.float32)})
    untested = {**infinite, "self_test": {"shape": [1], "outputs": {}}}
    for outputs, answer in (({"radius": ""}, {}), ({}, {"radius": np.ones(2)})):
        with pytest.raises(RefusedError, match="its metadata have no test answer for its output `radius`"):
            check_self_test({**untested, "outputs": outputs}, lambda x, answer=answer: answer)
    with pytest.raises(RefusedError, match="its output `radius` has another shape"):
        check_self_test(infinite, lambda x: {"radius": np.ones((2, 2))})
    for radii in ([0.5, 1e30], [0.6, np.inf], [np.nan, np.inf]):
        with pytest.raises(
            RefusedError, match="its output `radius` for a test input differs from that of the export"
        ):
            check_self_test(infinite, lambda x, radii=radii: {"radius": np.array(radii)})


def test_an_export_whose_metadata_lack_something_is_said_to_be_none(
    exports: dict[str, Path], tmp_path: Path
) -> None:
    model = onnx.load(str(exports["onnx with radius"]))
    [outputs] = [entry for entry in model.metadata_props if entry.key == "lipbuild.outputs"]
    outputs.value = "3"
    onnx.save(model, str(tmp_path / "changed.onnx"))
    with pytest.raises(UnusableError, match="it is neither a run folder nor an export"):
        lipbuild.serving_app(tmp_path / "changed.onnx")
    os.mkfifo(tmp_path / "pipe.tflite")
    with pytest.raises(UnusableError, match="this is a pipe or a device"):
        lipbuild.serving_app(tmp_path / "pipe.tflite")


def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="there is no such run folder or export"):
        lipbuild.serving_app(tmp_path / "nowhere")
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "text.txt").write_text("text")
    for name in ("text.txt", "text.onnx"):
        with pytest.raises(UnusableError, match="it is neither a run folder nor an export"):
            lipbuild.serving_app(tmp_path / name)
    with pytest.raises(UnusableError, match=r"this is not a run folder: it has no config\.resolved\.yaml"):
        lipbuild.serving_app(tmp_path)


def test_a_dockerfile_copies_what_it_serves(tmp_path: Path) -> None:
    text = dockerfile(tmp_path / "My model.onnx", tmp_path / "Dockerfile")
    assert 'COPY ["My model.onnx", "/model/My model.onnx"]' in text
    # No name is fetched from an index that nobody owns there.
    assert "COPY lipbuild-*.whl /tmp/" in text
    assert "--no-deps /tmp/lipbuild-*.whl" in text
    assert "USER lipbuild" in text
    command = next(line for line in text.splitlines() if line.startswith("CMD "))
    assert json.loads(command.removeprefix("CMD ")) == [
        *("lipbuild", "serve", "/model/My model.onnx", "--host", "0.0.0.0", "--port", "8000")
    ]
    instructions = [line.split()[0] for line in text.splitlines() if line[:1].isupper() and line[0] != "#"]
    assert instructions[0] == "FROM"
    assert set(instructions) == {"FROM", "RUN", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert '"$(ls /tmp/lipbuild-*.whl)[serve]"' in dockerfile(tmp_path / "run", tmp_path / "Dockerfile")
