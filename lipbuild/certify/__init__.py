"""Proofs about trained networks: Lipschitz bounds, certified radii and certificates that can be checked."""
