from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipbuild.certify.evaluation import Evaluation


def evaluate(
    run: str | Path, radii: Sequence[float] | None = None, overrides: Sequence[str] = ()
) -> Evaluation:
    """Measure a trained network on its test data, and write `evaluation.json` into its run folder.

    The network's constant is proved anew from its trained weights, and margins become radii by what was
    proved. Logits are computed in float64. A config that silences a soundness rule has no certificate: then
    nothing is stated but what was measured.

    Args:
        run: The run folder.
        radii: The L2 radii, in the units of the data; those of the config where left out.
        overrides: `path=value` options laid over the run's config, such as where the data is now.

    Raises:
        lipbuild.errors.RefusedError: The weights exceed what the config promises, or the data does not fit.
        lipbuild.errors.UnusableError: It is no run folder, or a file is missing.
    """
    import numpy as np

    from lipbuild.build.plain import in_float64, plain_model
    from lipbuild.certify.evaluation import evaluate_classifier, evaluate_regressor
    from lipbuild.certify.kernel_bounds import applied_kernels
    from lipbuild.certify.network_radii import network_radii
    from lipbuild.certify.trained_bounds import prove
    from lipbuild.data.config_data import load_dataset
    from lipbuild.training.files import write_json
    from lipbuild.training.run_folder import open_run_folder
    from lipbuild.training.trained import load_trained

    trained = load_trained(open_run_folder(Path(run)), overrides)
    config, graph = trained.config, trained.graph
    dataset = load_dataset(config, graph)
    test = dataset.test
    plain = plain_model(trained.model, graph)
    kernels = applied_kernels(plain, graph)
    proved = prove(graph, kernels)
    outputs = np.asarray(
        in_float64(plain).predict(test.x.astype(np.float64), verbose=0, batch_size=1024), dtype=np.float64
    )
    assert config.train is not None
    task = config.train.loss.task
    chosen = tuple(radii) if radii is not None else tuple(config.certify.radii)
    if task == "regression":
        evaluation = evaluate_regressor(
            outputs,
            test.targets,
            chosen,
            promised=graph.lipschitz,
            proved=proved.bound,
            unit=dataset.unit,
        )
    else:
        evaluation = evaluate_classifier(
            task,
            outputs,
            network_radii(task, outputs, proved, kernels),
            test.targets,
            chosen,
            promised=graph.lipschitz,
            proved=proved.bound,
            unit=dataset.unit,
        )
    evaluation = evaluation.void(trained.voided_by)
    write_json(trained.folder.evaluation, evaluation.as_json())
    return evaluation
