"""A page about a model, for whoever receives its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild._version import __version__
from lipbuild.config.config import Config
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.data.contract.contract import STATEMENT
from lipbuild.data.dataset import Dataset
from lipbuild.diagnostics.markdown import markdown, markdown_code
from lipbuild.errors import UnusableError
from lipbuild.exporting.metadata import MEANINGS
from lipbuild.exporting.source import columns_of, targets_of
from lipbuild.network.graph import Graph
from lipbuild.network.rounding import decimal_up
from lipbuild.network.shapes import format_shape
from lipbuild.reading.file import as_written
from lipbuild.reading.json_file import read_json
from lipbuild.reading.table_file import read_table
from lipbuild.training.files import write_text
from lipbuild.training.run_folder import RunFolder

_REMEDY = "make it again, or delete it"
MARK = "<!-- written by lipbuild export -->"


@dataclass(frozen=True)
class CardSource:
    """What a card is written from.

    Attributes:
        folder: The run folder.
        config: Its config.
        graph: Its graph.
        dataset: Its data.
        voided_by: The soundness rules that its config silences.
    """

    folder: RunFolder
    config: Config
    graph: Graph
    dataset: Dataset
    voided_by: tuple[str, ...] = ()


class ModelCard:
    """The card of a model. What is wrong with the run's files is said when it is made, before anything is exported.

    Args:
        source: What is known of the model.
        path: Where the card is going to be.

    Raises:
        UnusableError: There is a file of that name which lipbuild did not write, or one of the run cannot be read.
    """

    def __init__(self, source: CardSource, path: Path) -> None:
        if path.exists() and not (path.is_file() and path.read_bytes().startswith(MARK.encode())):
            raise UnusableError(
                f"{path}: there is a file of this name already", "move it, or export elsewhere"
            )
        self._source = source
        self._path = path
        self._measured = _measured(source.folder.evaluation)
        self._training = _training(source)

    def write(self, reports: Sequence[Path]) -> None:
        """Write it beside the exports.

        Args:
            reports: The reports of the gate that are beside it.

        Raises:
            UnusableError: One of them cannot be read, or the card cannot be written.
        """
        source, read = self._source, [_read(report) for report in reports]
        sections = [
            f"{MARK}\n# {markdown(source.config.name)}",
            _network(source),
            "\n".join(_certified(source, read, self._measured)),
            _data(source),
            self._training,
            _files(read),
            _limits(source, read),
        ]
        write_text(self._path, "\n\n".join(sections) + "\n")


def _network(source: CardSource) -> str:
    graph, config = source.graph, source.config
    task = config.needed("train").loss.task
    outputs = ", ".join(
        f"{markdown_code(node.name)} ({format_shape(node.shape)})" for node in graph.output_nodes
    )
    kinds = ", ".join(f"`{kind}`" for kind in dict.fromkeys(node.kind for node in graph.nodes))
    rows = [
        ("task", f"{task}"),
        ("input", f"{format_shape(graph.input_shape)}; one unit is {markdown(source.dataset.unit)}"),
        *([("columns", _columns(columns))] if (columns := columns_of(config, source.dataset)) else []),
        ("output", outputs),
        *([("targets", _columns(targets))] if (targets := targets_of(config)) else []),
        ("classes", ", ".join(map(markdown, source.dataset.class_names)) or "none: it predicts numbers"),
        ("layers", f"{len(graph.nodes)}: {kinds}"),
        ("parameters", f"{graph.parameters:,}"),
        ("made by", f"lipbuild {__version__}"),
    ]
    return f"## Network\n\n{_table(('', ''), rows)}"


def _columns(columns: Sequence[InputColumn]) -> str:
    said = ", ".join(f"{markdown_code(one.name)}{_about(one)}" for one in columns)
    filled = any(one.fill is not None for one in columns)
    return f"{said}. A missing cell has to be filled before a file is run" if filled else said


def _about(column: InputColumn) -> str:
    if column.indicates is not None:
        return f" (1 where {markdown_code(column.indicates)} is missing, else 0)"
    if column.category is not None:
        return f" = {markdown_code(column.category)}" + (
            " (also where it is missing)" if column.fill == 1.0 else ""
        )
    about = [*([markdown(column.unit)] if column.unit else [])]
    about += [f"{column.fill:.6g} where it is missing"] if column.fill is not None else []
    return f" ({', '.join(about)})" if about else ""


def _certified(
    source: CardSource, reports: Sequence[Mapping[str, Any]], measured: Sequence[str]
) -> list[str]:
    lines = ["## What is certified", ""]
    if source.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in source.voided_by)
        return [*lines, f"Nothing: the config silences {rules}."]
    bounds = [r["lipschitz"]["proved"] for r in reports if r["lipschitz"]["proved"] is not None]
    constant = f"Its Lipschitz constant (L2) is promised to be at most {source.graph.lipschitz:g}"
    if bounds:
        constant += f", and proved from the weights in the files to be at most {decimal_up(max(bounds))}"
    digests = sorted({r["certificate"]["sha256"] for r in reports if "sha256" in r["certificate"]})
    lines.append(f"{constant}.")
    if digests:
        lines.append(f"The certificate that the files refer to has the SHA-256 `{digests[0]}`.")
    elif source.folder.certificate.is_file():
        lines.append("There is a certificate in the run folder.")
    else:
        lines.append("No certificate has been made yet (`lipbuild certify`).")
    return [*lines, *measured]


def _measured(path: Path) -> list[str]:
    """What the evaluation of the run says."""
    if not path.is_file():
        return ["It has not been evaluated yet (`lipbuild evaluate`)."]
    evaluation = _read(path)
    with as_written(path, _REMEDY):
        return ["", *_evaluation(evaluation)]


def _evaluation(evaluation: Mapping[str, Any]) -> list[str]:
    samples, unit = evaluation.get("samples"), evaluation.get("radius_unit", "")
    if evaluation.get("task") == "regression":
        rows = [
            (name.replace("_", " "), f"{evaluation[name]:.6g}")
            for name in ("mean_absolute_error", "root_mean_squared_error")
            if name in evaluation
        ]
        rows += [
            (f"an output moves at most, for a change of {m['radius']:g}", f"{m['movement']:.6g}")
            for m in evaluation.get("output_moves_at_most", [])
        ]
        return [f"On {samples} test samples:", "", _table(("measure", "value"), rows), *_slopes(evaluation)]
    rows = [("0 (clean)", f"{evaluation['accuracy']:.2%}")]
    rows += [(f"{c['radius']:g}", f"{c['accuracy']:.2%}") for c in evaluation.get("certified_accuracy", [])]
    semantics = evaluation.get("semantics", "real")
    if isinstance(semantics, Mapping):
        semantics = f"{semantics['stated']}: {semantics['meanings'][semantics['stated']]}"
    semantics, unit = markdown(str(semantics)), markdown(str(unit))
    said = f"On {samples} test samples, with radii whose unit is {unit}. Semantics: {semantics}."
    if "uncertified" in evaluation:
        said = f"On {samples} test samples; nothing is certified: {markdown(str(evaluation['uncertified']))}."
    return [said, "", _table(("L2 radius", "certified accuracy"), rows), *_slopes(evaluation)]


def _slopes(evaluation: Mapping[str, Any]) -> list[str]:
    """How far one column alone moves an output."""
    rows = [
        (
            markdown(column["name"]),
            "another value" if column["is_text"] else f"1 {markdown(column['unit'] or 'unit')}",
            decimal_up(column["moves_at_most"]),
            f"{column['moved']:.6g}",
        )
        for column in evaluation.get("columns", ())
        # An older evaluation has fewer keys.
        if "moved" in column
    ]
    header = ("column", "moves by", "an output then moves by at most", "measured at most")
    said = "One column moves alone, with the others fixed. The proved numbers hold for all samples:"
    lines = ["", said, "", _table(header, rows)] if rows else []
    tolerance = evaluation.get("tolerance")
    if tolerance is not None:
        within = ", ".join(f"{markdown(name)} ± {size:g}" for name, size in tolerance["columns"].items())
        moves = ", ".join(decimal_up(bound) for bound in tolerance["output_moves_at_most"]["box"])
        held = ", ".join(markdown(name) for name in tolerance["held_fixed"])
        lines += [
            "",
            f"Within {within} an output moves by at most {moves}"
            + (f"; held fixed: {held}." if held else "."),
        ]
    return lines


def _data(source: CardSource) -> str:
    section, dataset = source.config.needed("data"), source.dataset
    split = f"Source: `{section.source.source_name}`, split with the seed {section.seed}."
    if section.mix is not None:
        split += f" Mixed in: `{section.mix.source.source_name}`, {section.mix.share:.4g} of each batch."
    if dataset.contract is None:
        parts = [("training", dataset.train), ("validation", dataset.validation), ("test", dataset.test)]
        rows = [(name, f"{len(part):,}") for name, part in parts if part is not None]
        said = "The run has no data contract, so nothing says that these were the parts of the training."
        return f"## Data\n\n{split} {said}\n\n{_table(('part', 'samples'), rows)}"
    contract = dataset.contract.described
    named = [
        (name, f"{part['samples']:,}", f"`{part['digest']}`") for name, part in contract["parts"].items()
    ]
    said = f"The data contract of the run, `{STATEMENT}`, has the SHA-256 `{contract['sha256']}`."
    return f"## Data\n\n{split} {said}\n\n{_table(('part', 'samples', 'digest'), named)}"


def _training(source: CardSource) -> str:
    train = source.config.needed("train")
    environment = _read(source.folder.environment) if source.folder.environment.is_file() else {}
    packages = environment.get("packages")
    packages = packages if isinstance(packages, dict) else {}
    rows = [
        ("loss", f"`{type(train.loss).__name__}`"),
        ("optimiser", f"`{type(train.optimizer).__name__}`"),
        ("epochs", f"{train.epochs}"),
        ("batch size", f"{train.batch_size}"),
        ("seed", f"{source.config.seed}"),
        *((f"last {markdown_code(name)}", value) for name, value in _last_metrics(source.folder.metrics)),
        *((name, markdown(str(packages[name]))) for name in ("tensorflow", "keras") if name in packages),
    ]
    if "started" in environment:
        rows.append(("started", markdown(str(environment["started"]))))
    return f"## Training\n\n{_table(('', ''), rows)}"


def _last_metrics(path: Path) -> list[tuple[str, str]]:
    rows = read_table(path, _REMEDY) if path.exists() else ()
    with as_written(path, _REMEDY):
        last = rows[-1] if rows else {}
        return [(name, f"{float(value):.4f}") for name, value in last.items() if name != "epoch"]


def _files(reports: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for report in sorted(reports, key=lambda r: str(r["file"])):
        greatest = max(d["difference"] for d in report["outputs_compared"]["greatest_difference"].values())
        rows.append(
            (
                markdown_code(report["file"]),
                markdown(report["runtime"]),
                ", ".join(map(markdown_code, report["outputs"])),
                f"{greatest:.2g}",
                markdown(report["certificate"]["status"]),
                f"`{report['sha256'][:16]}…`",
            )
        )
    header = ("file", "checked in", "outputs", "greatest difference", "certificate", "SHA-256")
    statuses = dict.fromkeys(r["certificate"]["status"] for r in reports)
    meanings = "\n".join(f"- {status}: {MEANINGS[status]}" for status in statuses)
    return f"## Files\n\n{_table(header, rows)}\n\n{meanings}"


def _limits(source: CardSource, reports: Sequence[Mapping[str, Any]]) -> str:
    limits = [
        f"Distances are Euclidean (L2); one unit is {markdown(source.dataset.unit)}. Nothing is said about other "
        "changes of an input: rotations, other norms, other data.",
        "A radius is about one prediction staying as it is, not about its being right.",
        "Accuracies are those of the test samples, and hold for data like them.",
        "Outputs differ between runtimes by rounding, by at most what the table of files shows on the inputs that "
        "were tried.",
    ]
    if any(report["quantization"] == "int8" for report in reports):
        limits.append(
            "A file with 8-bit weights rounds what passes between layers too: no certificate covers it."
        )
    if any(report["radius"] for report in reports):
        limits.append(
            "Radii computed in a file rest on float32 arithmetic of IEEE 754: not TF32, bfloat16, float16, "
            "Winograd's algorithm or integers."
        )
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _read(path: Path) -> dict[str, Any]:
    return read_json(path, _REMEDY)
