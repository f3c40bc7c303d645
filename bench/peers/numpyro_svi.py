"""NumPyro: stochastic variational inference with the KL divergence in closed form, its particles being the samples."""

import jax
import jax.numpy as jnp
import numpyro
from numpyro import distributions as dist
from numpyro.infer import SVI, TraceMeanField_ELBO

from jax_model import network
from problem import initial, read_problem
from protocol import arguments, serve

options = arguments()
# half the work of the default, with normals as good
jax.config.update("jax_threefry_partitionable", False)


def build():
    problem = read_problem(options.folder)
    x, y = jnp.asarray(problem.x), jnp.asarray(problem.y)
    forward = network(problem)
    means, log_stds, fixed = initial(problem)

    def model(x, y):
        weights = [
            numpyro.sample(f"w{i}", dist.Normal(jnp.zeros(mean.shape), 1).to_event(mean.ndim))
            for i, mean in enumerate(means)
        ]
        outputs = forward(x, weights, [numpyro.param(f"fixed{i}", value) for i, value in enumerate(fixed)])
        if problem.likelihood.kind == "categorical":
            likelihood = dist.Categorical(logits=outputs)
        else:
            likelihood = dist.Normal(outputs, problem.likelihood.noise).to_event(1)
        with numpyro.plate("data", problem.dataSize, subsample_size=problem.batch):
            numpyro.sample("y", likelihood, obs=y)

    def guide(x, y):
        for i, (mean, log_std) in enumerate(zip(means, log_stds)):
            q = dist.Normal(numpyro.param(f"mean{i}", mean), jnp.exp(numpyro.param(f"log_std{i}", log_std)))
            numpyro.sample(f"w{i}", q.to_event(mean.ndim))

    elbo = TraceMeanField_ELBO(num_particles=problem.samples)
    svi = SVI(model, guide, numpyro.optim.Adam(problem.learningRate), elbo)
    state = svi.init(jax.random.key(0), x[0], y[0])
    update = jax.jit(svi.update, donate_argnums=0)

    def step(i):
        nonlocal state
        state, loss = update(state, x[i % len(x)], y[i % len(y)])
        return float(loss) / problem.dataSize

    return step


serve(build, {"numpyro": numpyro.__version__})
