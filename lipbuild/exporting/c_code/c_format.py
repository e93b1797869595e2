from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lipbuild._version import __version__
from lipbuild.certifying.certificate import certify
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.exporting.c_code.arithmetic import ARITHMETICS, Arithmetic
from lipbuild.exporting.c_code.arrays import read_arrays
from lipbuild.exporting.c_code.compilers import COMPILERS, builds, compiled_here
from lipbuild.exporting.c_code.cppcheck import COMMAND, check_statically
from lipbuild.exporting.c_code.description import described_network, digests_of
from lipbuild.exporting.c_code.filling import filling_of
from lipbuild.exporting.c_code.gate import affordable, check_compiled, check_emulated, hostile, lost
from lipbuild.exporting.c_code.identifier import identifier
from lipbuild.exporting.c_code.known_inputs import known_answers, scale_of
from lipbuild.exporting.c_code.moves import Moves
from lipbuild.exporting.c_code.source import Sources
from lipbuild.exporting.c_code.subject import subject_of
from lipbuild.exporting.c_code.verify import verify_program
from lipbuild.exporting.exported import Exported, Radii
from lipbuild.exporting.gate import Difference, check_bound, check_norms, check_outputs
from lipbuild.exporting.gate_report import gate_report
from lipbuild.exporting.kind import Kind
from lipbuild.exporting.metadata import (
    COVERED,
    OUTPUT_MEANINGS,
    PARTIAL,
    REDERIVED,
    VOID,
    columns_metadata,
    radius_metadata,
)
from lipbuild.guard.promises import KernelNorm, kernel_norms
from lipbuild.reading import c_program
from lipbuild.runtimes.runtime import Outputs, Predict
from lipbuild.training.files import write_files, write_json

if TYPE_CHECKING:
    from lipbuild.exporting.exporter import Exporter

_ASSUMES = (
    "IEEE 754 {format}, rounded to nearest; sums in any order, and products fused with sums or not; "
    "what is below the least normal number kept or taken for 0; a square root off by at most 4 units in its last "
    "place; neither -ffast-math nor a part of it"
)
_NOT_RUN = "no C compiler is at hand"


class CFormat(Kind):
    """C99: a header and a file of code, in a folder, that compute labels and radii, or values and intervals."""

    name = "c"
    suffix = ""
    runtime = "C99 compilers"

    def export(self, exporter: Exporter, path: Path) -> Exported:
        """Write the code, compile and run it, and prove what stands in it, before it appears."""
        made: list[Exported] = []

        def write(folder: Path) -> None:
            made.append(_Writer(exporter, self, path).write(folder))

        _check(exporter)
        _check_place(path)
        write_files(path.parent, write)
        return made[0]

    def is_at(self, path: Path) -> bool:
        """Whether the header of such code is there."""
        return path.is_dir() and c_program.is_program(path)

    def metadata(self, path: Path) -> dict[str, Any]:
        """The JSON at the head of the header."""
        return c_program.metadata(path)

    def load(self, path: Path) -> Predict:
        """Compiled by the first compiler that is at hand."""
        compiled = compiled_here(path)
        if compiled is None:
            raise UnusableError(_NOT_RUN, f"install one of {', '.join(COMPILERS)}")
        outputs = self.metadata(path)["outputs"]

        def predict(x: NDArray[np.float32]) -> Outputs:
            found = compiled(x).outputs
            return {
                name: values != 0 if name in ("certified", "within_tolerance") else values
                for name, values in found.items()
                if name in outputs
            }

        return predict

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The constant arrays."""
        found = read_arrays(_code(path).read_text(encoding="utf-8"))
        return [values for name, values in found.items() if name.rpartition("_")[2].isdigit()]


class _Writer:
    """One program, from the network that is proved to the files."""

    def __init__(self, exporter: Exporter, kind: CFormat, path: Path) -> None:
        self.exporter = exporter
        self.kind = kind
        self.path = path
        proof, source = exporter.proof, exporter.source
        assert proof.certified is not None
        self.subject = subject = subject_of(
            *(proof.certified, ARITHMETICS[exporter.options.arithmetic], exporter.options.semantics),
            classes=source.task != "regression",
            # What the preprocessing makes of a missing cell is nothing that the code sees.
            filling=None if source.prepared else filling_of(source.columns),
        )
        check_bound(kind.name, subject.certified.lipschitz, exporter.certified, same=subject.same)
        self.norms: tuple[KernelNorm, ...] = proof.norms
        if not subject.same:
            self.norms = kernel_norms(source.graph, subject.certified)
            check_norms(self.norms)
        self.statement = self._statement() if self._status != VOID else None
        if self.statement is not None:
            size = source.radius if source.task == "regression" else None
            moves = Moves.of(self.statement["predicate"], size)
            self.subject = subject = subject.saying(moves, exporter.options.semantics)
        self.scale = scale_of(source.inputs, subject.within)
        self.sources = Sources(
            *(identifier(source.model.name), subject, known_answers(subject, self.scale)),
            # As it is read back.
            json.loads(json.dumps(self._metadata())),
        )

    def write(self, folder: Path) -> Exported:
        """The files and the report of the gate, into a folder."""
        exporter, written = self.exporter, folder / self.path.name
        written.mkdir()
        source = written / f"{self.sources.name}.c"
        source.write_text(self.sources.source(), encoding="utf-8")
        source.with_suffix(".h").write_text(self.sources.header(), encoding="utf-8")
        self._check_arrays(source)
        self._verify(source)
        differences, ran = self._check_answers(source)
        checked = check_statically(source)
        report = f"{self.path.name}.gate.json"
        made = Exported(
            *(self.kind.name, self.path, differences, self.norms, self.subject.certified.lipschitz),
            *(self._status, self.path.with_name(report), self._radii(), tuple(ran), checked),
        )
        tolerance = float(exporter.limits(self.kind)["real"].max())
        found = gate_report(
            *(made, self.kind, written, self.sources.metadata, exporter.certified, tolerance),
            exporter.besides(self.kind),
            same=self.subject.same,
        )
        write_json(
            folder / report,
            found
            | {
                "compiled": ran or f"not run: {_NOT_RUN}",
                COMMAND: checked,
                "radii": [asdict(one) for one in made.radii],
            },
        )
        return made

    def _radii(self) -> tuple[Radii, ...]:
        """What each arithmetic leaves of the radii of the real inputs."""
        if self.subject.radius is None:
            return ()
        subjects = {self.subject.arithmetic.name: self.subject}
        for name, arithmetic in ARITHMETICS.items():
            with suppress(RefusedError):
                subjects.setdefault(
                    name,
                    subject_of(
                        self.subject.certified, arithmetic, self.exporter.options.semantics, classes=True
                    ),
                )
        inputs = self.exporter.probes["real"]
        inputs = inputs[affordable(len(inputs), self.subject.certified.products)]
        return tuple(
            Radii(name, float(one.emulate(inputs)["certified"].mean()), lost(one, inputs))
            for name, one in sorted(subjects.items())
        )

    def _check_arrays(self, source: Path) -> None:
        """The arrays in the file are those of which the constant is proved, bit for bit."""
        found = read_arrays(source.read_text(encoding="utf-8"))
        for name, values in self.sources.constants.items():
            if name not in found or not np.array_equal(
                found[name], np.asarray(values, found[name].dtype).reshape(-1)
            ):
                raise RefusedError(f"{source.name}: the array `{name}` is not the one that is proved")

    def _verify(self, source: Path) -> None:
        """The verifier accepts the statement in the header, and the code is what is written of that."""
        if self.sources.metadata["statement"] is None:
            return
        failures = verify_program(source).failures
        if failures:
            raise RefusedError(
                f"the code is not verified: {failures[0].where}: {failures[0].message}: nothing was exported"
            )

    def _check_answers(self, source: Path) -> tuple[tuple[Difference, ...], list[str]]:
        """The emulation answers what the plain network does, and every compiled program what the emulation does."""
        exporter, shape = self.exporter, self.exporter.source.inputs.shape[1:]
        chosen = {
            kind: affordable(len(x), self.subject.certified.products) for kind, x in exporter.probes.items()
        }
        probes = {kind: exporter.probes[kind][rows] for kind, rows in chosen.items()}
        expected = {
            kind: {name: values[chosen[kind]] for name, values in outputs.items()}
            for kind, outputs in exporter.expected.items()
        }
        limits = {kind: limit[chosen[kind]] for kind, limit in exporter.limits(self.kind).items()}

        def emulated(inputs: NDArray[np.float32]) -> Outputs:
            found = self.subject.program.emulate(inputs)
            return {exporter.source.outputs[0]: found.reshape(len(inputs), *found.shape[1:])}

        differences = check_outputs(self.kind.name, emulated, expected, probes, limits)
        bad = hostile(shape, self.subject.arithmetic.dtype, self.subject.within)
        inputs = np.concatenate([*(x.astype(self.subject.arithmetic.dtype) for x in probes.values()), bad])
        check_emulated(self.subject, inputs)
        ran = []
        for build in builds():
            check_compiled(self.subject, self.subject.compiled(source, build), inputs)
            ran.append(build.described)
        return tuple(differences), ran

    def _statement(self) -> dict[str, Any]:
        """A certificate of the code itself."""
        source, program = self.exporter.source, self.subject.program
        found = certify(
            *(program.network, digests_of(described_network(program), program.network)),
            columns=() if source.prepared else source.moves,
            tolerances=self.exporter.tolerances,
            tool=f"lipbuild {__version__}",
        )
        own = float.fromhex(found["predicate"]["lipschitz"])
        check_bound(self.kind.name, own, self.exporter.certified, same=False)
        return found

    def _radius_described(self) -> dict[str, Any]:
        """What the radius, or the intervals, are about, and what they rest on."""
        subject, semantics = self.subject, self.exporter.options.semantics
        size = None if subject.radius is not None or subject.moves is None else subject.moves.size
        found = radius_metadata(semantics, size)
        meaning = found["meaning"].replace("float32", subject.arithmetic.name)
        found |= {"meaning": meaning, "assumes": _assumes(subject.arithmetic)}
        if subject.radius is None:
            return found
        alike = None if subject.radius.table is not None else float(subject.radius.inverse[0, -1])
        return found | {"inverse": alike}

    @property
    def _status(self) -> str:
        status = str(self.exporter.described(self.kind)["certificate"]["status"])
        return REDERIVED if not self.subject.same and status in (COVERED, PARTIAL) else status

    def _metadata(self) -> dict[str, Any]:
        """What every export says of itself, and what only C does."""
        exporter = self.exporter
        described = exporter.described(self.kind)
        arithmetic = self.subject.arithmetic
        outputs = [self.subject.output, *self.subject.results]
        least = f"{float(np.finfo(arithmetic.dtype).max):.1e}".replace("+", "")
        described["outputs"] = {name: OUTPUT_MEANINGS[name].replace("3.4e38", least) for name in outputs}
        if not exporter.source.prepared:
            described["input"] |= _with_ranges(described["input"], exporter.source.inputs)
        described["fills"] = self.subject.filling is not None
        network = described_network(self.subject.program)
        digests = digests_of(network, self.subject.program.network)
        statement = self.statement
        proved = self.subject.certified.lipschitz
        if statement is not None:
            proved = float.fromhex(statement["predicate"]["lipschitz"])
        described["lipschitz"] = {**described["lipschitz"], "proved": proved}
        described["statement"], described["network"], described["digests"] = statement, network, digests
        described["certificate"] = {**described["certificate"], "status": self._status}
        described["radius"] = self._radius_described() if self.subject.results else None
        described["optimized"] = False
        # What is said of columns is proved of the arrays in the code.
        described = {key: value for key, value in described.items() if key not in ("slopes", "tolerance")}
        described |= columns_metadata(statement["predicate"]) if statement is not None else {}
        # Inputs that the code makes itself stand in it.
        described["self_test"] = None
        described["known_inputs"] = {"scale": self.scale}
        described["arithmetic"] = {
            "name": self.subject.arithmetic.name,
            "assumes": _assumes(self.subject.arithmetic),
            "error": {"slope": self.subject.error.slope, "offset": self.subject.error.offset},
            "input_norm": self.subject.error.limit,
            # Whose norm is meant: that of the input where nothing scales its numbers one by one first.
            "norm_of": self.subject.error.scaled.node if self.subject.error.scaled is not None else "input",
        }
        return described


def _check(exporter: Exporter) -> None:
    """Refuse what no C is written of."""
    source = exporter.source
    if source.voided_by:
        raise RefusedError(
            f"no C is written of a network whose config silences {', '.join(f'`{r}`' for r in source.voided_by)}",
            "mend what the rule found, and train again",
        )
    if exporter.proof.certified is None:
        raise RefusedError(
            f"no C is written of this network: {exporter.proof.unread}", "export it in another format"
        )


def _assumes(arithmetic: Arithmetic) -> str:
    return _ASSUMES.format(format=arithmetic.format)


def _with_ranges(entry: Mapping[str, Any], inputs: NDArray[np.float32]) -> dict[str, Any]:
    """The columns of a table with the least and the greatest number of each in the data of the gate."""
    columns = entry.get("columns")
    if columns is None:
        return {}
    flat = inputs.reshape(len(inputs), -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return {
        "columns": [
            {**column, "low": float(low[i]), "high": float(high[i])} for i, column in enumerate(columns)
        ]
    }


def _code(path: Path) -> Path:
    header = c_program.header_of(path)
    if header is None:
        raise UnusableError(f"{path}: there is no C that lipbuild wrote", "export it anew")
    return header.with_suffix(".c")


def _check_place(path: Path) -> None:
    """Refuse a folder with something else in it, which would be lost."""
    others = [file.name for file in sorted(path.iterdir())] if path.is_dir() else []
    header = c_program.header_of(path) if others else None
    if header is not None:
        others = [name for name in others if name not in (header.name, header.with_suffix(".c").name)]
    if others:
        raise UnusableError(
            f"{path}: `{others[0]}` lies in it, and the code gets a folder of its own", "name another folder"
        )
