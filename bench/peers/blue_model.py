"""The networks made of torch_blue's layers."""

from torch import nn
from torch_blue.vi import VIConv2d, VILinear, VIModule, VISequential, VITransformerEncoderLayer
from torch_blue.vi.distributions import Categorical, MeanFieldNormal


class Patches(nn.Module):
    """Images [B, H, W, C] -> tokens [B, T, patch * patch * C]."""

    def __init__(self, patch):
        super().__init__()
        self.patch = patch

    def forward(self, x):
        batch, grid, side = x.shape[0], x.shape[1] // self.patch, self.patch
        return x.reshape(batch, grid, side, grid, side, -1).transpose(2, 3).reshape(batch, grid * grid, -1)


class MeanOfTokens(nn.Module):
    def forward(self, x):
        return x.mean(-2)


def network(problem):
    net, options = problem.network, {"variational_distribution": MeanFieldNormal(std=problem.initialStd)}
    if net.kind == "mlp":
        layers = []
        for inputs, outputs in zip(net.widths[:-1], net.widths[1:]):
            layers += [VILinear(inputs, outputs, **options), nn.ReLU()]
        return layers[:-1]
    if net.kind == "cnn":
        layers, (side, _, channels) = [], problem.inputShape
        for filters in net.filters:
            layers += [VIConv2d(channels, filters, 3, padding=1, **options), nn.ReLU(), nn.MaxPool2d(2)]
            side, channels = side // 2, filters
        return [*layers, nn.Flatten(), VILinear(side * side * channels, problem.outputs, **options)]
    patch = net.patch**2 * problem.inputShape[2]
    encoder = (
        VITransformerEncoderLayer(
            net.dim, net.heads, net.mlp, activation=nn.GELU(), norm_first=True, rescale_prior=False, **options
        )
        for _ in range(net.depth)
    )
    head = [nn.LayerNorm(net.dim), MeanOfTokens(), VILinear(net.dim, problem.outputs, **options)]
    return [Patches(net.patch), VILinear(patch, net.dim, **options), *encoder, *head]


def blue_loss(problem, make_loss):
    """(model, loss); the loss is per datum, as everybody's."""
    model = VISequential(*network(problem))
    assert isinstance(model, VIModule)
    predictive = Categorical() if problem.likelihood.kind == "categorical" else MeanFieldNormal()
    criterion = make_loss(model, predictive, problem.dataSize)

    def loss(x, y):
        return criterion(model(x, samples=problem.samples), y).sum() / problem.dataSize

    return model, loss
