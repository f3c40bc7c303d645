"""The networks in JAX, for one weight sample."""

import jax
import jax.numpy as jnp
from jax import lax


def network(problem):
    """outputs [B, D] of (x, weights, fixed parameters)."""
    net = problem.network
    if net.kind == "mlp":
        return mlp
    return cnn if net.kind == "cnn" else lambda x, weights, fixed: vit(net, x, weights, fixed)


def mlp(x, weights, _fixed):
    for i in range(0, len(weights), 2):
        x = x @ weights[i] + weights[i + 1]
        if i + 2 < len(weights):
            x = jax.nn.relu(x)
    return x


def cnn(x, weights, _fixed):
    for i in range(0, len(weights) - 2, 2):
        x = lax.conv_general_dilated(x, weights[i], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + weights[i + 1])
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return x.reshape(x.shape[0], -1) @ weights[-2] + weights[-1]


def layer_norm(x, scale, offset):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5) * scale + offset


def vit(net, x, weights, fixed):
    batch, side, grid = x.shape[0], net.patch, x.shape[1] // net.patch
    x = x.reshape(batch, grid, side, grid, side, -1).swapaxes(2, 3).reshape(batch, grid * grid, -1)
    x = x @ weights[0] + weights[1]
    for layer in range(net.depth):
        query, out, up, down = ((weights[i], weights[i + 1]) for i in range(2 + 8 * layer, 10 + 8 * layer, 2))
        scales = fixed[4 * layer : 4 * layer + 4]
        heads = layer_norm(x, *scales[:2]) @ query[0] + query[1]
        heads = heads.reshape(*x.shape[:2], 3, net.heads, -1).transpose(2, 0, 3, 1, 4)
        scores = heads[0] @ heads[1].swapaxes(-1, -2) / (net.dim / net.heads) ** 0.5
        mixed = (jax.nn.softmax(scores) @ heads[2]).swapaxes(1, 2).reshape(x.shape)
        x = x + mixed @ out[0] + out[1]
        hidden = jax.nn.gelu(layer_norm(x, *scales[2:]) @ up[0] + up[1], approximate=False)
        x = x + hidden @ down[0] + down[1]
    return layer_norm(x, *fixed[-2:]).mean(-2) @ weights[-2] + weights[-1]


def nll(problem, outputs, y):
    """Negative log likelihood per datum, the mean over the batch."""
    if problem.likelihood.kind == "categorical":
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1).mean()
    std = problem.likelihood.noise
    return (jnp.square(outputs - y) / (2 * std**2) + jnp.log(std * (2 * jnp.pi) ** 0.5)).sum(-1).mean()
