"""Writes batchNorm.json: PyTorch's batch normalisation in training and in evaluation, its gradients and running averages.

    pip install torch
    python test/golden/batchNorm.py
"""

import json
from pathlib import Path

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)

EPSILON = 1e-3
MOMENTUM = 0.3
STEPS = 3


def normal(*shape):
    return torch.round(torch.randn(*shape), decimals=3)


def rounded(tensor):
    if tensor.ndim == 0:
        return float(f"{tensor.item():.13g}")
    return [rounded(each) for each in tensor]


def last(x):
    """Channels last, as Credence has them."""
    return x.movedim(1, -1)


def case(name, norm, shape):
    """Some batches one after the other; outputs and gradients are those of the last one."""
    norm.weight.data = normal(shape[1])
    norm.bias.data = normal(shape[1])
    batches = [normal(*shape) * 2 + 1 for _ in range(STEPS)]
    dy = normal(*shape)
    norm.train()
    for batch in batches:
        x = batch.clone().requires_grad_()
        output = norm(x)
    norm.zero_grad()
    (output * dy).sum().backward()
    mean, variance = norm.running_mean.clone(), norm.running_var.clone()
    norm.eval()
    return {
        "name": f"batch_norm/{name}",
        "quantity": "batch_norm",
        "inputs": {
            "batches": [rounded(last(batch)) for batch in batches],
            "weight": rounded(norm.weight),
            "bias": rounded(norm.bias),
            "epsilon": EPSILON,
            "momentum": MOMENTUM,
            "grad_output": rounded(last(dy)),
        },
        "expected": {
            "output": rounded(last(output)),
            "grad_x": rounded(last(x.grad)),
            "grad_scale": rounded(norm.weight.grad),
            "grad_offset": rounded(norm.bias.grad),
            "running_mean": rounded(mean),
            "running_var": rounded(variance),
            "evaluated": rounded(last(norm(batches[0]))),
        },
        "tolerance": 1e-9,
        "tolerance_f32": 2e-5,
    }


def options(channels):
    return {"num_features": channels, "eps": EPSILON, "momentum": MOMENTUM}


cases = [
    case("features", nn.BatchNorm1d(**options(3)), (5, 3)),
    case("sequences", nn.BatchNorm1d(**options(2)), (3, 2, 4)),
    case("images", nn.BatchNorm2d(**options(3)), (4, 3, 3, 2)),
    case("volumes", nn.BatchNorm3d(**options(2)), (2, 2, 2, 2, 3)),
]
Path(__file__).with_name("batchNorm.json").write_text(
    json.dumps(
        {
            "source": f"torch {torch.__version__}, float64: test/golden/batchNorm.py",
            "tolerance_rule": "|got-want| <= tolerance*max(1,|want|); tolerance is for float64 code, tolerance_f32 for float32 code",
            "layout": "channels last",
            "cases": cases,
        }
    )
    + "\n"
)
