from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lipbuild.data.contract.known import load_known
from lipbuild.data.contract.other import source_of
from lipbuild.data.parts import MIXED
from lipbuild.errors import UnusableError
from lipbuild.evaluation.audit.audit import Audit, HeldData
from lipbuild.evaluation.audit.audit_file import audit_file
from lipbuild.reading.c_program import is_program
from lipbuild.rules.check import check
from lipbuild.text.load import read
from lipbuild.training.run_data import contract_of
from lipbuild.training.run_folder import RunFolder, is_folder, is_run, open_run_folder


def audit_run(
    path: Path,
    input_shape: Sequence[int] | None = None,
    before_loading: Callable[[], None] | None = None,
    *,
    data: Path | None = None,
    known_only: bool = False,
) -> Audit:
    """Look at the model of a file or a run folder, and at data that is to be that of its training.

    Args:
        path: A `.keras` or a `.h5` file, or a run folder.
        input_shape: The shape of one sample, where the model leaves it open.
        before_loading: Called before Keras is.
        data: The file or the folder of its training.
        known_only: Whether samples may be new, changed or gone.

    Raises:
        RefusedError: The model's structure cannot be read, or the data is not that of the training.
        UnusableError: A file is missing or cannot be read, or there is no data contract.
    """
    if data is None and known_only:
        raise UnusableError("`--known-only` is about data", "give it too, by `--data FILE`")
    if is_program(path):
        raise UnusableError(
            f"{path}: it is C, and `lipbuild audit` reads models",
            f"`lipbuild verify {path}` proves its constants again; audit the run, or an export of another format",
        )
    if data is None and not is_folder(path):
        return audit_file(path, input_shape, before_loading)
    if data is not None and path.exists() and not is_run(path):
        raise UnusableError(
            f"{path}: it is not a run folder, so there is no data contract of its data", "name the run folder"
        )
    run = open_run_folder(path)
    held = _held(run, data, known_only) if data is not None else None
    return replace(audit_file(run.model, input_shape, before_loading), data=held)


def _held(run: RunFolder, path: Path, known_only: bool) -> HeldData:
    contract = contract_of(run)
    if contract is None:
        raise UnusableError(
            f"{run.path}: it has no data contract, so nothing says which samples it was trained on",
            "train it again, or leave out `--data`",
        )
    checked = check(read(run.resolved), ()).raise_for_errors()
    section = checked.config.needed("data")
    source = source_of(section.source, path, whole=False)
    section = section.model_copy(update={"source": source, "cache": None})
    dataset = load_known(
        replace(checked.config, data=section), checked.graph, contract, known_only=known_only
    )
    parts = {
        name: len(part)
        for name, part in (
            ("training", dataset.train),
            ("validation", dataset.validation),
            ("test", dataset.test),
            (MIXED, dataset.train.mixed),
        )
        if part is not None
    }
    return HeldData(str(path), parts, dataset.notes)
