from lipbuild.config.losses.pairwise_loss import PairwiseLossSpec


class EMMA(PairwiseLossSpec):
    """T·CE((f + e·ε·M_y)/T, y), e_i the share of ε·M_yi that f_y − f_i has already (Hu et al. 2023)."""
