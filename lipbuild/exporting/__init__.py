"""A trained network as plain files, each past a gate."""
