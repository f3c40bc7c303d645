"""Writes torchBlue.json: what torch_blue itself computes for small models, with the noise it drew.

    pip install torch_blue==1.1.0
    python test/golden/torchBlue.py
"""

import json
import math
from pathlib import Path

import torch
import importlib.metadata
from torch import nn
from torch._C._functorch import get_unwrapped
from torch_blue.vi import (
    AnalyticalKullbackLeiblerLoss,
    VIConv2d,
    VILinear,
    VIModule,
    VIMultiheadAttention,
)
from torch_blue.vi.distributions import Categorical, MeanFieldNormal

torch.set_default_dtype(torch.float64)


def recording(noise):
    """Sampling as torch_blue has it, which keeps the standard normals [S, ...] that it draws."""

    def sample(mean, std):
        base = torch.randn_like(mean)
        noise.append(get_unwrapped(base))
        return std * base + mean

    return sample


class Linear(VIModule):
    def __init__(self, **options):
        super().__init__()
        self.hidden = VILinear(5, 4, **options)
        self.output = VILinear(4, 3, **options)

    def forward(self, x):
        return self.output(torch.tanh(self.hidden(x)))


class Convolution(VIModule):
    def __init__(self, **options):
        super().__init__()
        self.conv = VIConv2d(2, 3, (3, 2), stride=2, padding=1, **options)
        self.output = VILinear(3, 2, **options)

    def forward(self, x):
        return self.output(torch.tanh(self.conv(x)).mean((-2, -1)))


class Attention(VIModule):
    def __init__(self, **options):
        super().__init__()
        self.attention = VIMultiheadAttention(4, 2, **options)
        self.output = VILinear(4, 3, **options)

    def forward(self, x):
        mixed, _ = self.attention(x, x, x)
        return self.output(mixed.mean(-2))


def rounded(value):
    """13 significant digits, as in the other files."""
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.13g}")


def variables(model):
    """Each random variable with its path and module, in the order in which they are registered."""
    for path, module in model.named_modules():
        for name in getattr(module, "random_variables", None) or ():
            if module.variational_distribution[name] is not None:
                yield f"{path}.{name}", module, name


def case(name, make, x, predictive, kind, y, *, std, heat, rescale):
    torch.manual_seed(len(name))
    options = dict(variational_distribution=MeanFieldNormal(0.0, std), prior=MeanFieldNormal(), rescale_prior=rescale)
    model = make(**options)
    model.return_log_probs = False
    for module in model.modules():
        if isinstance(module, VILinear):
            module._fast_path_flag = False  # weight sampling: the fast path draws outputs instead
    start = {
        path: {
            "mean": rounded(getattr(module, f"_{variable}_mean")),
            "log_std": rounded(getattr(module, f"_{variable}_log_std").flatten()[0]),
            "prior_log_std": rounded(module.prior[variable].log_std),
            "fan_in": module._calculate_fan_in(),
        }
        for path, module, variable in variables(model)
    }
    drawn = {}
    original = VIModule.sample_variable

    def sample_variable(module, variable):
        noise = []
        MeanFieldNormal._normal_sample = staticmethod(recording(noise))
        value = original(module, variable)
        drawn.update({path: noise[0] for path, owner, own in variables(model) if owner is module and own == variable and noise})
        return value

    VIModule.sample_variable = sample_variable
    size, samples = 60, 4
    loss = AnalyticalKullbackLeiblerLoss(model, predictive, dataset_size=size, heat=heat, track=True)
    value = loss(model(x, samples=samples), y)
    value.backward()
    VIModule.sample_variable = original
    return {
        "name": f"torch_blue_training/{name}",
        "quantity": "torch_blue_training",
        "inputs": {
            "model": name, "kind": kind, "x": rounded(x), "y": y.tolist(), "N": size, "std": std, "heat": heat,
            "rescale_prior": rescale,
            "start": start,
            "noise": {path: rounded(noise) for path, noise in drawn.items()},
        },
        "expected": {
            "data_fitting": rounded(loss.log["data_fitting"][0]),
            "prior_matching": rounded(loss.log["prior_matching"][0]),
            "loss": rounded(value.item()),
            "grad_mean": {p: rounded(getattr(m, f"_{v}_mean").grad) for p, m, v in variables(model)},
            "grad_log_std": {p: rounded(getattr(m, f"_{v}_log_std").grad) for p, m, v in variables(model)},
        },
        "tolerance": 1e-9,
        "tolerance_f32": 1e-4,
    }


def inputs(*shape):
    torch.manual_seed(math.prod(shape))
    return torch.round(torch.randn(*shape), decimals=3)


labels = torch.tensor([0, 2, 1, 1, 0, 2])
targets = torch.round(torch.randn(6, 2), decimals=3)
cases = [
    case("linear", Linear, inputs(6, 5), Categorical(), "categorical", labels, std=1.0, heat=1.0, rescale=False),
    case("linear_narrow", Linear, inputs(6, 5), Categorical(), "categorical", labels, std=0.01, heat=0.1, rescale=True),
    case("conv2d", Convolution, inputs(6, 2, 5, 4), MeanFieldNormal(), "normal", targets, std=1.0, heat=1.0, rescale=False),
    case("attention", Attention, inputs(6, 3, 4), Categorical(), "categorical", labels, std=1.0, heat=0.5, rescale=True),
]
Path(__file__).with_name("torchBlue.json").write_text(
    json.dumps(
        {
            "source": f"torch {torch.__version__}, torch_blue {importlib.metadata.version('torch_blue')}, float64: test/golden/torchBlue.py",
            "tolerance_rule": "|got-want| <= tolerance*max(1,|want|); tolerance is for float64 code, tolerance_f32 for float32 code",
            "layout": "as in torch: images [N, C, H, W], filters [O, I, H, W], linear maps [out, in]",
            "cases": cases,
        }
    )
    + "\n"
)
