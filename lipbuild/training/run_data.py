"""The data of a run, held against its contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from lipbuild.config.config import Config
from lipbuild.config.sources.python_function import PythonFunction
from lipbuild.data.config_data import load_dataset
from lipbuild.data.contract.contract import Contract, read_contract, sealed
from lipbuild.data.contract.key import VARIABLE
from lipbuild.data.contract.known import load_known
from lipbuild.data.contract.reading import check_config
from lipbuild.data.dataset import Dataset
from lipbuild.data.permission import code_is_allowed
from lipbuild.errors import LipbuildError, RefusedError, UnusableError
from lipbuild.network.graph import Graph
from lipbuild.reading.file import as_written, read_text
from lipbuild.text.nodes import plain
from lipbuild.text.parse import parse
from lipbuild.text.text import SourceText
from lipbuild.training.files import write_json, write_whole
from lipbuild.training.run_folder import RunFolder
from lipbuild.training.warn import warn

_RESTORE = "restore the files that this training wrote"
# By what samples come into parts.
_DRAWN = ("seed", "test", "validation", "split", "stratify")


def load_run_data(run: RunFolder, config: Config, graph: Graph, *, known_only: bool = False) -> Dataset:
    """The data of a run, each sample in the part that it was in at the training.

    Where nothing says which part that was, the parts are drawn anew, and a line on standard error says so.

    Args:
        run: Its folder.
        config: Its config.
        graph: Its graph.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Raises:
        RefusedError: Samples are new, changed or gone, or the data does not fit.
        UnusableError: A file is missing or cannot be read.
    """
    for place, source in (config.data.sources if config.data is not None else {}).items():
        if isinstance(source, PythonFunction) and not code_is_allowed():
            raise UnusableError(
                f"{run.path}: its data was made by the Python function `{source.function}`, which is not called to "
                "read a run",
                f"give the data that it returned as a file, by `--set '{place}={{npz: {{path: FILE.npz}}}}'`; or read "
                "the function, and give `--allow-code` if you trust it",
            )
    contract = contract_of(run)
    if contract is not None and contract.key is not None:
        dataset = load_known(config, graph, contract, known_only=known_only)
    else:
        dataset = load_dataset(config, graph)
        why = "it has no data contract"
        if contract is not None:
            why = f"its data contract was made with a key that `{VARIABLE}` does not name"
        warn(
            f"{run.path}: {why}, so it is not checked that each sample is in the part that it was trained in"
        )
    for note in dataset.notes:
        warn(note)
    return dataset


def said_of(resolved: str) -> dict[str, Any]:
    """What a contract says of a run's config: what was fitted to the training part, and what parts were drawn by.

    Args:
        resolved: The text of `config.resolved.yaml`.
    """
    root = parse(SourceText("config.resolved.yaml", resolved)).root
    tree: Any = plain(root) if root is not None else {}
    data = tree.get("data", {})
    return {
        "preprocess": data.get("preprocess", []),
        "target_scale": data.get("target_scale"),
        "drawn": {key: data[key] for key in _DRAWN if key in data},
    }


def contract_of(run: RunFolder) -> Contract | None:
    """The contract of a run, and not that of another one; None where it has none.

    Args:
        run: Its folder.

    Raises:
        RefusedError: It is not one, or the run's config says something else of its data.
        UnusableError: It cannot be read.
    """
    contract = read_contract(run.path)
    if contract is not None and run.resolved.is_file():
        with as_written(run.resolved, _RESTORE):
            said = said_of(read_text(run.resolved, _RESTORE))
        other = [key for key, value in said.items() if contract.statement.get(key, value) != value]
        if other:
            raise RefusedError(
                f"{run.data}: its `{other[0]}` is not that of {run.resolved.name} beside it, so that it is "
                "the contract of another training",
                _RESTORE,
            )
    return contract


class RunNames(NamedTuple):
    """What a run calls its classes and its inputs.

    Attributes:
        classes: The names of the classes; empty where there are none.
        unit: What one unit of a radius is.
        contract: The contract that says so; None where there is none.
    """

    classes: tuple[str, ...]
    unit: str
    contract: Contract | None = None


def names_of(run: RunFolder, config: Config, graph: Graph) -> RunNames:
    """The names of the classes of a run and the unit of a radius, from its contract or else from its data.

    A run answers where its data need not be: without a contract and data there are no names.

    Args:
        run: Its folder.
        config: Its config.
        graph: Its graph.

    Raises:
        RefusedError: The contract is not one, or the run's config says something else of inputs or classes.
        UnusableError: It cannot be read.
    """
    contract = contract_of(run)
    if contract is not None:
        check_config(contract, config, graph)
        return RunNames(contract.class_names, contract.unit, contract)
    warn(
        f"{run.path}: it has no data contract, so columns, classes and images are not checked to be the training's"
    )
    try:
        dataset = load_dataset(config, graph)
    except LipbuildError:
        return RunNames((), "the units of the data")
    return RunNames(dataset.class_names, dataset.unit)


def write_contract(run: RunFolder, contract: Contract) -> None:
    """Write the two files of a contract, the statement last.

    Raises:
        UnusableError: They cannot be written.
    """

    def write(path: Path) -> None:
        path.write_bytes(contract.samples_file())

    write_whole(run.data_samples, write)
    write_json(run.data, sealed(contract.statement))
