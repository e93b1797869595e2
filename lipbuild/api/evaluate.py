from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.building.keras_settings import keras_settings
from lipbuild.errors import UnusableError

if TYPE_CHECKING:
    from lipbuild.config.choices import Task
    from lipbuild.data.dataset import Dataset
    from lipbuild.evaluation.attack.options import AttackOptions
    from lipbuild.evaluation.evaluation import Evaluation, Measured
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.trained import Trained


@keras_settings()
def evaluate(
    run: str | Path,
    radii: Sequence[float] | None = None,
    overrides: Sequence[str] = (),
    *,
    attack: AttackOptions | None = None,
    plots: bool = False,
    on: str | Path | None = None,
    known_only: bool = False,
) -> Evaluation:
    """Measure a trained network on its test data, and write what was found into its run folder.

    `evaluation.json` holds the figures, `evaluation_samples.csv` a line a sample. The network's constant is
    proved anew from its trained weights, and margins become radii by what was proved. Logits are computed in
    float64, and the error of their rounding is subtracted. A config that silences a soundness rule has no
    certificate: then nothing is stated but what was measured.

    Args:
        run: The run folder.
        radii: The L2 radii, in the units of the data; those of the config where left out.
        overrides: `path=value` options laid over the run's config, such as where the data is now.
        attack: Attack some of the samples, so hard; `attacks.npz` then holds what was found.
        plots: Whether to write the report's charts of a classifier into `plots/` too: as SVG, and as PNG where the
            extra `plots` is installed.
        on: Another file or folder of the kind that the run's source is, to be measured on in place of its test part;
            the result says so.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Raises:
        lipbuild.errors.RefusedError: The weights exceed what the config promises, the data does not fit or is not
            that of the training, or an attack changes a class inside its certified radius: `violations.npz` then
            holds the sample.
        lipbuild.errors.UnusableError: It is no run folder, a file is missing, or an extra is not installed.
    """
    from lipbuild.evaluation.column_slopes import column_slopes
    from lipbuild.evaluation.run_logits import RunLogits
    from lipbuild.evaluation.trained import load_trained
    from lipbuild.exporting.source import columns_of
    from lipbuild.reporting.chart_files import write_charts
    from lipbuild.reporting.live.report_file import refresh_report
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.training.files import write_json
    from lipbuild.training.run_folder import open_run_folder

    folder = open_run_folder(Path(run))
    trained = load_trained(folder, overrides)
    task = trained.config.needed("train").loss.task
    chosen = tuple(radii) if radii is not None else tuple(trained.config.certify.radii)
    dataset, about = _data(trained, Path(on) if on is not None else None, known_only)
    network = RunLogits.of(trained)
    if attack is not None:
        # What an earlier evaluation stated must not stand beside a violation.
        for path in (folder.evaluation, folder.samples, folder.attacks, folder.violations):
            path.unlink(missing_ok=True)
    if task == "regression":
        evaluation = _regression(trained, network, dataset, chosen, attack)
    else:
        evaluation = _classes(trained, task, network, dataset, chosen, attack)
    columns = columns_of(trained.config, dataset)
    # Where a table is an image its pixels are not columns.
    is_flat = columns is not None and trained.graph.input_shape == (len(columns),)
    if columns is not None and is_flat and network.certified is not None and not network.voided:
        slopes = column_slopes(network.certified, columns, dataset.test.x)
        evaluation = replace(evaluation, columns=slopes)
    evaluation = replace(evaluation, voided_by=trained.voided_by, uncertified=network.uncertified, data=about)
    write_json(folder.evaluation, evaluation.as_json())
    if plots and task != "regression":
        write_charts(RunFiles(folder))
    refresh_report(folder)
    return evaluation


def _data(trained: Trained, on: Path | None, known_only: bool) -> tuple[Dataset, Measured]:
    """What is measured on, and what the result says of it."""
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
    dataset, learnt = load_other(trained.config, trained.graph, contract_of(trained.folder), on)
    if learnt is None:
        said = "nothing says which of the samples the network was trained on: the run has no data contract that could"
    else:
        said = f"{learnt:,} of the samples are ones that the network was trained on" if learnt else ""
    notes = (said,) if said else ()
    return dataset, Measured(str(on), dataset.digests.get("test"), notes)


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
