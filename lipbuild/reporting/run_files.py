from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.rules.check import Accepted
from lipbuild.training.begun import check_begun
from lipbuild.training.run_folder import RunFolder, open_run_folder

Rows = tuple[Mapping[str, str], ...]


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
            UnusableError: It is no run folder.
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
        return None if statement is None else statement.get("predicate")

    @cached_property
    def spectra(self) -> tuple[dict[str, Any], ...]:
        """The singular values of the kernels, an epoch each."""
        path = self.folder.spectra
        try:
            return tuple(json.loads(line) for line in (self._text(path) or "").splitlines())
        except ValueError as error:
            raise UnusableError(f"{path}: it is not JSON: {error}", "delete it") from None

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
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UnusableError(f"{path}: it cannot be read: {error}") from None

    def _json(self, path: Path) -> dict[str, Any] | None:
        text = self._text(path)
        try:
            value = None if text is None else json.loads(text)
        except ValueError as error:
            raise UnusableError(f"{path}: it is not JSON: {error}", "make it anew, or delete it") from None
        if value is not None and not isinstance(value, dict):
            raise UnusableError(f"{path}: it is not what lipbuild writes", "make it anew, or delete it")
        return value

    def _table(self, path: Path) -> Rows:
        return tuple(csv.DictReader((self._text(path) or "").splitlines()))


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for key, text in row.items():
        try:
            found[key] = float(text)
        except (TypeError, ValueError):
            continue
    return found
