from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from fastapi import FastAPI


def serving_app(target: str | Path, *, max_samples: int = 256, max_bytes: int = 16 * 2**20) -> FastAPI:
    """A FastAPI application that answers for one network.

    `POST /predict` takes `{"inputs": [sample, …]}` and gives for each sample its label, margin and certified radius;
    `GET /model` says what is served, `GET /health` that it is, `GET /openapi.json` how to ask.

    Args:
        target: A run folder or an export.
        max_samples: How many samples one request may have.
        max_bytes: How long the body of a request may be.

    Raises:
        lipbuild.errors.RefusedError: The weights exceed what their layers promise.
        lipbuild.errors.UnusableError: It is neither, or the extra `serve` is not installed.
    """
    try:
        from lipbuild.serving.app import Limits, create_app
    except ImportError as error:
        raise UnusableError(
            f"serving needs the package `{error.name}`", "pip install 'lipbuild[serve]'"
        ) from None
    from lipbuild.serving.service import open_export, open_run
    from lipbuild.training.run_folder import RunFolder

    path = Path(target)
    if not path.exists():
        raise UnusableError(f"{path}: there is no such run folder or export")
    service = open_run(path) if RunFolder(path).resolved.is_file() else open_export(path)
    return create_app(service, Limits(max_samples, max_bytes))
