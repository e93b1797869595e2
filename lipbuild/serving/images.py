from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lipbuild.data.decode_image import MODES, ImageError
from lipbuild.data.inputs.pixels import pixels_of
from lipbuild.serving.request import BadRequestError
from lipbuild.serving.service import Samples

# What a body may be called that is one image.
IMAGE_TYPES = ("image/png", "image/jpeg", "image/bmp", "image/gif", "image/tiff", "image/webp")


@dataclass(frozen=True)
class ImageReader:
    """Images as the network takes them, decoded as in its training.

    Attributes:
        shape: (height, width, channels); None where any size is taken.
        resize: Whether images of another size are resized, as in its training.
        largest: What a pixel of 255 becomes; 0 stays 0.
        most: How many pixels the images of one request may have together.
    """

    shape: tuple[int | None, ...]
    resize: bool
    largest: float
    most: int

    def read(self, content: bytes | bytearray, where: str, among: int = 1) -> Samples:
        """The sample of one encoded image.

        Args:
            content: The content of the file.
            where: Its place in the request.
            among: How many images the request has; each has its share of the pixels.

        Raises:
            BadRequestError: It is not an image, has too many pixels, or another size.
        """
        try:
            return pixels_of(content, self.shape, self.largest, resize=self.resize, most=self.most // among)
        except ImageError as error:
            raise BadRequestError(422, f"{where}: {error}") from None

    def read_object(self, value: Mapping[str, Any], where: str, among: int) -> Samples:
        """The sample of `{"b64": "…"}`, an encoded image in Base64; see `read`.

        Raises:
            BadRequestError: It is anything else.
        """
        if set(value) != {"b64"} or not isinstance(value["b64"], str):
            raise BadRequestError(422, f'{where} is an object without an image: {{"b64": "…"}} is one')
        try:
            content = b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise BadRequestError(422, f"{where} is not Base64") from None
        return self.read(content, where, among)


def image_reader(metadata: Mapping[str, Any], largest: float, most: int) -> ImageReader | None:
    """How the images of a network are read; None where it takes none, or what preprocessing makes of them.

    Args:
        metadata: What an export says of itself.
        largest: What a pixel of 255 becomes.
        most: How many pixels the images of one request may have together.
    """
    described = metadata["input"]
    shape = tuple(described["shape"])
    if len(shape) != 3 or shape[2] not in MODES or not described.get("preprocessing_inside", True):
        return None
    return ImageReader(shape, bool((described.get("images") or {}).get("resized")), largest, most)
