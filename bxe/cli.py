"""The command `bxe`: doctor, start, course."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


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
    from bxe.doctor import examine

    return 0 if examine(hub=args.hub) else 1


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
    """Execute notebooks side by side, write a page each, and go on after one that fails."""
    import nbformat
    from tqdm import tqdm

    from bxe import course, files

    paths = course.find(args.names, within=course.folder() / "solutions" if args.solved else None)
    searching = {lesson.name for lesson in course.LESSONS if lesson.docstrings}
    # Those that search the docstrings come last: until then these are being embedded.
    paths.sort(key=lambda path: path.stem in searching)
    jobs = [course.fill_docstrings()] if any(path.stem in searching for path in paths) else []
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        jobs.append(course.Job(path.stem, notebook, after=jobs[0].name if path.stem in searching else None))
    code = {job.name: sum(cell.cell_type == "code" for cell in job.notebook.cells) for job in jobs}
    print(f"{len(paths)} notebooks; all of the course take some five minutes on two plain cores", flush=True)
    with tqdm(total=sum(code.values()), unit=" cells", leave=False, disable=not sys.stderr.isatty()) as bar:

        def finished(result: course.Result, notebook) -> None:
            if result.name in {path.stem for path in paths}:
                files.write(args.out / f"{result.name}.html", course.page(notebook, result.name).encode())
            with bar.external_write_mode(file=sys.stdout):
                _report(result, code[result.name])

        results = course.run_all(jobs, finished, after_cell=bar.update)
    failed = sum(result.error is not None for result in results if result.name in {path.stem for path in paths})
    print(f"{len(paths) - failed} of {len(paths)} notebooks ran to the end; pages are in {args.out}")
    return 1 if failed else 0


def course_build(args: argparse.Namespace) -> int:
    """Make the notebooks from their sources: for those who write the course."""
    from bxe import course

    results = course.build_all(args.names, report=_report)
    return 1 if any(result.error for result in results) else 0


def _report(result, cells: int | None = None) -> None:
    of = f" of {cells}" if cells and cells != result.cells else ""
    print(
        f"{result.name:<36}{result.seconds:6.1f} s{result.megabytes:7.0f} MB{result.cells:5}{of} cells   "
        f"{result.error or 'ok'}",
        flush=True,
    )


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
