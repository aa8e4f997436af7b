"""The command `bxe`: doctor, start, course, advise."""

from __future__ import annotations

import os
import signal
import sys


def _leave(number: int, frame: object) -> None:
    """End at once: an exception amid the imports may be swallowed there, and nothing has begun that is to be tidied."""
    os.write(2, b"\ninterrupted\n")
    os._exit(128 + number)


if __name__ == "__main__" or os.path.basename(sys.argv[0]) == "bxe":
    signal.signal(signal.SIGINT, _leave)  # before the other imports

import argparse  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Iterator, Sequence  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402

from bxe import files  # noqa: E402

ADVISE = (
    "Measures BM25, dense, hybrid and re-ranked search, and late interaction where there are few texts, on your texts and "
    "this machine, and writes advice.html and advice.json. Files of a folder are cut into passages of at most 80 words, "
    "whose ids a file of graded questions names. A CSV file of texts has the columns text and, if there is one, passage_id "
    "(else rows are numbered from 1). "
    "Without questions it tells what each system costs, not which one answers best."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    The exit status is 0 if all went well, 1 if something failed, 2 if the arguments are wrong, 130 after Ctrl-C, 143 after
    SIGTERM.
    """
    try:
        args = _parser().parse_args(argv)
        with _home():
            return args.command(args)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print(f"bxe: {error}", file=sys.stderr)
        return 1


@contextmanager
def _home() -> Iterator[None]:
    """A temporary home folder for a user who has none, since Jupyter does not run without."""
    try:
        Path.home()
    except RuntimeError:
        with tempfile.TemporaryDirectory(prefix="bxe-home-") as os.environ["HOME"]:
            print("bxe: you have no home folder here; progress and settings are not kept (set HOME to keep them)")
            try:
                yield
            finally:
                del os.environ["HOME"]
    else:
        yield


def _imported() -> None:
    """From here on Ctrl-C and SIGTERM raise, so that what has begun is tidied up."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, end)


def _expect_room(folder: Path, what: str) -> None:
    """An OSError in a line if a folder that the user named cannot be made, or nothing can be written there."""
    there = next(there for there in (folder, *folder.absolute().parents) if there.exists())
    if not there.is_dir():
        raise NotADirectoryError(f"{folder} is a file or lies within one; give a folder for {what}")
    if not os.access(there, os.W_OK):
        raise PermissionError(f"{folder} cannot be written to; give another folder for {what}")


def _make(folder: Path, what: str) -> None:
    """Make a folder that the user named, if it is missing; an OSError in a line if nothing can be written there."""
    _expect_room(folder, what)
    folder.mkdir(parents=True, exist_ok=True)


def doctor(args: argparse.Namespace) -> int:
    """Check this machine: versions, device, weights and reference scores; with --hub, two models of the Hub as well."""
    from bxe.doctor import examine

    return 0 if examine(hub=args.hub) else 1


def start(args: argparse.Namespace) -> int:
    """Copy the notebooks to the learner's folder and open JupyterLab there."""
    from bxe import course

    _imported()
    _make(args.folder, "your notebooks")
    outcome = course.copy_to(args.folder)
    print(f"your notebooks are in {args.folder}\n{course.report(outcome)}", flush=True)
    if args.copy_only:
        return 0
    lab = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=localhost",
        f"--ServerApp.root_dir={args.folder}",
        "--LabApp.default_url=/lab/tree/00_start_here.ipynb",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lab.append("--allow-root")  # in a container; nobody else gets in, with localhost and a token
    with course.surroundings() as environment, subprocess.Popen(lab, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                pass  # JupyterLab got it, too, and asks whether to stop
            except SystemExit:
                process.terminate()
                raise


def course_run(args: argparse.Namespace) -> int:
    """Run notebooks side by side, write an HTML page for each, and carry on when one fails."""
    import nbclient  # noqa: F401  (all that takes long is imported before anything begins)
    import nbformat  # noqa: F401
    from tqdm import tqdm

    from bxe import course

    _imported()
    _make(args.out, "the pages")
    within = course.folder() / "solutions" if args.solved else course.folder()
    expected = {within / f"{lesson.name}.ipynb" for lesson in course.LESSONS}
    paths = sorted(expected.union(course.find(within=within)))
    if args.names:
        missing = [path.name for path in paths if not path.exists()]
        course.find(
            [name for name in args.names if not (name and any(n.startswith(name) for n in missing))], within=within
        )
        paths = [path for path in paths if path.name.startswith(tuple(args.names))]
    searching = {lesson.name for lesson in course.LESSONS if lesson.docstrings}
    # Those that search the docstrings come last: until then these are being embedded.
    paths.sort(key=lambda path: path.stem in searching)
    wanted = {path.stem for path in paths}
    jobs = [course.fill_docstrings()] if wanted & searching else []
    unread = []
    for path in paths:
        try:
            notebook = course.read(path)
        except (OSError, ValueError) as error:
            unread.append(course.Result(path.stem, 0, 0, 0, str(error)))
            continue
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        jobs.append(course.Job(path.stem, notebook, after=jobs[0].name if path.stem in searching else None))
    code = {job.name: sum(cell.cell_type == "code" for cell in job.notebook.cells) for job in jobs}
    word = "notebook" if len(paths) == 1 else "notebooks"
    long = "; the first time it takes up to a quarter of an hour on two plain cores" if not args.names else ""
    print(f"running {len(paths)} {word}{long}", flush=True)
    for result in unread:
        _report(result)
    with tqdm(total=sum(code.values()), unit=" cells", leave=False, disable=not sys.stderr.isatty()) as bar:

        def finished(result: course.Result, notebook) -> None:
            if result.name in wanted:
                files.write(args.out / f"{result.name}.html", course.page(notebook, result.name).encode())
            with bar.external_write_mode(file=sys.stdout):
                _report(result, code[result.name])

        results = course.run_all(jobs, finished, after_cell=bar.update)
    failed = sum(result.error is not None for result in unread + results if result.name in wanted)
    print(f"{len(paths) - failed} of {len(paths)} notebooks ran to the end; pages are in {args.out}")
    return 1 if failed else 0


def course_build(args: argparse.Namespace) -> int:
    """Make the notebooks from their sources: for those who write the course."""
    from bxe import course

    _imported()
    results = course.build_all(args.names, report=_report)
    return 1 if any(result.error for result in results) else 0


def advise(args: argparse.Namespace) -> int:
    """Measure which search fits some texts, and write the advice; what cannot be done with these arguments is status 2."""
    try:
        from bxe import advisor

        load = advisor.positive(_number(args.load), "--load", "queries a second")
        latency_ms = advisor.positive(_number(args.latency), "--latency", "milliseconds")
        _expect_room(args.out, "the advice")
        advisor.expect_free(args.out)
        brought = advisor.read_corpus(args.corpus)
        questions, qrels = brought.questions, brought.qrels
        if args.questions:
            questions, qrels = advisor.read_questions(args.questions, brought.passages, brought.documents)
    except (OSError, ValueError) as error:
        print(f"bxe: {error}", file=sys.stderr)
        return 2
    # As in course_run: what takes long to import comes before anything begins.
    for module in ("bm25s", "faiss", "ir_measures", "sentence_transformers"):
        import_module(module)

    _imported()
    advice = advisor.advise(brought.passages, questions, qrels, load=load, latency_ms=latency_ms, name=brought.name)
    page, facts = advice.write(args.out)
    print("\n".join(["", *advice.why, "", f"the page: {page}", f"the facts: {facts}"]))
    return 0


def _number(given: str) -> float | str:
    try:
        return float(given.removesuffix("/s").removesuffix("ms"))
    except ValueError:
        return given


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
        help="also load the two models of sbert.net's example from the Hugging Face Hub or its cache, and compare",
    )
    sub.set_defaults(command=doctor)

    sub = commands.add_parser("start", help="copy the notebooks to a folder of yours and open JupyterLab")
    sub.add_argument(
        "folder", type=files.expanded, nargs="?", default="~/bxe-course", metavar="DIR", help="default: %(default)s"
    )
    sub.add_argument("--copy-only", action="store_true", help="copy the notebooks only; do not open JupyterLab")
    sub.set_defaults(command=start)

    actions = commands.add_parser("course", help="run or build the notebooks").add_subparsers(
        required=True, metavar="action"
    )
    sub = actions.add_parser("run", help="run notebooks and write an HTML page for each")
    sub.add_argument("names", nargs="*", metavar="NN", help="which ones, such as 02 or 02_similarity; default: all")
    sub.add_argument("--solved", action="store_true", help="run the notebooks that contain the solutions")
    sub.add_argument("--out", type=files.expanded, default="build/course", help="folder; default: %(default)s")
    sub.set_defaults(command=course_run)
    sub = actions.add_parser("build", help="make the notebooks from notebooks/src (for authors)")
    sub.add_argument("names", nargs="*", metavar="NN", help="which ones; default: all")
    sub.set_defaults(command=course_build)

    sub = commands.add_parser(
        "advise", help="measure here which search fits your texts: a minute, and a page", description=ADVISE
    )
    sub.add_argument(
        "corpus", metavar="CORPUS", help="a folder of .txt and .md files, a CSV file, course or docstrings"
    )
    sub.add_argument(
        "--questions",
        metavar="F",
        help="CSV file: question,answer (quoted from the texts), or question_id,question,passage_id and, if any, grade",
    )
    sub.add_argument("--load", default="1", metavar="N", help="queries a second to serve; default: %(default)s")
    sub.add_argument(
        "--latency",
        default="300",
        metavar="MS",
        help="ms within which 95 of 100 queries are answered; default: %(default)s",
    )
    sub.add_argument("--out", type=files.expanded, default="advice", metavar="DIR", help="folder; default: %(default)s")
    sub.set_defaults(command=advise)
    return parser


if __name__ == "__main__":
    sys.exit(main())
