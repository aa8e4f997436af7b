"""The map of the course: each lesson once, for README, notebook 00, the command and the tests; and where its files are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lesson:
    """One notebook.

    Args:
        name: the file's name without its ending; it begins with the lesson's number.
        title, question: as they stand in its heading.
        minutes: a learner's time.
        needs: the numbers of the lessons that it builds on, as its line "needs:" says.
        docstrings: whether it searches the docstrings, which are embedded once.
    """

    name: str
    title: str
    question: str
    minutes: int
    needs: tuple[str, ...] = ()
    docstrings: bool = False

    @property
    def number(self) -> str:
        return self.name[:2]


LESSONS = (
    Lesson("00_start_here", "Start here", "Does it run on my machine, and how does this course work?", 20),
    Lesson("01_embeddings", "Embeddings", "How does a text become a vector?", 40, ("00",)),
    Lesson("02_similarity", "Similarity", "What does a cosine of 0.67 mean, and when does it lie?", 35, ("01",)),
    Lesson(
        "03_semantic_search",
        "Semantic search",
        "How do I find passages by meaning, and how good is it?",
        40,
        ("02",),
        docstrings=True,
    ),
    Lesson("04_clustering", "Clustering", "What is in this pile of text?", 40, ("02",)),
    Lesson("05_classification", "Classification", "How far do 8 labelled examples a class go?", 40, ("02",)),
    Lesson(
        "06_paraphrase_mining",
        "Paraphrase mining",
        "Which of these are the same question?",
        40,
        ("02",),
        docstrings=True,
    ),
    Lesson("07_cross_encoders", "Cross-encoders", "What does reading both texts together buy?", 40, ("02", "03")),
    Lesson("08_retrieve_and_rerank", "Retrieve and re-rank", "How do I get both speed and quality?", 40, ("03", "07")),
    Lesson("09_train_a_bi_encoder", "Train a bi-encoder", "How do I adapt it to my domain?", 45, ("02", "05", "06")),
    Lesson(
        "10_train_a_cross_encoder",
        "Train a cross-encoder",
        "Where did our reranker come from?",
        45,
        ("07", "08", "09"),
        docstrings=True,
    ),
    Lesson("11_images", "Images", "Can pictures and words share a space?", 45, ("02", "03", "09")),
    Lesson(
        "12_production",
        "Production",
        "How do I make it fast, small, persistent, and big?",
        45,
        ("03", "09"),
        docstrings=True,
    ),
    Lesson("13_capstone", "Capstone", "Which one do I use, on my own data?", 45, ("03", "08")),
)


def table(links: str | None = None) -> str:
    """The map as a Markdown table.

    Args:
        links: the notebooks' folder, seen from where the table will stand, for links from the titles; none by default.

    Example:
        >>> print(table().splitlines()[2])
        | 00 | Start here | Does it run on my machine, and how does this course work? |
    """
    lines = ["| | notebook | question it answers |", "|---|---|---|"]
    for lesson in LESSONS:
        title = f"[{lesson.title}]({links}/{lesson.name}.ipynb)" if links else lesson.title
        lines.append(f"| {lesson.number} | {title} | {lesson.question} |")
    return "\n".join(lines)


def folder(name: str = "notebooks") -> Path:
    """The folder with the course's notebooks, or with its examples: inside an installed bxe, or beside it in a checkout.

    Args:
        name: "notebooks" or "examples".

    Raises:
        FileNotFoundError: if there is none.

    Example:
        >>> folder().name
        'notebooks'
        >>> (folder("examples") / "search_service" / "app.py").exists()
        True
    """
    package = Path(__file__).parents[1]
    for candidate in (package / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"there is no folder named {name} in {package} or beside it; install bxe again")


def find(names: Iterable[str] = (), *, suffix: str = ".ipynb", within: Path | None = None) -> list[Path]:
    """The notebooks whose file names begin with one of `names` ("02", "02_similarity"); all by default.

    Raises:
        ValueError: if a name fits no notebook.

    Example:
        >>> [path.name for path in find(["02"])]
        ['02_similarity.ipynb']
    """
    within = within or folder()
    everything = sorted(within.glob(f"[0-9][0-9]_*{suffix}"))
    names = list(names)
    for name in names:
        if not (name and any(path.name.startswith(name) for path in everything)):
            known = ", ".join(path.stem for path in everything) or "none"
            raise ValueError(f"there is no notebook {name!r} in {within}; there are: {known}")
    return [path for path in everything if not names or path.name.startswith(tuple(names))]
