"""Writes torchWeights.json: small PyTorch models, their state dicts, and what they make of an input.

    pip install torch
    python test/golden/torchWeights.py
"""

import json
from pathlib import Path

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


class Last(nn.Module):
    """The output of the last step of a recurrent layer."""

    def forward(self, outputs):
        return outputs[0][:, -1]


class First(nn.Module):
    def forward(self, outputs):
        return outputs[0]


class Self(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x)[0]


def rounded(tensor):
    if tensor.ndim == 0:
        return float(f"{tensor.item():.13g}")
    return [rounded(each) for each in tensor]


def case(name, model, x):
    for parameter in model.parameters():
        parameter.data = torch.round(torch.randn_like(parameter) * 0.5, decimals=3)
    for key, buffer in model.named_buffers():
        if key.endswith(("running_mean", "running_var")):
            buffer.copy_(torch.round(torch.rand_like(buffer) + 0.5, decimals=3))
    model.eval()
    with torch.no_grad():
        output = model(x)
    return {
        "name": f"torch_model/{name}",
        "quantity": "torch_model",
        "inputs": {"x": rounded(x), "state": {key: rounded(value) for key, value in model.state_dict().items()}},
        "expected": {"output": rounded(output)},
        "tolerance": 1e-9,
        "tolerance_f32": 1e-5,
    }


def normal(*shape):
    return torch.round(torch.randn(*shape), decimals=3)


cases = [
    case("linear", nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))), normal(2, 3)),
    case("one_input", nn.Sequential(nn.Linear(1, 3)), normal(4, 1)),
    case("conv1d", nn.Sequential(nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2)), normal(2, 4, 7)),
    case("conv2d", nn.Sequential(nn.Conv2d(2, 3, (3, 2), padding="valid")), normal(2, 2, 5, 4)),
    case("conv3d", nn.Sequential(nn.Conv3d(2, 3, (2, 3, 1), padding="valid")), normal(1, 2, 3, 4, 2)),
    case("conv_transpose2d", nn.Sequential(nn.ConvTranspose2d(2, 3, (3, 2), stride=2)), normal(2, 2, 3, 2)),
    case("depthwise", nn.Sequential(nn.Conv2d(3, 6, 3, padding=1, groups=3)), normal(2, 3, 4, 4)),
    case("lstm", nn.Sequential(nn.LSTM(3, 2, batch_first=True), Last(), nn.Linear(2, 2)), normal(2, 4, 3)),
    case("gru", nn.Sequential(nn.GRU(3, 2, batch_first=True), First()), normal(2, 4, 3)),
    case("embedding", nn.Sequential(nn.Embedding(5, 5), nn.Linear(5, 2)), torch.tensor([[0, 3, 4], [1, 1, 2]])),
    case("attention", nn.Sequential(Self(4, 2, batch_first=True)), normal(2, 3, 4)),
    case("batch_norm", nn.Sequential(nn.Conv2d(2, 3, 2, bias=False), nn.BatchNorm2d(3)), normal(2, 2, 3, 4)),
]
Path(__file__).with_name("torchWeights.json").write_text(
    json.dumps(
        {
            "source": f"torch {torch.__version__}, float64: test/golden/torchWeights.py",
            "tolerance_rule": "|got-want| <= tolerance*max(1,|want|); tolerance is for float64 code, tolerance_f32 for float32 code",
            "layout": "as in torch: channels first",
            "cases": cases,
        }
    )
    + "\n"
)
