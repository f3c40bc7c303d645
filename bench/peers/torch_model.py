"""
The networks in PyTorch: for one weight sample (`one`), and for all samples at once (`many`), the samples being a batch
axis of matrix products and groups of channels in convolutions.
"""

import torch
import torch.nn.functional as F

from problem import initial


class Variational(torch.nn.Module):
    """Means and log standard deviations of the weights, and the parameters that have no distribution."""

    def __init__(self, problem):
        super().__init__()
        means, log_stds, fixed = (
            torch.nn.ParameterList(torch.from_numpy(value) for value in values) for values in initial(problem)
        )
        self.means, self.log_stds, self.fixed = means, log_stds, fixed

    def sample(self, *samples):
        """Weights, each [*samples, ...shape]."""
        return [
            torch.addcmul(mean, log_std.exp(), torch.randn(*samples, *mean.shape, device=mean.device))
            for mean, log_std in zip(self.means, self.log_stds)
        ]

    def kl(self):
        """KL divergence to independent standard normals, in closed form."""
        terms = (
            (0.5 * (torch.exp(2 * log_std) + mean.square() - 1) - log_std).sum()
            for mean, log_std in zip(self.means, self.log_stds)
        )
        return sum(terms)


def network(problem):
    """(one, many): outputs [B, D] of x and a weight sample, and [S, B, D] of x and all of them."""
    net = problem.network
    if net.kind == "mlp":
        return mlp_one, mlp_many
    if net.kind == "cnn":
        return cnn_one, cnn_many

    def vit(x, weights, fixed):
        return vit_any(net, x, weights, fixed)

    return vit, vit


def linear(x, weight, bias):
    """x [N, I] or [S, N, I] and one weight, or x [S, N, I] and S weights."""
    if weight.dim() == 2:
        return torch.addmm(bias, x.reshape(-1, x.shape[-1]), weight).reshape(*x.shape[:-1], -1)
    return torch.baddbmm(bias.unsqueeze(1), x, weight)


def mlp_one(x, weights, _fixed):
    for i in range(0, len(weights), 2):
        x = torch.addmm(weights[i + 1], x, weights[i])
        if i + 2 < len(weights):
            x = F.relu(x)
    return x


def mlp_many(x, weights, _fixed):
    samples = weights[0].shape[0]
    x = x.expand(samples, *x.shape)
    for i in range(0, len(weights), 2):
        x = torch.baddbmm(weights[i + 1].unsqueeze(1), x, weights[i])
        if i + 2 < len(weights):
            x = F.relu(x)
    return x


def cnn_one(x, weights, _fixed):
    for i in range(0, len(weights) - 2, 2):
        x = F.conv2d(x, weights[i].permute(3, 2, 0, 1), weights[i + 1], padding=1)
        x = F.max_pool2d(F.relu(x), 2)
    return torch.addmm(weights[-1], x.flatten(1), weights[-2])


def cnn_many(x, weights, _fixed):
    samples = weights[0].shape[0]
    groups = 1  # the first convolution has one input for all samples
    for i in range(0, len(weights) - 2, 2):
        filters = weights[i].permute(0, 4, 3, 1, 2).flatten(0, 1)
        x = F.conv2d(x, filters, weights[i + 1].flatten(), padding=1, groups=groups)
        x = F.max_pool2d(F.relu(x), 2)
        groups = samples
    x = x.unflatten(1, (samples, -1)).flatten(2).transpose(0, 1)
    return torch.baddbmm(weights[-1].unsqueeze(1), x, weights[-2])


def vit_any(net, x, weights, fixed):
    """x: images [B, H, W, C]. Weights with a first axis for the samples give outputs with one."""
    samples = weights[0].shape[:-2]
    batch, side, grid = x.shape[0], net.patch, x.shape[1] // net.patch
    tokens = grid * grid
    rows = (*samples, batch * tokens, -1)
    x = x.reshape(batch, grid, side, grid, side, -1).transpose(2, 3).reshape(batch * tokens, -1)
    x = linear(x.expand(*samples, *x.shape), weights[0], weights[1])
    for layer in range(net.depth):
        query, out, up, down = ((weights[i], weights[i + 1]) for i in range(2 + 8 * layer, 10 + 8 * layer, 2))
        scales = fixed[4 * layer : 4 * layer + 4]
        heads = linear(F.layer_norm(x, (net.dim,), *scales[:2]), *query)
        heads = heads.reshape(-1, tokens, 3, net.heads, net.dim // net.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads.unbind(0)).transpose(1, 2).reshape(rows)
        x = x + linear(mixed, *out)
        x = x + linear(F.gelu(linear(F.layer_norm(x, (net.dim,), *scales[2:]), *up)), *down)
    x = F.layer_norm(x, (net.dim,), *fixed[-2:]).reshape(*samples, batch, tokens, net.dim).mean(-2)
    return linear(x, weights[-2], weights[-1])


def nll(problem, outputs, y):
    """Negative log likelihood per datum of outputs [..., B, D], averaged over everything but D."""
    rows = outputs.reshape(-1, outputs.shape[-1])
    repeats = rows.shape[0] // y.shape[0]
    if problem.likelihood.kind == "categorical":
        return F.cross_entropy(rows, y.repeat(repeats))
    std = problem.likelihood.noise
    constant = y.shape[-1] * torch.log(torch.tensor(std * (2 * torch.pi) ** 0.5)).item()
    return (outputs - y).square().sum() / (2 * std**2 * rows.shape[0]) + constant
