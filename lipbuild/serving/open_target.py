from __future__ import annotations

from pathlib import Path

from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.guard.check_export import check_export
from lipbuild.reading.file import check_file
from lipbuild.runtimes.runtime_of import runtime_of
from lipbuild.runtimes.self_test import check_self_test
from lipbuild.serving.guarded import guarded
from lipbuild.serving.service import Service
from lipbuild.training.run_folder import is_folder


def open_target(path: Path, *, guard: bool = False) -> Service:
    """What is served of a run folder, or of an exported file or folder in its own runtime.

    Args:
        path: The folder or the file.
        guard: Whether it is served behind a guard.

    Raises:
        UnusableError: It is neither, or its runtime is not installed.
        RefusedError: The weights of a run exceed what its layers promise, or an export answers something else than when
            it was exported.
    """
    if not path.exists():
        raise UnusableError(f"{path}: there is no such run folder or export")
    if is_folder(path):
        from lipbuild.serving.open_run import open_run

        service = open_run(path)
    else:
        service = _open_export(path)
    try:
        check_self_test(service.metadata, service.predict)
    except RefusedError as error:
        raise RefusedError(f"{path}: {error.message}", error.help) from None
    # Whatever a runtime makes of inputs that do not fit, and of metadata that are not lipbuild's.
    except Exception as error:
        raise UnusableError(
            f"{path}: it cannot be run: {error}", "export it again with `lipbuild export`"
        ) from None
    return guarded(service) if guard else service


def _open_export(path: Path) -> Service:
    try:
        runtime = runtime_of(path)
        if runtime is None:
            raise ValueError("it has the ending of none")
        if not path.is_dir():
            check_file(path)
        metadata = runtime.metadata(path)
        if "input" not in metadata:
            raise ValueError("it has no metadata of lipbuild")
        reason = (
            "" if {"radius", "low"} & set(metadata["outputs"]) else "it was exported without --with-radius"
        )
        checked = check_export(path, metadata)
        predict = runtime.load(path)
    except LipbuildError:
        raise
    # A runtime may raise anything for a file that is not its own.
    except Exception as error:
        raise UnusableError(
            f"{path}: it is neither a run folder nor an export: {error}", "`lipbuild export RUN` makes one"
        ) from None
    described, origin = checked.described(metadata), f"the export {path.name}"
    return Service(described, predict, origin, reason, checked.certified, checked.reason)
