"""
The wire between the driver and a contender: one JSON object a line. A contender announces itself once it has made its
first step, then sleeps on its standard input. `run N` makes N steps and answers with what they took; the end of the
input ends the process.
"""

import argparse
import json
import os
import sys
import time


def arguments():
    """
    Folder of the problem, number of threads and device ('cpu' or 'gpu'), weight samples if not the problem's, and what is for
    PyTorch alone: processes, and what they share out. To be read before a library is imported.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--samples", type=int)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--share", choices=["samples", "data"], default="samples")
    # given by rank 0 to the others
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--meeting")
    return parser.parse_args()


def memory(field):
    """MiB that the kernel counts for this process: VmRSS now, VmHWM at most; None where it does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith(field))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return None


class Alone:
    """A contender of one process; ranks.py has those of several."""

    speaks = True

    def turns(self, asked):
        return asked

    def total(self, values):
        return values


def serve(build, versions, ranks=Alone()):
    """
    Builds a contender and answers the driver. Call it as soon as the libraries are imported: memory counts from here.
    `build()` gives `step(i)`, which makes step i and returns its loss as a float. Of several processes all call it, and the
    one that speaks answers for all.
    """
    wire = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no message

    def send(message):
        if ranks.speaks:
            wire.write(json.dumps(message) + "\n")

    imported = memory("VmRSS")
    started = time.perf_counter()
    step = build()
    first = step(0)
    ready = {"firstCallSeconds": time.perf_counter() - started, "loss": first, "versions": versions}
    send({"type": "ready", **ready})
    done = 1
    for steps in ranks.turns(int(line.split()[1]) for line in sys.stdin):
        wall, cpu = time.perf_counter(), time.process_time()
        for i in range(done, done + steps):
            loss = step(i)
        done += steps
        wall, cpu = 1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)
        peak = memory("VmHWM")
        used = [0, 0] if peak is None else [peak, peak - imported]
        cpu, *used = ranks.total([cpu, *used])
        peak, above = [None, None] if peak is None else used
        took = {"wallMs": wall, "cpuMs": cpu, "peakMiB": peak, "peakAboveImportMiB": above}
        send({"type": "ran", "steps": steps, "loss": loss, **took})
