"""
torch_blue as its documentation shows it, with its own objective: the log of the mean softmax, or of a normal fitted to the
samples. Its KL divergence is estimated from the samples here; `blue_closed.py` has it in closed form.
"""

from torch_blue.vi import KullbackLeiblerLoss

from blue_model import blue_loss
from torch_peer import run


def build(problem):
    return blue_loss(problem, lambda model, predictive, size: KullbackLeiblerLoss(predictive, size))


run(build)
