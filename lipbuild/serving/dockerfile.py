from __future__ import annotations

import json
from pathlib import Path

from lipbuild.diagnostics.printable import escaped

_TEXT = """\
# {name} behind HTTP. Put a wheel of lipbuild into the folder that holds {name}, and build there:
#     python -m pip wheel --no-deps --wheel-dir . PATH_OF_LIPBUILD
#     docker build --file {file} --tag lipbuild-{tag} .
#     docker run --read-only --tmpfs /tmp --publish 8000:8000 lipbuild-{tag}
FROM python:3.12-slim

COPY lipbuild-*.whl /tmp/
RUN {install} && useradd --create-home --uid 10001 lipbuild

COPY {copied}
USER lipbuild
ENV TF_CPP_MIN_LOG_LEVEL=3 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "\\
import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=3)"]
CMD {command}
"""
_PIP = "python -m pip install --no-cache-dir"
_WHEEL = "/tmp/lipbuild-*.whl"

# What `lipbuild serve` imports if it needs no TensorFlow, beside the runtime.
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
    """The text of a Dockerfile that serves a run folder or an export, as an unprivileged user.

    It installs a wheel beside the model: lipbuild is not on a package index, and a name that nobody owns there must not
    be fetched.

    Args:
        target: What is served; the image is built in the folder that holds it.
        file: The Dockerfile's path.
    """
    name = target.resolve().name
    tag = "".join(c if c.isalnum() else "-" for c in target.stem.lower()).strip("-") or "model"
    install = f'{_PIP} "$(ls {_WHEEL})[serve]"'
    if target.suffix in RUNTIMES:
        # Without TensorFlow, which an extra cannot leave out.
        needed = " ".join((*NEEDED, RUNTIMES[target.suffix]))
        install = f"{_PIP} --no-deps {_WHEEL} && {_PIP} {needed}"
    inside = f"/model/{name}"
    return _TEXT.format(
        name=escaped(name),
        file=escaped(str(file)),
        tag=tag,
        install=install,
        copied=json.dumps([name, inside]),
        command=json.dumps(["lipbuild", "serve", inside, "--host", "0.0.0.0", "--port", "8000"]),
    )
