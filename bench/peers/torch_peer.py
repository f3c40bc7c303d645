"""What the PyTorch contenders have in common: threads, data, Adam, and the step around a loss."""

import torch

from problem import read_problem
from protocol import Alone, arguments, serve
from ranks import Ranks
from torch_model import Variational, network, nll


def run(make_loss):
    """Serves a contender; `make_loss(problem, model)` gives `loss(x, y)`, a scalar tensor per datum."""
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.rank)  # each draws other samples
    device = torch.device("cuda" if options.device == "gpu" else "cpu")
    ranks = Ranks(options) if options.processes > 1 else None

    def build():
        problem = read_problem(options.folder)
        problem.samples = options.samples or problem.samples
        if ranks:
            ranks.assign(problem)
        x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
        y = y.long() if problem.likelihood.kind == "categorical" else y
        if problem.network.kind == "cnn":
            x = x.permute(0, 1, 4, 2, 3)  # 'channels last' in memory, which is the faster layout here
        model, loss_of = make_loss(problem)
        model, x, y = model.to(device), x.to(device), y.to(device)
        if ranks:
            loss_of = ranks.join(model, loss_of)
        optimizer = torch.optim.Adam(model.parameters(), lr=problem.learningRate, fused=True)

        def step(i):
            loss = loss_of(x[i % len(x)], y[i % len(y)])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.item()

        return step

    serve(build, {"torch": torch.__version__}, ranks or Alone())


def loop_loss(problem):
    """(model, loss) that runs one weight sample after the other."""
    model = Variational(problem)
    one, _ = network(problem)

    def loss(x, y):
        terms = [nll(problem, one(x, model.sample(), model.fixed), y) for _ in range(problem.samples)]
        return sum(terms) / problem.samples + model.kl() / problem.dataSize

    return model, loss


def fused_loss(problem):
    """(model, loss) that runs all weight samples at once."""
    model = Variational(problem)
    _, many = network(problem)

    def loss(x, y):
        outputs = many(x, model.sample(problem.samples), model.fixed)
        return nll(problem, outputs, y) + model.kl() / problem.dataSize

    return model, loss
