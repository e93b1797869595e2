from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lipbuild.reading.file import as_written, read_text
from lipbuild.reading.json_file import json_object, read_json
from lipbuild.reading.table_file import Rows, read_table
from lipbuild.rules.check import Accepted
from lipbuild.training.begun import check_begun
from lipbuild.training.run_folder import RunFolder, open_run_folder

REMEDY = "make it again, or delete it"


@dataclass(frozen=True)
class RunFiles:
    """What is in a run folder, each file read when it is asked for. Nothing is computed and nothing is written.

    Attributes:
        folder: The run folder.
    """

    folder: RunFolder

    @classmethod
    def of(cls, path: Path) -> RunFiles:
        """The files of a run, whose training may be under way.

        Raises:
            UnusableError: It is not a run folder.
        """
        return cls(open_run_folder(path, trained=False))

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.path.resolve().name

    @cached_property
    def checked(self) -> Accepted:
        """The config with its graph.

        Raises:
            RefusedError: This lipbuild refuses it.
        """
        return check_begun(self.folder).raise_for_errors()

    @cached_property
    def metrics(self) -> tuple[Mapping[str, float], ...]:
        """The metrics of each epoch, those that are numbers."""
        return tuple(_numbers(row) for row in self._table(self.folder.metrics))

    @cached_property
    def samples(self) -> Rows:
        """One row a test sample."""
        return self._table(self.folder.samples)

    @cached_property
    def evaluation(self) -> dict[str, Any] | None:
        """What was measured."""
        return self._json(self.folder.evaluation)

    @cached_property
    def certificate(self) -> dict[str, Any] | None:
        """What was proved: the certificate's predicate."""
        statement = self._json(self.folder.certificate)
        if statement is None:
            return None
        path = self.folder.certificate
        with as_written(path, REMEDY):
            predicate: dict[str, Any] = statement["predicate"]
            if not math.isfinite(float.fromhex(predicate["lipschitz"])):
                raise ValueError("its constant is not finite")
            return predicate

    @cached_property
    def spectra(self) -> tuple[dict[str, Any], ...]:
        """The singular values of the kernels, an epoch each."""
        path = self.folder.spectra
        return tuple(
            json_object(line.encode(), path, "delete it: it is only a log")
            for line in (self._text(path) or "").splitlines()
        )

    @cached_property
    def environment(self) -> dict[str, Any] | None:
        """What the training ran on."""
        return self._json(self.folder.environment)

    @cached_property
    def written(self) -> str:
        """The config as it was written; nothing where it is not there."""
        return self._text(self.folder.config) or ""

    @cached_property
    def resolved(self) -> str:
        """The config with every default."""
        return self._text(self.folder.resolved) or ""

    @property
    def has_ended(self) -> bool:
        """Whether there is a trained model."""
        return self.folder.model.is_file()

    def _text(self, path: Path) -> str | None:
        return read_text(path, REMEDY) if path.exists() or path.is_symlink() else None

    def _json(self, path: Path) -> dict[str, Any] | None:
        return read_json(path, REMEDY) if path.exists() or path.is_symlink() else None

    def _table(self, path: Path) -> Rows:
        return read_table(path, REMEDY) if path.exists() or path.is_symlink() else ()


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for key, text in row.items():
        try:
            found[key] = float(text)
        except (TypeError, ValueError):
            continue
    return found
