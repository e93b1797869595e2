from __future__ import annotations

from pathlib import Path

from lipbuild._version import __version__

_TEXT = """\
# {name} behind HTTP. Build it in the folder that holds {name}:
#     docker build --file {file} --tag lipbuild-{tag} .
#     docker run --read-only --tmpfs /tmp --publish 8000:8000 lipbuild-{tag}
FROM python:3.12-slim

# What pip installs: a version, a wheel's name in this folder, or an address.
ARG LIPBUILD="lipbuild{extras}=={version}"
RUN {install} && useradd --create-home --uid 10001 lipbuild

COPY ["{name}", "/model/{name}"]
USER lipbuild
ENV TF_CPP_MIN_LOG_LEVEL=3 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "\\
import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=3)"]
CMD ["lipbuild", "serve", "/model/{name}", "--host", "0.0.0.0", "--port", "8000"]
"""
_PIP = "python -m pip install --no-cache-dir"

# What `lipbuild serve` imports where it needs no TensorFlow, beside the runtime.
NEEDED = (
    "h5py",
    "numpy",
    "pillow",
    "prometheus-client",
    "pydantic",
    "pyyaml",
    "starlette",
    "typer",
    "uvicorn",
)
RUNTIMES = {".onnx": "onnxruntime", ".tflite": "ai-edge-litert"}


def dockerfile(target: Path, file: Path) -> str:
    """The text of a Dockerfile that serves a run folder or an export, as a user without rights.

    Args:
        target: What is served; the image is built in the folder that holds it.
        file: The Dockerfile's path.
    """
    name = target.resolve().name
    tag = "".join(c if c.isalnum() else "-" for c in target.stem.lower()).strip("-") or "model"
    extras, install = "[serve]", f'{_PIP} "$LIPBUILD"'
    if target.suffix in RUNTIMES:
        # Without TensorFlow, which an extra cannot leave out.
        needed = " ".join((*NEEDED, RUNTIMES[target.suffix]))
        extras, install = "", f'{_PIP} --no-deps "$LIPBUILD" && {_PIP} {needed}'
    return _TEXT.format(name=name, file=file, tag=tag, extras=extras, install=install, version=__version__)
