from pydantic import Field

from lipbuild.config.losses.pairwise_loss import PairwiseLossSpec


class TRADES(PairwiseLossSpec):
    """T·[CE(f/T, y) + λ·KL(softmax(f/T) ‖ softmax([f, f_⊥]/T))], f_⊥ the best rival within ε (Leino et al. 2021)."""

    lam: float = Field(1.0, ge=0, description="λ: the weight of robustness against accuracy.")
