"""What a trained network is worth on data: accuracy, certified radii, attacks, and the audit of a model."""
