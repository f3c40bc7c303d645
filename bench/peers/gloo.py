"""
Two processes that add up arrays of the sizes they are given, in bytes, over gloo on this machine; the first prints the median
milliseconds of each, as JSON.
"""

import json
import os
import statistics
import sys
import tempfile
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as processes

RANKS = 2
LEAST_TIMES = 5
LIMIT_S = 1.5  # for a size


def median_ms(size):
    values = torch.empty(size // 4)
    times = []
    start = time.perf_counter()
    while True:
        # the processes must agree on when to end: the first one's watch decides
        going = torch.tensor(int(len(times) < LEAST_TIMES or time.perf_counter() - start < LIMIT_S))
        dist.broadcast(going, 0)
        if not going:
            return statistics.median(times[1:])
        values.fill_(1)
        dist.barrier()
        begin = time.perf_counter()
        dist.all_reduce(values)
        times.append(1000 * (time.perf_counter() - begin))
        assert values[-1] == RANKS, values[-1]


def work(rank, meeting):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=RANKS)
    medians = [median_ms(int(size)) for size in sys.argv[1:]]
    if rank == 0:
        print(json.dumps(medians))
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        processes.spawn(work, (os.path.join(folder, "meeting"),), RANKS)
