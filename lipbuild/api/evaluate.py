from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    from lipbuild.certify.evaluation import Evaluation
    from lipbuild.spec.graph import Graph


def evaluate(
    run: str | Path, radii: Sequence[float] | None = None, overrides: Sequence[str] = ()
) -> Evaluation:
    """Measure a trained network on its test data, and write `evaluation.json` into its run folder.

    The network's constant is proved anew from its trained weights, and margins become radii by what was
    proved. Logits are computed in float64.

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
    from lipbuild.certify.network_radii import network_radii
    from lipbuild.certify.trained_bounds import prove
    from lipbuild.training.files import write_json
    from lipbuild.training.run_folder import open_run_folder
    from lipbuild.training.train import load_dataset
    from lipbuild.training.trained import load_trained

    trained = load_trained(open_run_folder(Path(run)), overrides)
    config, graph = trained.config, trained.graph
    dataset = load_dataset(config, graph)
    test = dataset.test
    plain = plain_model(trained.model, graph)
    kernels = _kernels(plain, graph)
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
    write_json(trained.folder.evaluation, evaluation.as_json())
    return evaluation


def _kernels(plain: keras.Model, graph: Graph) -> dict[str, NDArray[np.float32]]:
    """The kernel that each constrained layer applies."""
    import numpy as np

    from lipbuild.spec.layers.constrained import ConstrainedSpec

    return {
        node.name: np.asarray(plain.get_layer(node.name).kernel)
        for node in graph.nodes
        if isinstance(node.spec, ConstrainedSpec)
    }
