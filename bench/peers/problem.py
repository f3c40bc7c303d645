"""What is to be learned, as the driver wrote it into a folder: problem.json, x.bin and y.bin."""

import json
import os
from types import SimpleNamespace

import numpy as np


def read_problem(folder):
    """The problem, with x [batches, B, ...] (float32, channels last) and y [batches, B] (labels) or [batches, B, D]."""
    with open(os.path.join(folder, "problem.json"), encoding="utf-8") as file:
        problem = json.load(file, object_hook=lambda entries: SimpleNamespace(**entries))
    labels = problem.likelihood.kind == "categorical"
    x = np.fromfile(os.path.join(folder, "x.bin"), np.float32)
    y = np.fromfile(os.path.join(folder, "y.bin"), np.int32 if labels else np.float32)
    first = (-1, problem.batch)
    problem.x = x.reshape(*first, *problem.inputShape)
    problem.y = y.reshape(first) if labels else y.reshape(*first, problem.outputs)
    return problem


def parameters(problem):
    """Shapes with fan-in of the Bayesian parameters, and (shape, value) of the others, in the order of the network."""
    net = problem.network
    if net.kind == "mlp":
        pairs = zip(net.widths[:-1], net.widths[1:])
        return [item for i, o in pairs for item in dense(i, o)], []
    if net.kind == "cnn":
        side, channels = problem.inputShape[0], problem.inputShape[2]
        bayesian = []
        for filters in net.filters:
            fan_in = 9 * channels
            bayesian += [((3, 3, channels, filters), fan_in), ((filters,), fan_in)]
            side, channels = side // 2, filters
        return bayesian + dense(side * side * channels, problem.outputs), []
    patch = net.patch**2 * problem.inputShape[2]
    layer = dense(net.dim, 3 * net.dim) + dense(net.dim, net.dim) + dense(net.dim, net.mlp) + dense(net.mlp, net.dim)
    norm = [((net.dim,), 1.0), ((net.dim,), 0.0)]
    bayesian = dense(patch, net.dim) + net.depth * layer + dense(net.dim, problem.outputs)
    return bayesian, norm * (2 * net.depth + 1)


def dense(inputs, outputs):
    return [((inputs, outputs), inputs), ((outputs,), inputs)]


def initial(problem, seed=0):
    """Starting values: means uniform in +-1/sqrt(fan-in), standard deviations initialStd/sqrt(fan-in)."""
    random = np.random.default_rng(seed)
    bayesian, fixed = parameters(problem)
    means = [(random.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(np.float32) for shape, fan_in in bayesian]
    log_stds = [
        np.full(shape, np.log(problem.initialStd / np.sqrt(fan_in)), np.float32) for shape, fan_in in bayesian
    ]
    return means, log_stds, [np.full(shape, value, np.float32) for shape, value in fixed]
