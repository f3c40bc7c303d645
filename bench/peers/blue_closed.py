"""torch_blue with the KL divergence in closed form, for which it samples outputs instead of weights in linear layers."""

from torch_blue.vi import AnalyticalKullbackLeiblerLoss

from blue_model import blue_loss
from torch_peer import run

run(lambda problem: blue_loss(problem, AnalyticalKullbackLeiblerLoss))
