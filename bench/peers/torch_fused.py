"""PyTorch with the weight samples in a batch axis (matrix products) or in groups of channels (convolutions)."""

from torch_peer import fused_loss, run

run(fused_loss)
