"""Pools for readers to grade: questions of the public sets as people type them, each with twelve passages of one subject.

    python -m training.reranker.pools --data DIR --out DIR

Passages are gathered into neighbourhoods first (an article, a disease and its like, a site's answers on one theme). A
list is the labelled passage, then what bi-encoder, BM25 and MaxSim find in its neighbourhood, then what they find at all,
most disputed first. Writes DIR/pools.jsonl, and DIR/batches as readers see them: without label, kind, source or score.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
import yaml
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import normalize

from bxe.corpora import load, load_reference
from bxe.files import cache_folder, write
from bxe.models import load_bi_encoder
from training.data import Dataset, data_folder, development_sets, held_back, read, rows, shingles, training_data
from training.reranker.corrupt import as_typed, corrupt
from training.reranker.readers import write_batches
from training.reranker.special import HERE, role_swaps

# What a passage belongs to, found in "title<tab>id". SQuAD's questions are numbered article by article.
TITLE, ARTICLE, RUN, SITE = r"(.*)\t", r"(.*?)(?: / .*)?\t", r".*-(\d*?)\d{1,2}$", r"\t(.*?)\."
PAPER, OWN, NONE = r"\t\w+-(\d+)", r".*\t(.*)", r"()"  # OWN: a question's own passages, and no others
FEVER, PAGES = "fever/fever_claim_evidence_pairs", "fever/fever_claim_document"
HOTPOT, BESIDE = "hotpotqa/hotpotqa_supporting", "hotpotqa/hotpotqa_distractors"
OTHERS = UNANSWERED, CONTRAST, ROLES = "squad/squad_v2_dev_unanswerable", "contrast.jsonl.gz", "roles.yaml"
# A file: neighbourhoods, passages in each, what they belong to, and how many lists of each kind.
SETS = {
    "squad/squad_v1_dev_part": (40, 15, TITLE, dict(number=45, why=25, full=140, keywords=50, misspelt=50)),
    "squad/squad_v1_train_part": (44, 15, TITLE, dict(number=55, why=18, full=160, keywords=60, misspelt=60)),
    "squad/squad_v1_train_part2": (16, 15, TITLE, dict(number=15, why=5, full=60, keywords=20, misspelt=20)),
    "squad/squad_v1_train_sentences": (45, 22, RUN, dict(number=55, why=25, full=200, keywords=80, misspelt=60)),
    "squad/squad_v1_dev_sentences": (20, 22, RUN, dict(number=25, why=8, full=90, keywords=40, misspelt=30)),
    "squadshifts_new_wiki/new_wiki": (36, 15, TITLE, dict(number=40, why=20, full=140, keywords=50, misspelt=50)),
    "selqa/selqa": (22, 22, ARTICLE, dict(number=30, why=4, full=150, keywords=60, misspelt=40)),
    "medquad/medquad": (30, 20, TITLE, dict(number=36, why=30, full=140, keywords=60, misspelt=50)),
    "natural_questions_qed/qed_dev": (12, 20, NONE, dict(full=80, keywords=30, misspelt=20)),
    "boolq/boolq_part": (10, 22, NONE, dict(full=80, keywords=20, misspelt=20)),
    HOTPOT: (90, 10, OWN, dict(full=60)),
    FEVER: (45, 24, TITLE, dict(claim=420)),
    "stackexchange_small/stackexchange_title_answer": (32, 24, SITE, dict(why=25, forum=500)),
    "pubmedqa/pubmedqa_labelled": (20, 22, NONE, dict(research=200, claim=80, keywords=30)),
    "covid_qa/covid_qa": (22, 14, PAPER, dict(research=100)),
    "wikiwhy/wikiwhy_question_cause": (30, 24, NONE, dict(why=140)),
    UNANSWERED: (0, 0, TITLE, dict(denial=50)),
    CONTRAST: (0, 0, NONE, dict(denial=100)),
    ROLES: (0, 0, NONE, dict(denial=50)),
}
KINDS = ("denial", "number", "why", "research", "claim", "forum", "full", "keywords", "misspelt")  # rarest first
SIZE, NEAR = 12, 10  # passages of a list, at most so many of its neighbourhood
SEEDS, FIRST, ANYWHERE = 12, 7, 20  # passages tried as a neighbourhood's middle; ranks in it, and of all, that count
MOST, DRAWN, ALIKE = 2, 1_000, 0.5  # lists on one passage; pairs from roles.yaml; runs of words that near copies share
WORDS, LONG, ANSWERS = 60, 75, ("medquad", "stack")  # words of a passage that are shown, and of such answers
NUMBER = re.compile(r"(?i)\bhow (many|much|long|old|often|tall|high)\b|\bwhen [dwi]|\bwh\w+ (year|date|percent|age)")
REASON = re.compile(r"(?i)\bwhy\b|\bhow come\b|\bfor what reason\b|\bwhat (causes|caused|made|led)\b")
BROKEN = re.compile(r"[\\{}<>|_~^\ufffd\x80-\x9f\u200b-\u200f\ue000-\uf8ff]|Ã|â€|``|''|\$[^$\d]|https?:|www\.|DOI:")


@dataclass(eq=False)
class Text:
    """A passage as it is shown, and where it is found."""

    text: str
    source: dict
    place: str  # the article, disease, page, paper or site; "" if that is not known
    subject: str = ""  # by which its neighbours are found: title, questions, text
    hood: str = ""  # its neighbourhood, if it is in one


def public(folder: Path, recipe: dict) -> tuple[dict[str, list[Text]], list[dict]]:
    """Texts and questions of each file: only what may be trained on, nothing of bxe's own sets, nothing graded before."""
    closed = [row["question"] for row in rows(folder / "graded/graded_lists.jsonl.gz")] + [*load("questions").text]
    closed += [*load("sts").question.dropna(), *load_reference()["query"]]
    shares = dict.fromkeys((*recipe["develop"].values(), *recipe["left_out"].values()), 1)
    shares |= {name: recipe["develop_share"] for name in shares if name in recipe["train"]}
    closed += [e.query for name in shares for e in read(folder, name).examples if held_back(e.group, shares[name])]
    closed = {question.lower().strip("?. ") for question in closed}
    banned = [passage for data in development_sets(folder, recipe).values() for passage in data.passages]
    banned += [*load_reference().text, *load("passages").text, *load("sts").text1, *load("sts").text2]
    files = dict.fromkeys([name for name in (*SETS, PAGES) if name not in OTHERS], 10**9)
    parts = training_data(folder, recipe | {"train": files, "most_times": 1}, banned)
    run, beside = recipe["shared_words"], [row["passage"] for row in rows(folder / f"{BESIDE}.jsonl.gz")]
    seen = set().union(*(shingles(passage, run) for passage in banned))
    # Passages labelled as wrong are in no part, but held to the same rule.
    parts.append(Dataset(BESIDE, [passage for passage in beside if not shingles(passage, run) & seen]))
    texts, asked = defaultdict(list), []
    for part in parts:
        found, home = rows(folder / f"{part.name}.jsonl.gz"), {PAGES: FEVER, BESIDE: HOTPOT}.get(part.name, part.name)
        shown = texts_of(part, found)
        paged = [piece for whole, text in shown.items() for piece in pieces(whole, text)] if part.name == PAGES else []
        texts[home] += paged or shown.values()
        entries = [(home, e.query, [part.passages[at] for at in e.positives]) for e in part.examples if not paged]
        if "dev_part" in home:
            others = rows(folder / f"{UNANSWERED}.jsonl.gz")
            entries += [(UNANSWERED, row["question"], [" ".join(row["passage"].split())]) for row in others]
        said = {row.get("question"): re.split(r"(?<=[a-z)]\.) ", row.get("long_answer", ""))[0] for row in found}
        for name, question, right in entries:
            must = [shown[whole] for whole in right if whole in shown][: None if name == HOTPOT else 1]
            if must and question.lower().strip("?. ") not in closed and fit(question, right[0], home):
                asked.append({"set": name, "question": question, "claim": said.get(question) or question, "must": must})
    return texts, asked


def texts_of(part: Dataset, found: list[dict]) -> dict[str, Text]:
    """The readable passages of a file, each under its whole text."""
    rule = TITLE if part.name == PAGES else SETS.get(part.name, SETS[HOTPOT])[2]
    questions, shown = {whole: [] for whole in part.passages}, {}
    for example in part.examples:
        questions[part.passages[example.positives[0]]].append(example.query)
    places = [re.match(rule, f"{row.get('title', '')}\t{row['id']}").group(1) for row in found]
    # CORD-19's papers have a licence each: only those that state a free one.
    free = {p for p, row in zip(places, found) if "covid" not in part.name or "License: cc-by" in row["passage"]}
    for place, row in zip(places, found):
        whole = " ".join((row.get("passage") or row["text2"]).split())
        words = whole.split()[: LONG if part.name.startswith(ANSWERS) else WORDS]
        text, enough = " ".join(words), len(words) >= (4 if "wikiwhy" in part.name else 8)
        if place in free and whole in questions and whole not in shown and enough and not BROKEN.search(text):
            source = {"file": part.name, "id": row["id"], "words": [0, len(words)]}
            shown[whole] = Text(text, source, place, " ".join([row.get("title", ""), *questions[whole][:4], text]))
    return shown


def pieces(whole: str, page: Text) -> list[Text]:
    """A page in pieces that end with a sentence, of 25 to 45 words."""
    cut = [(p.group(), whole[: p.start()].count(" ")) for p in re.finditer(r"\S+(?: \S+){23,44}?\.(?= |$)", whole)]
    new = [Text(t, page.source | {"words": [n, n + len(t.split())]}, page.place, f"{page.place} {t}") for t, n in cut]
    return [piece for piece in new if not BROKEN.search(piece.text)]


def fit(question: str, whole: str, name: str) -> bool:
    """Whether a question can be understood alone, and is likelier answered in what is shown than behind the cut."""

    def content(words: list[str]) -> set[str]:
        return {word[:5] for word in re.findall(r"\w+", " ".join(words).lower()) if word not in ENGLISH_STOP_WORDS}

    words, whole, loose = question.split(), whole.split(), name.startswith((*ANSWERS, "pubmedqa"))
    named = any(word[0].isupper() or word[0].isdigit() for word in words[1:])
    clear = len(content(words)) >= (2 if named or loose else 4) and 4 <= len(words) <= 32
    late = content(words) & content(whole[WORDS:]) - content(whole[:WORDS])
    return clear and (loose or 4 * len(late) <= len(content(words))) and not BROKEN.search(question)


def ours(recipe: dict) -> tuple[dict[str, list[Text]], list[dict]]:
    """Our contrast pairs, and pairs made from the table of verbs: what answers, its trap, and either with a change."""
    rng, texts, asked = random.Random(recipe["seed"]), defaultdict(dict), []
    swaps = role_swaps(HERE / ROLES, DRAWN, recipe["special"]["roles_as_keywords"], random.Random(recipe["seed"]))
    pairs = [(CONTRAST, *pair) for pair in enumerate(rows(HERE / CONTRAST))]
    for name, number, row in pairs + [(ROLES, *pair) for pair in enumerate(swaps)]:
        at, sides = {"file": name, "row": number}, []
        for side in ("answer", "trap"):
            text = Text(row[side], at | {"side": side}, f"{name} {number}", hood=name)
            sides.append(texts[name].setdefault(row[side], text))
        changed = [corrupt(row["query"], s.text, recipe["traps"], rng, True) for s in sides if name == CONTRAST]
        more = [Text(new or "", s.source | {"changed": True}, s.place) for s, new in zip(sides, changed)]
        sides += [text for text in more if text.text and text.text not in row.values()]
        asked.append({"set": name, "question": row["query"], "claim": row["query"], "must": sides})
    return {name: list(found.values()) for name, found in texts.items()}, asked


def gather(name: str, texts: list[Text], rng: random.Random) -> None:
    """Put texts into neighbourhoods: the densest of some, each a place and what is nearest to it by its words."""
    hoods, size, rule, _ = SETS[name]
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(text.subject for text in texts)
    places, free, begun = np.array([text.place for text in texts]), np.ones(len(texts), bool), set()
    for number in range(hoods):
        left, tried = [at for at in np.flatnonzero(free) if places[at] not in begun] or [*np.flatnonzero(free)], []
        for seed in rng.sample(left, min(SEEDS, len(left))):
            same = (places == places[seed]) & (places[seed] != "")
            near = (vectors[seed] @ vectors.T).toarray()[0] + same - 9 * ~(free & (same | (rule != OWN)))
            members = [int(at) for at in np.argsort(-near, kind="stable")[:size] if near[at] >= 0]
            tried.append((len(members) > size / 2, near[members].mean(), members))
        *_, best = max(tried)
        free[best] = False
        begun |= {places[at] for at in best[:1] if places[at] and rule != SITE}
        for at in best:
            texts[at].hood = f"{name} {number}"


def draw(asked: list[dict], rng: random.Random) -> list[dict]:
    """Kinds and questions, typed: none twice, few on one passage."""
    drawn, done = [], Counter()
    for kind in KINDS:
        for entry in rng.sample(asked, len(asked)):
            text, question, key = entry["must"][0], entry["question"], (kind, entry["set"])
            suits = {"number": NUMBER.search(question) and re.search(r"\d", text.text), "why": REASON.search(question)}
            suits["claim"] = 6 <= len(entry["claim"].split()) <= 32
            fresh = not done[question] and done[text] < MOST and done[key] < SETS[entry["set"]][-1].get(kind, 0)
            if fresh and text.hood and suits.get(kind, True):
                done.update([question, text, key])
                query = entry["claim" if kind == "claim" else "question"]
                drawn.append(entry | {"kind": kind, "query": typed(query, kind, rng)})
    return drawn


def typed(query: str, kind: str, rng: random.Random) -> str:
    """MedQuAD's templates smoothed; then in keywords, or with a slip or two and a small word left out, or as it is."""
    query = re.sub(r"\?+$", "?", query.replace(" is (are)", " is").replace("Do you have information", "information"))
    if kind == "keywords":
        return " ".join(w for w in as_typed(query, {"keywords": 1}, rng).split()[:8] if w not in ("did", "does"))
    if kind != "misspelt":
        return query if kind == "denial" else as_typed(query, {"as_it_is": 3, "lower_case": 1}, rng)
    words = query.lower().rstrip("?. ").split()
    small = [at for at, word in enumerate(words) if at and word in ENGLISH_STOP_WORDS]
    if small and rng.random() < 0.6:
        words.pop(rng.choice(small))
    query = " ".join(words)
    for _ in range(rng.choice([1, 2])):
        at = rng.choice([found.start() for found in re.finditer(r"(?<=[a-z])[a-z](?=[a-z])", query)])
        a, b = query[at : at + 2]
        query = query[:at] + rng.choice([b + a, b, a + a + b, rng.choice("aeiou") + b]) + query[at + 2 :]
    return query


def embedded(texts: list[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each text its vector [384] and its words' [n, 384], all of length 1; computed once, then kept on disk."""
    paths = {text: cache_folder() / "tokens" / hashlib.sha256(text.encode()).hexdigest() for text in texts}
    missing, model = sorted((text for text, path in paths.items() if not path.exists()), key=len), load_bi_encoder()
    for start in range(0, len(missing), 64):
        some = missing[start : start + 64]
        for text, vectors in zip(some, model.encode(some, output_value="token_embeddings", show_progress_bar=False)):
            write(paths[text], vectors.cpu().numpy().astype(np.float16).tobytes())
    found = {text: np.fromfile(path, np.float16).astype(np.float32).reshape(-1, 384) for text, path in paths.items()}
    return {text: (normalize(v.mean(0, keepdims=True))[0], normalize(v[1:-1])) for text, v in found.items()}


def lists(drawn: list[dict], texts: list[Text], rng: random.Random) -> list[dict]:
    """A row for each question: the passages it must have, then those in turn that are not nearly the same."""
    queries = [entry["query"] for entry in drawn]
    vectors = embedded([*queries, *(text.text for found in (texts, *(e["must"] for e in drawn)) for text in found)])
    runs = {text: shingles(text, 5) for text in vectors}
    matrix, hoods = np.stack([vectors[text.text][0] for text in texts]), np.array([text.hood for text in texts])
    made, index, bags = [], bm25s.BM25(), bm25s.tokenize(queries, return_ids=False, show_progress=False)
    index.index(bm25s.tokenize([text.text for text in texts], show_progress=False), show_progress=False)
    for entry, query, bag in zip(drawn, queries, bags):
        first, (vector, words), chosen = entry["must"][0], vectors[query], list(entry["must"])
        scores = np.stack([matrix @ vector, index.get_scores(bag)])
        near, own = np.flatnonzero(hoods == first.hood), first.hood in OTHERS
        far = np.where(np.isin(hoods, [CONTRAST, ROLES, first.hood]), -1, scores)
        far = np.unique(np.argsort(-far, axis=1, kind="stable")[:, :ANYWHERE])
        for pool, most in ((near, SIZE if own else NEAR), (far, SIZE), (near, SIZE)):
            late = [(words @ vectors[texts[at].text][1].T).max(1).mean() for at in pool]  # MaxSim
            bad = [entry["kind"] == "number" and not re.search(r"\d", texts[at].text) for at in pool]
            ranks = (-np.stack([*scores[:, pool], late])).argsort(1, kind="stable").argsort(1)
            early, gap = ranks.min(0), np.ptp(ranks, axis=0)
            # The first of each ranking, then early ones by how much the three disagree, then the rest.
            order = np.lexsort((np.where(early < FIRST, -gap, early), bad, early >= FIRST, early > 0))
            for at in pool[order[:99]]:
                new = runs[texts[at].text]
                shared = [len(new & runs[text.text]) / min(len(new), len(runs[text.text])) for text in chosen]
                if len(chosen) < most and max(shared) <= ALIKE:
                    chosen.append(texts[at])
        rng.shuffle(chosen)
        name = [Path(entry["set"]).name.split(".")[0], entry["kind"], hashlib.sha256(query.encode()).hexdigest()[:8]]
        row = {"id": "-".join(name)} | {key: entry[key] for key in ("kind", "set", "question", "query")}
        row |= {"passages": [text.text for text in chosen], "sources": [text.source for text in chosen]}
        row |= {"labelled": None if entry["set"] == UNANSWERED else chosen.index(first)}
        row |= {"cosines": [round(float(vector @ vectors[text.text][0]), 4) for text in chosen]}
        made.append(row | {"near": [text.hood == first.hood or text.place == first.place != "" for text in chosen]})
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder of the public sets (see training/README.md)")
    parser.add_argument("--out", type=Path, required=True, help="where the pools go")
    args, recipe = parser.parse_args(), yaml.safe_load((HERE / "recipe.yaml").read_text())
    rng = random.Random(recipe["seed"])
    (texts, asked), (own, pairs) = public(data_folder(args.data), recipe), ours(recipe)
    for name, found in texts.items():
        gather(name, found, rng)
    usable = [text for found in (*texts.values(), *own.values()) for text in found if text.hood]
    made = lists(draw(asked + pairs, rng), usable, rng)
    rng.shuffle(made)
    made = [{"short": f"L{number:04}"} | row for number, row in enumerate(made, 1)]
    write(args.out / "pools.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made).encode())
    write_batches(made, args.out / "batches", "batch")
    print(len(made), "lists:", Counter((row["kind"], row["set"]) for row in made))


if __name__ == "__main__":
    main()
