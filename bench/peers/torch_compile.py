"""PyTorch through torch.compile, in the form that it compiles best."""

import torch
import torch._inductor.config

from torch_peer import fused_loss, loop_loss, run

# its own generator of normal numbers is far slower on CPUs than that of eager PyTorch
torch._inductor.config.fallback_random = True


def compiled_loss(problem):
    # grouped convolutions and their gradients are slower than a convolution for each sample
    model, loss = (loop_loss if problem.network.kind == "cnn" else fused_loss)(problem)
    return model, torch.compile(loss, dynamic=False)


run(compiled_loss)
