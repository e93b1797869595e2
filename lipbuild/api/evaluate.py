from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from lipbuild.api.given import DataLike, RunLike
    from lipbuild.config.choices import Task
    from lipbuild.data.dataset import Dataset
    from lipbuild.evaluation.attack.options import AttackOptions
    from lipbuild.evaluation.evaluation import Evaluation, Measured
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.trained import Trained


@keras_settings()
def evaluate(
    run: RunLike,
    radii: Sequence[float] | None = None,
    overrides: Sequence[str] = (),
    *,
    attack: bool | AttackOptions = True,
    plots: bool | None = None,
    on: DataLike | None = None,
    known_only: bool = False,
) -> Evaluation:
    """Measure a trained network on its test data, and write what was found into its run folder.

    `evaluation.json` holds the figures, `evaluation_samples.csv` a line a sample. The network's constant is
    proved anew from its trained weights, and margins become radii by what was proved. Logits are computed in
    float64, and the error of their rounding is subtracted. A config that silences a soundness rule has no
    certificate: then nothing is stated but what was measured.

    Args:
        run: The run folder, or what `train` returned.
        radii: The L2 radii, in the units of the data; those of the config where left out.
        overrides: `path=value` options laid over the run's config, such as where the data is now.
        attack: Whether some of the samples are attacked, or how hard; `attacks.npz` then holds what was found.
        plots: Whether to write the report's charts of a classifier into `plots/` too: as SVG, and as PNG where the
            extra `plots` is installed; where it is, if left out.
        on: Other data to be measured on in place of the test part: a file or a folder of the kind that the run's
            source is, arrays `(x, y)`, or a `tf.data.Dataset` of such pairs; the result says so.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Raises:
        lipbuild.errors.RefusedError: The weights exceed what the config promises, the data does not fit or is not
            that of the training, or an attack changes a class inside its certified radius: `violations.npz` then
            holds the sample.
        lipbuild.errors.UnusableError: It is not a run folder, a file is missing, or an extra is not installed.
    """
    from lipbuild.api.given import run_path
    from lipbuild.evaluation.attack.options import AttackOptions
    from lipbuild.evaluation.column_slopes import column_slopes
    from lipbuild.evaluation.column_tolerances import column_tolerances, held_columns
    from lipbuild.evaluation.monotone import check_monotone
    from lipbuild.evaluation.partial_dependence import partial_dependence
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.tolerance_evaluation import evaluate_tolerance
    from lipbuild.evaluation.trained import load_trained
    from lipbuild.exporting.source import columns_of
    from lipbuild.reporting.chart_files import write_charts
    from lipbuild.reporting.charts.drawing_file import png_can_be_drawn
    from lipbuild.reporting.live.report_file import refresh_report
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.training.files import write_json
    from lipbuild.training.run_folder import open_run_folder

    folder = open_run_folder(run_path(run))
    trained = load_trained(folder, overrides)
    task = trained.config.needed("train").loss.task
    chosen = tuple(radii) if radii is not None else tuple(trained.config.certify.radii)
    dataset, about = _data(trained, on, known_only)
    network = RunLogits.of(trained)
    options = AttackOptions() if attack is True else attack or None
    if options is not None:
        # What an earlier evaluation stated must not stand beside a violation.
        for path in (folder.evaluation, folder.samples, folder.attacks, folder.violations):
            path.unlink(missing_ok=True)
    if task == "regression":
        evaluation = _regression(trained, network, dataset, chosen, options)
    else:
        evaluation = _classes(trained, task, network, dataset, chosen, options)
    columns = columns_of(trained.config, dataset)
    # Where a table is an image its pixels are not columns.
    is_flat = columns is not None and trained.graph.input_shape == (len(columns),)
    folder.dependence.unlink(missing_ok=True)
    if columns is not None and is_flat and network.certified is not None and not network.voided:
        slopes = column_slopes(network.certified, columns, dataset.test.x)
        check_monotone(trained.config, {one.name: (one.least, one.greatest) for one in slopes})
        evaluation = replace(evaluation, columns=slopes)
        outputs = _output_names(trained, dataset, len(slopes[0].least) if slopes else 0)
        dependence = partial_dependence(network.certified.network, columns, slopes, dataset.test.x, outputs)
        if dependence is not None:
            dependence.write(folder.dependence)
    if trained.config.certify.tolerance is not None and network.certified is not None and not network.voided:
        tolerances = column_tolerances(trained.config, columns if is_flat else None)
        bounds = network.certified.within(tolerances)
        held = held_columns(trained.config, columns or ())
        right = None if task == "regression" else (network.logits(dataset.test.x), dataset.test.targets)
        evaluation = replace(evaluation, tolerance=evaluate_tolerance(bounds, held, right))
    evaluation = replace(evaluation, voided_by=trained.voided_by, uncertified=network.uncertified, data=about)
    write_json(folder.evaluation, evaluation.as_json())
    if (png_can_be_drawn() if plots is None else plots) and task != "regression":
        write_charts(RunFiles(folder))
    refresh_report(folder)
    return evaluation


def _output_names(trained: Trained, dataset: Dataset, count: int) -> list[str]:
    """What each output is called: a target with its unit, or a class."""
    from lipbuild.exporting.source import targets_of

    targets = targets_of(trained.config)
    names = [f"{one.name} ({one.unit})" if one.unit else one.name for one in targets] or [
        *dataset.class_names
    ]
    if len(names) == count:
        return names
    return ["output"] if count == 1 else [f"output {number}" for number in range(count)]


def _data(trained: Trained, on: DataLike | None, known_only: bool) -> tuple[Dataset, Measured]:
    """What is measured on, and what the result says of it."""
    from lipbuild.api.given import data_path, is_path
    from lipbuild.config.sources import SOURCES
    from lipbuild.data.contract.other import load_other
    from lipbuild.evaluation.evaluation import Measured
    from lipbuild.training.run_data import contract_of, load_run_data

    if on is not None and known_only:
        raise UnusableError(
            "`--known-only` is about the data of the training, and `--on` measures on other data",
            "give one of them",
        )
    if on is None:
        dataset = load_run_data(trained.folder, trained.config, trained.graph, known_only=known_only)
        return dataset, Measured(digest=dataset.digests.get("test"), notes=dataset.notes)
    config = trained.config
    with data_path(on) as path:
        assert path is not None
        if not is_path(on):
            # Arrays are read as an archive, whatever the training read.
            data = config.needed("data").model_copy(
                update={"source": SOURCES["npz"].model_validate({"path": str(path)})}
            )
            config = replace(config, data=data)
        dataset, learnt = load_other(config, trained.graph, contract_of(trained.folder), path)
    if learnt is None:
        said = "nothing says which of the samples the network was trained on: the run has no data contract that could"
    else:
        said = f"{learnt:,} of the samples are ones that the network was trained on" if learnt else ""
    notes = (said,) if said else ()
    return dataset, Measured(str(on) if is_path(on) else "arrays", dataset.digests.get("test"), notes)


def _regression(
    trained: Trained,
    network: RunLogits,
    dataset: Dataset,
    radii: Sequence[float],
    attack: AttackOptions | None,
) -> Evaluation:
    from lipbuild.data.baseline import regressor_baseline
    from lipbuild.evaluation.evaluate_regressor import evaluate_regressor
    from lipbuild.evaluation.movement_attack import attack_movement

    outputs = network.logits(dataset.test.x)
    is_certified = network.certified is not None and not network.voided
    evaluation = evaluate_regressor(
        outputs.values,
        dataset.test.targets,
        radii if is_certified else (),
        promised=trained.graph.lipschitz,
        proved=network.lipschitz,
        unit=dataset.unit,
    )
    if len(dataset.train):
        baseline = regressor_baseline(dataset.train.targets, dataset.test.targets, outputs.values)
        evaluation = replace(evaluation, baseline=baseline)
    if attack is None:
        return evaluation
    allowed = network.lipschitz if is_certified else None
    moved = attack_movement(network.plain, dataset.test.x, outputs, allowed, radii, attack)
    return replace(evaluation, movement_attack=moved)


def _classes(
    trained: Trained,
    task: Task,
    network: RunLogits,
    dataset: Dataset,
    radii: Sequence[float],
    attack: AttackOptions | None,
) -> Evaluation:
    from lipbuild.data.baseline import classifier_baseline
    from lipbuild.evaluation.attack_summary import summarize_attack
    from lipbuild.evaluation.calibration import calibrate
    from lipbuild.evaluation.class_distance import class_distance
    from lipbuild.evaluation.evaluate_classifier import evaluate_classifier
    from lipbuild.evaluation.judged import judge
    from lipbuild.evaluation.plane import plane
    from lipbuild.evaluation.sample_attack import attack_samples, check_attack
    from lipbuild.evaluation.sample_table import sample_table
    from lipbuild.exporting.source import columns_of
    from lipbuild.training.files import write_text

    test, folder = dataset.test, trained.folder
    judged = judge(network.logits(test.x), network.head, test.targets)
    evaluation = evaluate_classifier(
        task,
        judged,
        dataset.class_names,
        radii,
        promised=trained.graph.lipschitz,
        proved=network.lipschitz,
        unit=dataset.unit,
        serving=network.serving(test.x, judged.logits, judged.targets),
        calibration=calibrate(judged) if len(test) > 1 else None,
    )
    if task == "binary" and network.head is not None:
        apart = class_distance(judged.logits, judged.targets, dataset.class_names, network.lipschitz)
        evaluation = replace(evaluation, distance=apart)
    classifies = trained.config.needed("train").loss.classifies
    evaluation = replace(evaluation, classifies=classifies)
    accuracy = float(judged.right.mean())
    # Of other data nobody knows what a constant answer would have learnt.
    if len(dataset.train) and classifies:
        baseline = classifier_baseline(dataset.train.targets, test.targets, dataset.class_names, accuracy)
        evaluation = replace(evaluation, baseline=baseline)
    attacked = None
    if attack is not None and classifies:
        attacked = attack_samples(network.plain, judged, test.x, attack)
        check_attack(attacked, judged, folder.violations)
        attacked.write(folder.attacks, judged)
        evaluation = replace(evaluation, attack=summarize_attack(attack, attacked, judged, radii))
    write_text(folder.samples, sample_table(judged, attacked))
    folder.plane.unlink(missing_ok=True)
    if classifies and test.x.shape[1:] == (2,):
        columns = columns_of(trained.config, dataset) or ()
        names = [c.shown if c.unit is None else f"{c.shown} ({c.unit})" for c in columns]
        axes = (names[0], names[1]) if len(names) == 2 else ("first number", "second number")
        plane(network.logits, network.head, test.x, judged.targets, axes).write(folder.plane)
    return evaluation
