"""Writes diagnostics.json: R-hat, effective sample sizes and standard errors of chains by arviz. pip install arviz==0.23.4"""

import json
import pathlib

import arviz
import numpy as np
from arviz.stats.diagnostics import _ess_tail, _rhat_rank, _rhat_split

rng = np.random.default_rng(1)


def ar1(chains, draws, phi, noise=1.0):
    values = np.zeros((chains, draws))
    state = rng.normal(size=chains)
    for i in range(draws):
        state = phi * state + noise * rng.normal(size=chains)
        values[:, i] = state
    return values


inputs = {
    "independent": rng.normal(size=(4, 40)),
    "slow": ar1(2, 100, 0.95),
    "antithetic": ar1(3, 60, -0.8),
    "odd_number_of_draws": ar1(4, 31, 0.5),
    "four_draws": rng.normal(size=(2, 4)),
    "five_draws": rng.normal(size=(3, 5)),
    "one_chain": ar1(1, 80, 0.7),
    "drift": ar1(2, 60, 0.3) + np.linspace(0, 4, 60),
    "one_chain_elsewhere": ar1(4, 40, 0.3) + np.array([[0], [0], [0], [3]]),
    "one_chain_wider": rng.normal(size=(4, 40)) * np.array([[1], [1], [1], [5]]),
    "heavy_tails": rng.standard_cauchy(size=(4, 50)),
    "ties": rng.poisson(1.5, size=(4, 40)),
    "two_values": rng.integers(0, 2, size=(2, 30)),
    "one_chain_stuck": np.concatenate([rng.normal(size=(1, 20)), np.full((1, 20), 0.5)]),
    "constant": np.full((2, 10), 3.25),
}


def number(value):
    return float(f"{value:.13g}") if np.isfinite(value) else {np.inf: "Infinity"}.get(value, "NaN")


cases = []
for name, chains in inputs.items():
    chains = np.round(chains.astype(float), 3)
    with np.errstate(all="ignore"):
        expected = {
            "ess_bulk": arviz.ess(chains, method="bulk"),
            "ess_tail": _ess_tail(chains),
            "ess_mean": arviz.ess(chains, method="mean"),
            "mcse_mean": arviz.mcse(chains, method="mean"),
        }
        if len(chains) > 1:  # arviz refuses the R-hat of one chain, though its halves have one
            expected |= {"rhat_rank": _rhat_rank(chains), "rhat_split": _rhat_split(chains)}
    cases.append(
        {
            "name": f"mcmc_diagnostics/{name}",
            "quantity": "mcmc_diagnostics",
            "inputs": {"chains": chains.tolist()},
            "expected": {key: number(value) for key, value in expected.items()},
            "tolerance": 1e-8,
            "tolerance_f32": 1e-3,
        }
    )
source = f"arviz {arviz.__version__}, numpy {np.__version__}; test/golden/diagnostics.py"
text = json.dumps({"source": source, "cases": cases}, separators=(",", ":"))
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
