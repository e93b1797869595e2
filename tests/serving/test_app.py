"""The HTTP interface: what it answers, what it refuses and with which reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import lipbuild
from lipbuild.errors import UnusableError
from lipbuild.serving.dockerfile import dockerfile
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
    ("{", 422, "the body is no JSON"),
    ("", 422, "the body is no JSON"),
    ("[1]", 422, 'no JSON object with the key "inputs"'),
    ({}, 422, 'no JSON object with the key "inputs"'),
    ({"inputs": [SAMPLE], "more": 1}, 422, 'the key "more" is not known'),
    ({"inputs": []}, 422, "no list of at least one sample"),
    ({"inputs": SAMPLE[:3]}, 422, "inputs[0] is no list of 13 items"),
    ({"inputs": [SAMPLE, SAMPLE[:12]]}, 422, "inputs[1] has 12 items, and the network takes 13"),
    ({"inputs": [[*SAMPLE[:12], "1"]]}, 422, "inputs[0][12] is no number"),
    ({"inputs": [[*SAMPLE[:12], True]]}, 422, "inputs[0][12] is no number"),
    ({"inputs": [[*SAMPLE[:12], None]]}, 422, "inputs[0][12] is no number"),
    ({"inputs": [[*SAMPLE[:12], 1e31]]}, 422, "inputs[0] holds a number beyond 1e30"),
    ({"inputs": [[*SAMPLE[:12], 10**400]]}, 422, "inputs[0][12] holds a number beyond 1e30"),
    ('{"inputs": [[NaN]]}', 422, "NaN is no number of JSON"),
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
        "units": {"width": "m"},
    }
    config = {
        "name": "numbers",
        "model": {"layers": [{"SpectralDense": {"units": 4}}, "GroupSort2", {"SpectralDense": {"units": 1}}]},
        "data": {"source": {"csv": source}},
        "train": {"loss": "MeanSquaredError", "epochs": 1},
    }
    run = lipbuild.train(config, tmp_path, quiet=True)
    client = TestClient(lipbuild.serving_app(run.folder.path))
    answer = client.post(
        "/predict", json={"inputs": [[0.5, 0, 1, 2], {"width": 2, "kind": "b", "height": 0.5}]}
    ).json()
    expected = run.model.predict(np.array([[0.5, 0.0, 1.0, 2.0]], np.float32), verbose=0)
    assert np.allclose([p["values"] for p in answer["predictions"]], expected[0], atol=1e-6)
    columns = client.get("/model").json()["input"]["columns"]
    kinds = [{"name": "kind", "category": category} for category in "ab"]
    assert columns == [{"name": "height"}, *kinds, {"name": "width", "unit": "m"}]
    for row, reason in [
        ({"width": 2, "heigth": 1}, 'unknown column "heigth"; there is "height"'),
        ({"width": 2, "kind": "a"}, 'inputs[0] has no column "height"'),
        ({"width": 2, "height": "1", "kind": "a"}, 'inputs[0]["height"] is no number'),
        (
            {"width": 2, "height": 1, "kind": "c"},
            'inputs[0]["kind"] is none of its categories; there are "a", "b"',
        ),
        ({"width": 2, "height": 1, "kind": [1]}, 'inputs[0]["kind"] is none of its categories'),
        ('{"inputs": [{"width": 2, "width": 3, "height": 1}]}', 'the key "width" is there twice'),
    ]:
        body = row if isinstance(row, str) else json.dumps({"inputs": [row]})
        refused = client.post("/predict", content=body, headers={"content-type": "application/json"})
        assert refused.status_code == 422
        assert reason in refused.json()["reason"]
    assert answer["no_radius"] == "a regression has no label, so there is no radius within which it stays"


def test_a_network_that_overflows_gives_no_answer() -> None:
    from lipbuild.serving.app import create_app
    from lipbuild.serving.service import Service

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


def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="there is no such run folder or export"):
        lipbuild.serving_app(tmp_path / "nowhere")
    (tmp_path / "text.onnx").write_text("text")
    (tmp_path / "text.txt").write_text("text")
    for name in ("text.txt", "."):
        with pytest.raises(UnusableError, match="it is neither a run folder nor an export"):
            lipbuild.serving_app(tmp_path / name)
    with pytest.raises(UnusableError, match="it is neither a run folder nor an export"):
        lipbuild.serving_app(tmp_path / "text.onnx")


def test_a_dockerfile_copies_what_it_serves(tmp_path: Path) -> None:
    text = dockerfile(tmp_path / "My model.onnx", tmp_path / "Dockerfile")
    assert 'COPY ["My model.onnx", "/model/My model.onnx"]' in text
    assert 'ARG LIPBUILD="lipbuild==' in text
    assert "--no-deps" in text
    assert "USER lipbuild" in text
    command = next(line for line in text.splitlines() if line.startswith("CMD "))
    assert json.loads(command.removeprefix("CMD ")) == [
        *("lipbuild", "serve", "/model/My model.onnx", "--host", "0.0.0.0", "--port", "8000")
    ]
    instructions = [line.split()[0] for line in text.splitlines() if line[:1].isupper() and line[0] != "#"]
    assert instructions[0] == "FROM"
    assert set(instructions) == {"FROM", "ARG", "RUN", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert "lipbuild[serve]==" in dockerfile(tmp_path / "run", tmp_path / "Dockerfile")
