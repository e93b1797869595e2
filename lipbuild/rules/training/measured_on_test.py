from __future__ import annotations

from lipbuild.config.config import Config


def is_measured_on_test(config: Config) -> bool:
    """Whether the epochs of a training are measured on the test data, since nothing else is held out."""
    return (
        config.train is not None
        and config.data is not None
        and config.data.validation == 0
        and not config.data.source.has_validation()
    )


def choices_by_epochs(config: Config) -> list[str]:
    """The keys of the training by which what is measured after an epoch chooses the weights that are kept."""
    train = config.train
    if train is None:
        return []
    chosen = {
        "early_stopping": train.early_stopping is not None,
        "restore_best_weights": train.restore_best_weights,
    }
    return [key for key, given in chosen.items() if given]
