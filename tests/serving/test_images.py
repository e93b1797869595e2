"""Images over HTTP: decoded as in the training and in `predict`, whatever kind of file they are."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from lipbuild.data.decode_image import decode_image
from lipbuild.data.inputs.images import read_images
from lipbuild.serving.app import create_app
from lipbuild.serving.images import image_reader
from lipbuild.serving.limits import Limits
from lipbuild.serving.service import Service

yy, xx = np.mgrid[0:16, 0:16]
RGB = np.stack([xx * 16, yy * 16, (xx + yy) * 8], -1).astype(np.uint8)
GREY = RGB[..., 0]
ALPHA = np.dstack([RGB, RGB[..., 1]])


def turned() -> Image.Exif:
    """An orientation: the image lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


KINDS: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
    "colour": (Image.fromarray(RGB), "png", {}),
    "alpha": (Image.fromarray(ALPHA), "png", {}),
    "grey": (Image.fromarray(GREY), "png", {}),
    "16 bits": (Image.fromarray(GREY.astype(np.uint16) * 257), "png", {}),
    "palette": (Image.fromarray(RGB).quantize(32), "png", {}),
    "one bit": (Image.fromarray(GREY > 127), "png", {}),
    "JPEG": (Image.fromarray(RGB), "jpeg", {}),
    "CMYK": (Image.fromarray(RGB).convert("CMYK"), "jpeg", {}),
    "on its side": (Image.fromarray(RGB), "jpeg", {"exif": turned()}),
    "BMP": (Image.fromarray(RGB), "bmp", {}),
    "GIF": (Image.fromarray(RGB).quantize(32), "gif", {}),
    "WebP": (Image.fromarray(RGB), "webp", {"lossless": True}),
    "another size": (Image.fromarray(RGB).resize((23, 9)), "png", {}),
}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def client(shape: tuple[int, ...], *, resized: bool = True) -> TestClient:
    """A service that answers with its inputs."""
    described = {
        "model": "inputs",
        "input": {"shape": list(shape), "units": "", "images": {"resized": resized}},
        "outputs": {"values": ""},
        "classes": [],
        "radius": None,
    }
    service = Service(described, lambda x: {"values": x.reshape(len(x), -1)}, "a test")
    limits = Limits(pixels=1000)
    return TestClient(create_app(service, limits, images=image_reader(described, 1.0, limits.pixels)))


@pytest.fixture(scope="module")
def clients() -> dict[int, TestClient]:
    return {channels: client((16, 16, channels)) for channels in (1, 3, 4)}


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", KINDS)
def test_an_image_is_the_same_in_training_predict_and_serve(
    name: str, channels: int, clients: dict[int, TestClient], tmp_path: Path
) -> None:
    image, kind, options = KINDS[name]
    content = encoded(image, kind, **options)
    path = tmp_path / f"image.{kind}"
    path.write_bytes(content)
    shape = (16, 16, channels)
    trained = np.asarray(decode_image(content, shape, resize=True)).astype(np.float32) / np.float32(255.0)
    predicted = read_images([path], shape, resize=True).values[0]
    answers = [
        clients[channels].post("/predict", content=content, headers={"content-type": f"image/{kind}"}),
        clients[channels].post("/predict", json={"inputs": [{"b64": base64.b64encode(content).decode()}]}),
    ]
    for answer in answers:
        [values] = answer.json()["predictions"]
        assert np.array_equal(np.array(values["values"], np.float32).reshape(shape), trained)
    assert np.array_equal(predicted, trained)


def test_what_is_no_image_of_the_network_is_refused(clients: dict[int, TestClient]) -> None:
    small = encoded(Image.fromarray(RGB), "png")
    # The size that a file states, whatever follows it.
    large = encoded(Image.new("1", (5000, 5000)), "png")
    postscript = encoded(Image.fromarray(RGB), "eps")
    exact = client((16, 8, 3), resized=False)
    table = client((3,))
    for asked, content, status, reason in [
        (clients[3], large, 422, "it has 5000 by 5000 pixels, and at most 1000 are taken"),
        (clients[3], small[:60], 422, "the image: "),
        (clients[3], b"text", 422, "it is not an image that can be read"),
        (clients[3], postscript, 422, "it is not an image that can be read"),
        (exact, small, 422, "its size is 16 by 16, and 16 by 8 is expected"),
        (table, small, 415, "it has to be `application/json`"),
    ]:
        answer = asked.post("/predict", content=content, headers={"content-type": "image/png"})
        assert (answer.status_code, reason in answer.json()["reason"]) == (status, True), answer.json()
    # Each of several has its share.
    several = {"inputs": [{"b64": base64.b64encode(small).decode()}] * 4}
    answer = clients[3].post("/predict", json=several)
    assert answer.json()["reason"] == "inputs[0]: it has 16 by 16 pixels, and at most 250 are taken"
    for item, reason in [
        ({"b64": "%"}, "inputs[0] is not Base64"),
        ({"b64": 1}, "inputs[0] is an object without an image"),
        ({"b64": "", "more": 1}, "inputs[0] is an object without an image"),
        ({"b64": "aGVsbG8="}, "inputs[0]: it is not an image that can be read"),
    ]:
        refused = clients[3].post("/predict", json={"inputs": [item]})
        assert refused.status_code == 422
        assert reason in refused.json()["reason"]
