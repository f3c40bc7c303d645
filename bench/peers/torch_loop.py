"""Plain PyTorch: a loop over the weight samples."""

from torch_peer import loop_loss, run

run(loop_loss)
