"""JAX: the whole training step, Adam included, compiled by jax.jit. The parameters are donated."""

import jax
import jax.numpy as jnp

from jax_model import network, nll
from problem import initial, read_problem
from protocol import arguments, serve

options = arguments()
# half the work of the default, with normals as good
jax.config.update("jax_threefry_partitionable", False)


def build():
    problem = read_problem(options.folder)
    x, y = jnp.asarray(problem.x), jnp.asarray(problem.y)
    forward = network(problem)
    parameters = jax.tree.map(jnp.asarray, initial(problem))

    def sampled_nll(key, parameters, x, y):
        means, log_stds, fixed = parameters
        keys = jax.random.split(key, len(means))
        weights = [
            mean + jnp.exp(log_std) * jax.random.normal(key, mean.shape)
            for key, mean, log_std in zip(keys, means, log_stds)
        ]
        return nll(problem, forward(x, weights, fixed), y)

    def loss(parameters, key, x, y):
        means, log_stds, _ = parameters
        keys = jax.random.split(key, problem.samples)
        if problem.network.kind == "cnn":  # grouped convolutions are far slower than one after the other
            data = sum(sampled_nll(key, parameters, x, y) for key in keys) / problem.samples
        else:
            data = jax.vmap(sampled_nll, (0, None, None, None))(keys, parameters, x, y).mean()
        kl = sum(
            (0.5 * (jnp.exp(2 * log_std) + jnp.square(mean) - 1) - log_std).sum()
            for mean, log_std in zip(means, log_stds)
        )
        return data + kl / problem.dataSize

    def adam(parameters, gradients, first, second, count):
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        rate = problem.learningRate * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        parameters = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, first, second
        )
        return parameters, first, second

    def advance(state, i, x, y):
        parameters, first, second = state
        key = jax.random.fold_in(jax.random.key(0), i)
        value, gradients = jax.value_and_grad(loss)(parameters, key, x, y)
        return adam(parameters, gradients, first, second, i + 1.0), value

    compiled = jax.jit(advance, donate_argnums=0)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.zeros_like, parameters))

    def step(i):
        nonlocal state
        state, value = compiled(state, i, x[i % len(x)], y[i % len(y)])
        return float(value)

    return step


serve(build, {"jax": jax.__version__})
