"""
Several processes that train together, over gloo on this machine: rank 0 speaks with the driver and tells the others how many steps
to make. Each has its share of the weight samples or of the data; PyTorch's DistributedDataParallel averages the gradients while the
backward pass goes on.
"""

import datetime
import os
import subprocess
import sys
import tempfile

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

# the others wait for as long as the driver lets somebody else have a turn
PATIENCE = datetime.timedelta(hours=4)


class Ranks:
    """The processes of one contender, as one of them sees it; rank 0 starts the others, with its own arguments."""

    def __init__(self, options):
        self.count, self.rank, self.share = options.processes, options.rank, options.share
        self.speaks = self.rank == 0
        meeting = options.meeting
        if self.rank == 0:
            meeting = os.path.join(tempfile.mkdtemp(dir=options.folder), "meeting")
            for rank in range(1, self.count):
                more = ["--rank", str(rank), "--meeting", meeting]
                # not with rank 0's streams: they are the driver's
                subprocess.Popen([sys.executable, *sys.argv, *more], stdin=subprocess.DEVNULL, stdout=2)
        if sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        dist.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=self.rank, world_size=self.count, timeout=PATIENCE
        )

    def assign(self, problem):
        """Leaves of the problem what this process has to do."""
        whole = problem.samples if self.share == "samples" else problem.batch
        if whole % self.count != 0:
            raise ValueError(f"{whole} {self.share} cannot be shared by {self.count} processes")
        own = whole // self.count
        if self.share == "samples":
            problem.samples = own
        else:
            rows = slice(self.rank * own, (self.rank + 1) * own)
            problem.x, problem.y, problem.batch = problem.x[:, rows], problem.y[:, rows], own

    def join(self, model, loss):
        """The loss, whose backward pass leaves the gradients' mean over all processes."""
        return DistributedDataParallel(Loss(model, loss))

    def turns(self, asked):
        """Numbers of steps to make: as rank 0 is asked, and the others are told by it."""
        if self.rank == 0:
            for steps in asked:
                dist.broadcast(torch.tensor(steps), 0)
                yield steps
            return
        told = torch.tensor(0)
        while True:
            try:
                dist.broadcast(told, 0)
            except RuntimeError:  # rank 0 has ended
                return
            yield int(told)

    def total(self, values):
        """Sums over the processes."""
        sums = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(sums)
        return sums.tolist()


class Loss(torch.nn.Module):
    """A loss as a module, which is what DistributedDataParallel takes."""

    def __init__(self, model, loss):
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, x, y):
        return self.loss(x, y)
