"""The command `bxe`: doctor, start, course."""

from __future__ import annotations

import argparse
import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

# sbert.net's example: three sentences, and the cosines that its documentation prints for all-MiniLM-L6-v2.
REFERENCE_SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
REFERENCE_COSINES = (0.6660, 0.1046, 0.1411)  # 1-2, 1-3, 2-3
COSINE_TOLERANCE, LOGIT_TOLERANCE = 0.001, 0.02  # published with four decimals and with two
# The two models of that documentation under their names on the Hub; the scores of the second are in corpora.load_reference().
HUB_BI_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
HUB_CROSS_ENCODER = "cross-encoder/ms-marco-MiniLM-L6-v2"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 if all went well, 1 if something failed, 130 after Ctrl-C."""
    args = _parser().parse_args(argv)
    try:
        return args.command(args)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(f"bxe: {error}", file=sys.stderr)
        return 1


def doctor(args: argparse.Namespace) -> int:
    """Check this machine: versions, device, weights, and the reference scores; with --hub, of the Hub's two models, too."""
    import torch

    from bxe.models import pick_device

    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for package in ("bxe", "torch", "sentence-transformers", "transformers"):
        print(f"{package:<24}{version(package)}")
    device = pick_device()
    name = f" ({torch.cuda.get_device_name(device)})" if device.startswith("cuda") else ""
    print(f"{'device':<24}{device}{name}")
    well = _well(_compare_cosines, "all-MiniLM-L6-v2")
    if args.hub:
        # Each is tried, whatever became of the one before.
        well = _well(_compare_cosines, HUB_BI_ENCODER) and well
        well = _well(_compare_logits, HUB_CROSS_ENCODER) and well
    if well:
        print("all well")
    return 0 if well else 1


def _well(compare: Callable[[str], float], model: str) -> bool:
    """Run one comparison, and say on stderr if the model does not load or a score is off."""
    try:
        off = compare(model)
    except (OSError, ValueError) as error:
        print(f"NOT CHECKED: {error}", file=sys.stderr)
        return False
    if not off <= 1:  # a broken device gives nan, which is no distance at all
        whole = ", or delete it from the Hub's cache and load it anew" if "/" in model else ""
        print(f"NOT WELL: a score of {model} is not the published one; try BXE_DEVICE=cpu{whole}", file=sys.stderr)
        return False
    return True


def _compare_cosines(model: str) -> float:
    """Print cosines beside the published ones; the largest distance in units of the tolerance, nan if one is nan."""
    from bxe.models import load_bi_encoder

    encoder = load_bi_encoder(model)
    vectors = encoder.encode(list(REFERENCE_SENTENCES))
    cosines, worst = encoder.similarity(vectors, vectors), 0.0
    for (i, j), published in zip(((0, 1), (0, 2), (1, 2)), REFERENCE_COSINES):
        worst = _further(worst, abs(float(cosines[i, j]) - published) / COSINE_TOLERANCE)
        print(f"cosine of sentences {i + 1} and {j + 1}: {cosines[i, j]:.4f} (published: {published:.4f})")
    return worst


def _compare_logits(model: str) -> float:
    """As _compare_cosines, for the scores of the documentation's ten passages on Berlin."""
    from bxe.corpora import load_reference
    from bxe.models import load_cross_encoder

    reference, worst = load_reference(), 0.0
    logits = load_cross_encoder(model).predict(list(zip(reference["query"], reference.text)))
    for text, logit, published in zip(reference.text, logits, reference.score):
        worst = _further(worst, abs(float(logit) - published) / LOGIT_TOLERANCE)
        print(f"score of {text[:40]!r}...: {logit:.2f} (published: {published:.2f})")
    return worst


def _further(worst: float, off: float) -> float:
    return off if math.isnan(off) or off > worst else worst


def start(args: argparse.Namespace) -> int:
    """Copy the notebooks to the learner's folder and open JupyterLab there."""
    from bxe import course

    outcome = course.copy_to(args.folder.expanduser())
    print(f"your notebooks are in {args.folder}: " + ", ".join(f"{len(n)} {what}" for what, n in outcome.items() if n))
    for name in outcome["kept"]:
        print(f"  kept your own {name}; the course's version differs (delete or rename yours to get it)")
    if args.copy_only:
        return 0
    lab = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=localhost",
        f"--ServerApp.root_dir={args.folder.expanduser()}",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lab.append("--allow-root")  # in a container; nobody else gets in, with localhost and a token
    with subprocess.Popen(lab) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                pass  # JupyterLab got it, too, and asks whether to stop


def course_run(args: argparse.Namespace) -> int:
    """Execute notebooks, write a page each, and go on after one that fails."""
    import nbformat
    from tqdm import tqdm

    from bxe import course

    notebooks = course.find(args.names, within=course.folder() / "solutions" if args.solved else None)
    failed = 0
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell in cells:
            cell.outputs, cell.execution_count = [], None
        with tqdm(total=len(cells), desc=path.stem, leave=False, disable=not sys.stderr.isatty()) as bar:
            result = course.execute(notebook, name=path.stem, after_cell=bar.update)
        course.write_atomically(args.out / f"{path.stem}.html", course.page(notebook, path.stem).encode())
        _report(result, len(cells))
        failed += result.error is not None
    print(f"{len(notebooks) - failed} of {len(notebooks)} notebooks ran to the end; pages are in {args.out}")
    return 1 if failed else 0


def course_build(args: argparse.Namespace) -> int:
    """Make the notebooks from their sources: for those who write the course."""
    from bxe import course

    results = course.build_all(args.names, report=_report)
    return 1 if any(result.error for result in results) else 0


def _report(result, cells: int | None = None) -> None:
    of = f" of {cells}" if cells and cells != result.cells else ""
    print(f"{result.name:<36}{result.seconds:6.1f} s{result.cells:5}{of} cells   {result.error or 'ok'}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bxe", description="A course on bi-encoders and cross-encoders.")
    commands = parser.add_subparsers(required=True, metavar="command")

    sub = commands.add_parser("doctor", help="check this machine: versions, device, weights, reference scores")
    sub.add_argument(
        "--hub",
        action="store_true",
        help="also load the two models of sbert.net's example from the Hugging Face Hub, or its cache, and compare",
    )
    sub.set_defaults(command=doctor)

    sub = commands.add_parser("start", help="copy the notebooks to a folder of yours and open JupyterLab")
    sub.add_argument(
        "folder", type=Path, nargs="?", default=Path("~/bxe-course"), metavar="DIR", help="default: %(default)s"
    )
    sub.add_argument("--copy-only", action="store_true", help="do not open JupyterLab")
    sub.set_defaults(command=start)

    actions = commands.add_parser("course", help="run or build the notebooks").add_subparsers(
        required=True, metavar="action"
    )
    sub = actions.add_parser("run", help="execute notebooks and write a page each")
    sub.add_argument("names", nargs="*", metavar="NN", help="which ones, as 02 or 02_similarity; all by default")
    sub.add_argument("--solved", action="store_true", help="the notebooks with the solutions in")
    sub.add_argument("--out", type=Path, default=Path("build/course"), help="default: %(default)s")
    sub.set_defaults(command=course_run)
    sub = actions.add_parser("build", help="make the notebooks from notebooks/src (for authors)")
    sub.add_argument("names", nargs="*", metavar="NN")
    sub.set_defaults(command=course_build)
    return parser


if __name__ == "__main__":
    sys.exit(main())
