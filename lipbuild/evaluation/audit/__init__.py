"""Looking at a trained model of any origin: what is proved about it, what is not, and what to change."""
