"""Every rule there is, in the order of their codes."""

from __future__ import annotations

from lipbuild.rules.quality import (
    missing_flatten,
    norm_losing_activations,
)
from lipbuild.rules.rule import Rule
from lipbuild.rules.schema import (
    cyclic_graphs,
    duplicate_names,
    indivisible_group_sort,
    missing_keys,
    out_of_range_values,
    shape_mismatches,
    unknown_inputs,
    unknown_keys,
    unknown_layer_types,
    unknown_names,
    unused_layers,
    wrong_types,
)
from lipbuild.rules.soundness import (
    attention,
    batch_normalization,
    dropout,
    expansive_activations,
    lambda_layers,
    layer_normalization,
    lipschitz_budget_exceeded,
    multiplicative_merges,
    overlapping_average_pooling,
    overlapping_max_pooling,
    plain_convolutions,
    plain_dense,
    recurrent_layers,
    unscaled_average_pooling,
    upsampling,
)
from lipbuild.rules.source import (
    duplicate_keys,
    empty_configs,
    excessive_depth,
    explicit_tags,
    malformed_options,
    malformed_yaml,
    merge_keys,
    multiple_documents,
    oversized_expansion,
    recursive_aliases,
    unknown_aliases,
    unreadable_parents,
    unresolved_variables,
)
from lipbuild.rules.training import (
    mismatched_outputs,
    mismatched_tasks,
)

_MODULES = (
    duplicate_keys,
    empty_configs,
    excessive_depth,
    explicit_tags,
    malformed_options,
    malformed_yaml,
    merge_keys,
    multiple_documents,
    oversized_expansion,
    recursive_aliases,
    unknown_aliases,
    unreadable_parents,
    unresolved_variables,
    cyclic_graphs,
    duplicate_names,
    indivisible_group_sort,
    missing_keys,
    out_of_range_values,
    shape_mismatches,
    unknown_inputs,
    unknown_keys,
    unknown_layer_types,
    unknown_names,
    unused_layers,
    wrong_types,
    attention,
    batch_normalization,
    dropout,
    expansive_activations,
    lambda_layers,
    layer_normalization,
    lipschitz_budget_exceeded,
    multiplicative_merges,
    overlapping_average_pooling,
    overlapping_max_pooling,
    plain_convolutions,
    plain_dense,
    recurrent_layers,
    unscaled_average_pooling,
    upsampling,
    missing_flatten,
    norm_losing_activations,
    mismatched_outputs,
    mismatched_tasks,
)

RULES: dict[str, Rule] = {
    rule.name: rule for rule in sorted((module.RULE for module in _MODULES), key=lambda rule: rule.code)
}

# The layers that some rule refuses by name: known to be unsound, rather than unknown.
REFUSED_LAYERS: frozenset[str] = frozenset(layer for rule in RULES.values() for layer in rule.layers)
