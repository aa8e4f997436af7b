"""Oracles and hints of notebook 13, Capstone."""

from collections.abc import Callable, Sequence

import numpy as np

from bxe import retrieval
from bxe.exercises.oracle import Exercise, Wrong, expect


def _packed(sentences: Sequence[str], size: int, fits: Callable, count: Callable, join: str = " ") -> list[str]:
    passages: list[list[str]] = []
    for sentence in sentences:
        if passages and fits(count(join.join([*passages[-1], sentence])), size):
            passages[-1].append(sentence)
        else:
            passages.append([sentence])
    return [join.join(passage) for passage in passages]


def _words(text: str) -> int:
    return len(text.split())


def _at_most(length: int, size: int) -> bool:
    return length <= size


def _pack(answer) -> None:
    tea = ["Warm the pot.", "Pour at 80 degrees.", "Wait.", "Serve it.", "Do not stir."]
    cases = (
        (["Go.", "Sit.", "Tea is hot.", "Wait."], 8),
        (tea, 7),
        (tea, 8),
        (["This first sentence is far too long for one.", "Wait.", "Serve it."], 4),
        (["Wait.", "This sentence is far too long for a passage.", "Stop.", "Serve it."], 3),
        (["Wait."], 5),
        (tea, 100),
    )
    for sentences, size in cases:
        right = _packed(sentences, size, _at_most, _words)
        given = f"sentences = {sentences}, words = {size}"
        handed = list(sentences)
        got = answer(handed, size)
        mistakes = [
            (list(sentences), "Each sentence is alone; join as many as fit."),
            (right[:-1], "The last passage is missing: add what is left after the loop."),
            (["", *right], "There is an empty passage: begin a new one only if the present one holds something."),
            (
                _packed(sentences, size, lambda length, most: length < most, _words),
                "A passage of exactly `words` words still fits.",
            ),
            (_packed(sentences, size, _at_most, len), "That counts characters; count the words: len(text.split())."),
            ([passage.replace(". ", ".") for passage in right], "Put a space between two sentences."),
            (
                [" " + passage for passage in right],
                "A passage begins with a space; join the sentences with `' '.join`.",
            ),
            ([passage + " " for passage in right], "A passage ends with a space; join the sentences with `' '.join`."),
            (
                [passage for passage in right if _words(passage) <= size],
                "The sentence that is too long is lost; it makes a passage of its own.",
            ),
            (
                [
                    " ".join(" ".join(sentences).split()[at : at + size])
                    for at in range(0, _words(" ".join(sentences)), size)
                ],
                "Sentences are cut in two; keep each whole.",
            ),
            ([passage.split(". ") for passage in right], "Those are lists of sentences; a passage is one text."),
        ]
        expect(got, right, given=given, mistakes=mistakes)
        if handed != sentences:
            raise Wrong(f"For {given}, the passages are right, but the list that you were given has changed.")


def _grades(rng: np.random.Generator, n: int, off: float) -> tuple:
    """Two graders' tables in different orders, each with pairs that the other lacks."""
    import pandas as pd

    pairs = [(f"q{at % 4}", f"p{at}") for at in range(n)]
    first = rng.choice(4, n, p=[0.5, 0.2, 0.1, 0.2])
    second = np.where(rng.random(n) < off, rng.choice(4, n), first)
    ours, theirs = (
        pd.DataFrame(pairs, columns=["question_id", "passage_id"]).assign(grade=grades) for grades in (first, second)
    )
    return ours[: n - 3].reset_index(drop=True), theirs[2:].sample(frac=1, random_state=1).reset_index(drop=True)


def _agreement(answer) -> None:
    from sklearn.metrics import cohen_kappa_score

    rng = np.random.default_rng(13)
    for n, off in ((24, 0.4), (40, 0.7)):
        ours, theirs = _grades(rng, n, off)
        both = ours.merge(theirs, on=["question_id", "passage_id"])
        one, two = both.grade_x, both.grade_y
        by_place = list(zip(ours.grade, theirs.grade))
        known = {
            weights: cohen_kappa_score(one, two, weights=None if weights == "none" else weights)
            for weights in ("quadratic", "none", "linear")
        }
        mistakes = [
            (known["none"], 'Near misses count as much as far ones in a plain kappa; say weights="quadratic".'),
            (known["linear"], 'Those are linear weights; say weights="quadratic".'),
            ((one == two).mean(), "That is the share of equal grades; kappa takes out what chance would give."),
            (np.corrcoef(one, two)[0, 1], "That is a correlation; it does not mind if one grader is always stricter."),
            (
                cohen_kappa_score(*zip(*by_place), weights="quadratic"),
                "Rows were compared by their place; bring the same pairs together with merge.",
            ),
            (len(both), "That is the number of pairs that both have graded; return their kappa."),
        ]
        given = f"two tables of {len(ours)} and {len(theirs)} grades, with {len(both)} pairs in both"
        expect(answer(ours.copy(), theirs.copy()), known["quadratic"], given=given, mistakes=mistakes)


def _runs(ranks: Sequence[int]) -> dict:
    """A run that has the one relevant passage of each question at such a rank; 0 where it is not found."""
    run = {}
    for at, rank in enumerate(ranks):
        order = [f"n{place}" for place in range(9)]
        if rank:
            order.insert(rank - 1, "right")
        run[f"q{at}"] = {passage: -float(place) for place, passage in enumerate(order)}
    return run


def _verdict(answer) -> None:
    import pandas as pd

    cases = (
        ("12 questions; the first run finds the answer first, the second one second", [1] * 12, [2] * 12, "better"),
        ("12 questions; the first run finds the answer third, the second one first", [3] * 12, [1] * 12, "worse"),
        ("12 questions, better on one and the same on the others", [1] * 12, [1] * 11 + [4], "cannot tell"),
        ("10 questions, better on six and worse on four", [1] * 6 + [3] * 4, [2] * 6 + [1] * 4, "cannot tell"),
        ("12 questions, the same run twice", [1, 2, 3] * 4, [1, 2, 3] * 4, "cannot tell"),
        ("12 questions; the second run never finds the answer", [9] * 12, [0] * 12, "better"),
    )
    for given, one, other, right in cases:
        ours, theirs = _runs(one), _runs(other)
        qrels = pd.DataFrame([(query, "right", 3) for query in ours], columns=["question_id", "passage_id", "grade"])
        difference = retrieval.compare(*(retrieval.per_query("nDCG@10", qrels, run) for run in (ours, theirs)))
        mistakes = [(difference, "That is the difference with its interval; say in a word what follows from it.")]
        if right == "cannot tell":
            mistakes += [
                (word, f"The interval is {difference:.3f}: it contains 0 or touches it, so nothing is clear.")
                for word in ("better", "worse")
            ]
        else:
            swapped = {"better": "worse", "worse": "better"}[right]
            mistakes += [
                (swapped, "That is the verdict on `theirs`; give the one on `ours`."),
                ("cannot tell", f"The interval is {difference:.3f}: it lies wholly on one side of 0."),
            ]
        expect(answer(qrels, ours, theirs), right, given=given, mistakes=mistakes)


def _filled(
    order: Sequence[str], tokens: dict, budget: float, *, fits=lambda used, most: used <= most, stop=False
) -> list:
    taken, used = [], 0
    for passage in order:
        if fits(used + tokens[passage], budget):
            taken.append(passage)
            used += tokens[passage]
        elif stop:
            break
    return taken


def _fill(answer) -> None:
    tokens = {"a": 60, "b": 120, "c": 40, "d": 20, "e": 80}
    for order, budget in (
        (list("abcde"), 120),
        (list("ecbad"), 200),
        (list("bdace"), 100),
        (list("abc"), 10),
        ([], 50),
    ):
        right = _filled(order, tokens, budget)
        given = f"order = {order}, tokens = {tokens}, budget = {budget}"
        handed = list(order)
        over = next((at for at in range(len(order)) if sum(tokens[p] for p in order[: at + 1]) > budget), len(order))
        mistakes = [
            (
                _filled(order, tokens, budget, stop=True),
                "Pass over one that is too long, and go on: a shorter one may fit.",
            ),
            (
                _filled(order, tokens, budget, fits=lambda used, most: used < most),
                "What fills the budget exactly still fits.",
            ),
            (order[: over + 1], "That is above the budget: look before you take the passage."),
            (_filled(sorted(order, key=tokens.get), tokens, budget), "Keep the order of the search, best first."),
            ([p for p in order if tokens[p] <= budget], "Each fits alone, but together they are above the budget."),
            (sum(tokens[p] for p in right), "That is the number of tokens; return the passages."),
            (set(right), "Return a list: the order says which is best."),
        ]
        expect(answer(handed, dict(tokens), budget), right, given=given, mistakes=mistakes)
        if handed != order:
            raise Wrong(f"For {given}, the answer is right, but the list that you were given has changed.")


EXERCISES = {
    "13.1": Exercise(
        _pack,
        hints=(
            "Go through the sentences, and keep a list of passages. Does the sentence still fit into the last one?",
            "Count the words of the last passage together with the sentence. If they are at most `words`, join them; "
            "otherwise the sentence begins a new passage.",
            "for s in sentences: both = f'{passages[-1]} {s}' if passages else ''; if both and len(both.split()) <= words: "
            "passages[-1] = both; else: passages.append(s)",
        ),
        why="A cut between sentences keeps each statement whole, and `corpora.chunks` looks for ends of paragraphs, too.",
    ),
    "13.2": Exercise(
        _agreement,
        hints=(
            "First bring the two grades of the same pair into one row; a pair that only one has graded does not count.",
            'ours.merge(theirs, on=["question_id", "passage_id"]) has the columns grade_x and grade_y.',
            'both = ours.merge(theirs, on=["question_id", "passage_id"]); '
            'return cohen_kappa_score(both.grade_x, both.grade_y, weights="quadratic")',
        ),
        why="A kappa near 1 means that another person's grades would lead to much the same figures.",
    ),
    "13.3": Exercise(
        _verdict,
        hints=(
            "Measure both runs on the same questions, and see on which side of 0 the interval of the difference lies.",
            'retrieval.compare(ours, theirs) takes two results of retrieval.per_query("nDCG@10", qrels, run), and gives an '
            "interval with .low and .high.",
            'd = retrieval.compare(*(retrieval.per_query("nDCG@10", qrels, run) for run in (ours, theirs))); '
            'return "better" if d.low > 0 else "worse" if d.high < 0 else "cannot tell"',
        ),
        why='"Cannot tell" is a result: it says that more questions are needed, or that the cheaper system will do.',
    ),
    "13.4": Exercise(
        _fill,
        hints=(
            "Keep count of the tokens that are used, and look at each passage in the order of the search.",
            "Take a passage if the tokens used and its own are at most the budget; otherwise go on with the next.",
            "for p in order: if used + tokens[p] <= budget: taken.append(p); used += tokens[p]",
        ),
        why="The best passages come first, and no room is wasted on one that would be cut in two.",
    ),
}
