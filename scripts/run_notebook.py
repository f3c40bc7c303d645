"""Executes a notebook on the kernel it names and writes the executed copy, with one line of progress per cell.

usage: python run_notebook.py NOTEBOOK EXECUTED

Exit code: 0 if every cell ran, 1 if one failed (the copy then holds the outputs up to there), 130 if interrupted (then
the copy is not touched).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

LIVE = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def titles(notebook: nbformat.NotebookNode) -> dict[int, str]:
    """A title for each code cell by its index: the heading just above it, or else its first line of code."""
    result: dict[int, str] = {}
    heading = ""
    for index, cell in enumerate(notebook.cells):
        lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "markdown":
            headings = [line.lstrip("# ") for line in lines if re.match(r"#{1,6} ", line)]
            heading = headings[-1] if headings else heading
        elif cell.cell_type == "code" and lines:
            code = [line for line in lines if not line.startswith(("//", "#", "import "))]
            result[index] = heading or (code or lines)[0]
            heading = ""
    return result


class Progress:
    """Prints `[3/12] title ... 2.1 s`; on a terminal the seconds count while the cell runs."""

    def __init__(self, notebook: nbformat.NotebookNode) -> None:
        self.titles = titles(notebook)
        self.order = list(self.titles)
        self.ticking: asyncio.Task[None] | None = None

    def start(self, cell: nbformat.NotebookNode, cell_index: int) -> None:
        number = f"[{self.order.index(cell_index) + 1}/{len(self.order)}]"
        width = max(20, shutil.get_terminal_size().columns - len(number) - 14)
        title = self.titles[cell_index]
        self.line = f"{number} {title if len(title) <= width else title[: width - 1] + '…'} ... "
        self.began = time.monotonic()
        print(self.line, end="", flush=True)
        if LIVE:
            self.ticking = asyncio.ensure_future(self.tick())

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            print(f"\r{self.line}{time.monotonic() - self.began:.0f} s ", end="", flush=True)

    def done(self, cell: nbformat.NotebookNode, cell_index: int, execute_reply: dict) -> None:
        self.stop()
        failed = " failed" if execute_reply["content"]["status"] == "error" else ""
        print(f"{chr(13) + self.line if LIVE else ''}{time.monotonic() - self.began:.1f} s{failed}", flush=True)

    def stop(self) -> None:
        if self.ticking is not None:
            self.ticking.cancel()


def write(notebook: nbformat.NotebookNode, target: Path) -> None:
    """Replaces the target in one step, so that an open JupyterLab never reads half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    nbformat.write(notebook, temporary)
    temporary.replace(target)


def keep_edited(target: Path, notebook: nbformat.NotebookNode) -> None:
    """Moves an older copy aside if its code differs from the notebook's: a person may have worked in it."""
    if not target.exists():
        return
    try:
        sources = [cell.source for cell in nbformat.read(target, as_version=4).cells]
    except Exception:  # not a notebook any more: whatever it is, it is not ours to delete
        sources = None
    if sources != [cell.source for cell in notebook.cells]:
        kept = target.with_name(f"{target.stem}-{time.strftime('%Y%m%d-%H%M%S')}{target.suffix}")
        target.replace(kept)
        print(f"Your earlier copy was edited; it is kept as {kept.name}")


async def execute(notebook: nbformat.NotebookNode, folder: Path) -> str | None:
    """Runs all cells. Returns None, or the message that says why not all of them ran."""
    progress = Progress(notebook)
    interrupted = False
    running = asyncio.current_task()

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        running.cancel()

    def take_over_interrupts(notebook: nbformat.NotebookNode) -> None:
        # nbclient's own handlers kill the kernel and then report it as dead
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, interrupt)

    client = NotebookClient(
        notebook,
        timeout=None,
        iopub_timeout=60,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_notebook_start=take_over_interrupts,
        on_cell_execute=progress.start,
        on_cell_executed=progress.done,
    )
    client.log.setLevel(logging.CRITICAL)  # what it would say is said below
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    try:
        await client.async_execute()
    except (DeadKernelError, asyncio.CancelledError):
        if interrupted:
            raise KeyboardInterrupt from None
        return "\nThe kernel died. Its last words, if any, are above."
    except CellExecutionError as error:
        text = error.traceback if LIVE else ANSI.sub("", error.traceback)
        return f"\n{text.rstrip()}"
    except NoSuchKernel:
        return f"There is no kernel named '{kernel}'. Register it with: npm run build"
    except (RuntimeError, TimeoutError) as error:
        return f"\nThe kernel '{kernel}' did not start: {error}"
    finally:
        progress.stop()
    return None


def main(source: Path, target: Path) -> int:
    notebook = nbformat.read(source, as_version=4)
    keep_edited(target, notebook)
    began = time.monotonic()
    try:
        problem = asyncio.run(execute(notebook, source.parent))
    except KeyboardInterrupt:
        print("\ninterrupted", flush=True)
        return 130
    if any(cell.get("execution_count") for cell in notebook.cells):
        write(notebook, target)
    if problem is not None:
        print(problem, file=sys.stderr)
        return 1
    print(f"The notebook ran in {time.monotonic() - began:.1f} s; the executed copy is {os.path.relpath(target)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
