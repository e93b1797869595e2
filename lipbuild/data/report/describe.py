"""From a config to what is in its data."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.choices import Task
from lipbuild.config.config import Config
from lipbuild.config.preprocessing.common import as_tuple
from lipbuild.config.preprocessing.normalization import Normalization
from lipbuild.config.sections import DataSection
from lipbuild.data.contract.copies import first_copies, given_parts, keep_together, unknown_to
from lipbuild.data.contract.identities import Identities, identify, label_bytes
from lipbuild.data.contract.key import random_key
from lipbuild.data.features import Features
from lipbuild.data.fit import fit, moments_of
from lipbuild.data.guess_targets import guess_targets
from lipbuild.data.labels import Targets
from lipbuild.data.learn_fill import gaps_in, learn_fill
from lipbuild.data.load import load_raw, naming_file
from lipbuild.data.mix import load_mixed
from lipbuild.data.parts import Indices, Parts
from lipbuild.data.raw import RawData
from lipbuild.data.report.data_report import (
    ColumnReport,
    DataReport,
    Deviations,
    Distances,
    Drawn,
    DrawnBy,
    Limit,
    MixedReport,
    PartReport,
)
from lipbuild.data.report.distances import distances, limits
from lipbuild.data.report.duplicates import duplicates
from lipbuild.data.report.near_duplicates import near_duplicates
from lipbuild.data.split import split_indices
from lipbuild.data.weights import class_weights
from lipbuild.errors import RefusedError
from lipbuild.network.rounding import mul_up
from lipbuild.network.shapes import ShapeError

_VALUES = 8_000_000
_COMPARED_VALUES = 50_000_000


def describe(config: Config, samples: int = 5000) -> DataReport:
    """What is in the data of a config. Nothing in it but its `data` section needs to be right.

    Args:
        config: The config.
        samples: How many samples are compared for the distances between classes; as many are drawn where there
            are more, with the split's seed.

    Raises:
        RefusedError: The config has no data, or labels that cannot be read.
        UnusableError: A file is missing.
    """
    section = config.data
    if section is None:
        raise RefusedError(f"{config.root.source.name}: the config has no `data` section that can be read")
    raw = load_raw(section, config.folder, finite=False)
    features = raw.inputs
    task = config.train.loss.task if config.train is not None else None
    with naming_file(section, config.folder):
        targets = guess_targets(raw.labels, task, raw.class_names, section.source.class_count())
    drawn = split_indices(raw, section, targets)
    identities = identify(features, label_bytes(targets), random_key())
    together, left_out = keep_together(drawn, first_copies(identities.values), given_parts(raw, section))
    missing = gaps_in(raw, together.train)
    raw = learn_fill(raw, together.train)
    if missing:
        # Samples may have become equal.
        identities = identify(features, label_bytes(targets), identities.key)
    # What is kept apart is shown as it is.
    parts = drawn if left_out else together
    train, test = parts.train, parts.test
    given = dict(parts.named())
    looks = {name: _Look(features, indices, targets) for name, indices in given.items()}
    whole = np.concatenate(list(given.values()))
    sound = np.concatenate([look.sound for look in looks.values()])
    if not sound.any():
        with naming_file(section, config.folder):
            raise RefusedError(
                f"each of its {len(sound)} samples holds NaN or infinite features, so nothing can be measured",
                "fill them, or take other columns",
            )
    rng = np.random.default_rng(section.seed)
    apart, most = _apart(features, targets, whole[sound], test[looks["test"].sound], samples, rng, config)
    preprocessing, fitted = _fitted(section, features, train[looks["training"].sound])
    values = targets.values
    learnt = values[train if not targets.class_names else train[:0]].astype(np.float64)
    return DataReport(
        source=section.source.source_name,
        shape=features.shape,
        streamed=not features.in_memory,
        unit=raw.unit,
        class_names=targets.class_names,
        targets=None if targets.class_names else (float(values.min()), float(values.max())),
        target_means=tuple(learnt.mean(axis=0).tolist()) if len(learnt) else (),
        target_deviations=tuple(learnt.std(axis=0).tolist()) if len(learnt) else (),
        parts=tuple(look.report(name, targets) for name, look in looks.items()),
        inputs=tuple(column.shown for column in raw.columns),
        columns=_columns(raw, features, train[looks["training"].sound], missing),
        mixed=_mixed(config, raw, targets, identities, parts),
        drawn_by=_drawn_by(section, raw, given),
        duplicates=duplicates(
            list(looks),
            {name: identities.values[indices].tolist() for name, indices in given.items()},
            {name: values[indices] for name, indices in given.items()},
        ),
        near_duplicates=near_duplicates(
            {
                name: _some(features, indices[looks[name].sound], samples, rng)
                for name, indices in given.items()
                if looks[name].sound.any()
            }
        )
        if looks["training"].sound.any()
        else (),
        distances=apart,
        limits=most,
        preprocessing=preprocessing,
        fitted=fitted,
        class_weights=tuple(class_weights(section, targets, train).tolist())
        if section.class_weights is not None
        else (),
    )


def _mixed(
    config: Config, raw: RawData, targets: Targets, identities: Identities, parts: Parts
) -> MixedReport | None:
    """The second source, held against the first."""
    names = targets.class_names
    task: Task = "multiclass" if names else "regression"
    units = len(names) if names else targets.values.shape[1]
    mixed = load_mixed(config.needed("data"), config.folder, raw, names, task, units)
    if mixed is None:
        return None
    own = mixed.identify(identities.key).values[mixed.training]
    taken = int(unknown_to(own, identities.values, parts).sum())
    return MixedReport(mixed.mix.source.source_name, mixed.mix.share, taken, len(own) - taken)


def _some(
    features: Features, indices: Indices, samples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """So many samples of a part at most, and of large images fewer."""
    most = max(2, min(samples, _COMPARED_VALUES // max(1, int(np.prod(features.shape)))))
    if len(indices) > most:
        indices = np.sort(rng.choice(indices, most, replace=False))
    return features.take(indices).astype(np.float64)


def _columns(
    raw: RawData, features: Features, train: Indices, missing: Mapping[str, int]
) -> tuple[ColumnReport, ...]:
    """Each column of a table in the training part, one at a time."""
    if not raw.columns or not len(train):
        return ()
    x = features.take(train).reshape(len(train), -1)
    moments = moments_of(features, train, [], -1)
    found: dict[str, ColumnReport] = {}
    for j, column in enumerate(raw.columns):
        name, gaps = column.name, missing.get(column.name, 0)
        if column.category is not None:
            known = found[name].categories if name in found else 0
            found[name] = ColumnReport(name, gaps, known + 1, None, None, None, None, None)
        elif column.indicates is None:
            own = x[:, j]
            deviation = math.sqrt(float(moments.variance[j]))
            figures = (
                float(own.min()),
                float(own.max()),
                float(moments.mean[j]),
                float(np.median(own)),
                deviation,
            )
            found[name] = ColumnReport(name, gaps, 0, *figures)
    return tuple(found.values())


def _drawn_by(section: DataSection, raw: RawData, parts: Mapping[str, Indices]) -> DrawnBy | None:
    if section.split is None or raw.parts_by is None:
        return None
    drawn = []
    rest = len(raw.parts_by)
    for name, share, own in (
        ("test", section.test, raw.test),
        ("validation", section.validation, raw.validation),
    ):
        if own is None and name in parts:
            drawn.append(Drawn(name, share, len(parts[name]) / rest))
            rest -= len(parts[name])
    names = ("training", *(part.name for part in reversed(drawn)))
    values = tuple(len(np.unique(raw.parts_by[parts[name]])) for name in names)
    return DrawnBy(section.split.key, section.split.name, values, names, tuple(drawn))


class _Look:
    """One pass over the samples of a part, a few at a time."""

    def __init__(self, features: Features, indices: Indices, targets: Targets) -> None:
        self.indices = indices
        sound: list[NDArray[np.bool_]] = []
        self.least, self.greatest = np.inf, -np.inf
        size = max(1, _VALUES // max(1, int(np.prod(features.shape))))
        for start in range(0, len(indices), size):
            x = features.take(indices[start : start + size])
            finite: NDArray[np.bool_] = np.asarray(np.isfinite(x.reshape(len(x), -1)).all(axis=1))
            sound.append(finite)
            if finite.any():
                self.least = min(self.least, float(x[finite].min()))
                self.greatest = max(self.greatest, float(x[finite].max()))
        self.sound = np.concatenate(sound)
        self.moments = moments_of(features, indices[self.sound], [], None) if self.sound.any() else None

    def report(self, name: str, targets: Targets) -> PartReport:
        """What was seen."""
        count = len(targets.class_names)
        classes = targets.values[self.indices].astype(np.int64) if count else np.zeros(0, np.int64)
        nothing = self.moments is None
        return PartReport(
            name=name,
            samples=len(self.indices),
            broken=int((~self.sound).sum()),
            least=0.0 if nothing else self.least,
            greatest=0.0 if nothing else self.greatest,
            mean=0.0 if self.moments is None else float(self.moments.mean[0]),
            deviation=0.0 if self.moments is None else float(np.sqrt(self.moments.variance[0])),
            per_class=tuple(np.bincount(classes, minlength=count).tolist()) if count else (),
        )


def _apart(
    features: Features,
    targets: Targets,
    whole: Indices,
    test: Indices,
    samples: int,
    rng: np.random.Generator,
    config: Config,
) -> tuple[Distances | None, tuple[Limit, ...]]:
    """Distances over all parts, and what they leave to be certified of the test part."""
    if not targets.class_names:
        return None, ()

    def drawn(indices: Indices) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        if len(indices) > samples:
            indices = np.sort(rng.choice(indices, samples, replace=False))
        x = features.take(indices).reshape(len(indices), -1).astype(np.float64)
        return x, targets.values[indices].astype(np.int64)

    apart = distances(*drawn(whole)) if len(whole) else None
    return apart, limits(*drawn(test), config.certify.radii, max(len(test), 1))


def _fitted(section: DataSection, features: Features, train: Indices) -> tuple[float, tuple[Deviations, ...]]:
    """The constant of the preprocessing, and what its steps find in the training part."""
    if not len(train):
        return math.inf, ()
    # Without a least deviation nothing can be trained, but the deviations are to be seen all the same.
    bounded = [
        step if step.is_bounded else step.model_copy(update={"least_std": 1e-6})
        for step in section.preprocess
    ]
    try:
        ready = fit(bounded, features, train)
        found = tuple(
            Deviations(
                after.kind, tuple(as_tuple(after.mean)), tuple(math.sqrt(v) for v in as_tuple(after.variance))
            )
            for before, after in zip(bounded, ready)
            if isinstance(after, Normalization) and not before.is_fitted and after.mean is not None
            if after.variance is not None
        )
        constant, shape = 1.0, features.shape
        for step in ready:
            for layer in step.unfold(shape):
                constant = mul_up(constant, layer.gain(shape))
                shape = tuple(size or 0 for size in layer.output_shape(shape))
    except ShapeError as error:
        raise RefusedError(f"`data.preprocess`: {error.message}", error.help) from None
    return constant if all(step.is_bounded for step in section.preprocess) else math.inf, found
