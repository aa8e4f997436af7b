"""The texts keep their promises: counts, variety, no leakage between splits, every pooled pair judged, and difficulty."""

import gzip
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from bxe import corpora
from bxe.models import load_bi_encoder
from bxe.retrieval import embed, per_query, retrieve, retrieve_bm25
from tools.texts import NEAR, OPENING, commonest_opening, near_duplicates, texts_of

DATA = Path(corpora.__file__).parent.parent / "data"
TEXTS = [name for name in corpora.COLUMNS if name not in ("qrels", "photographs", "handbook_grades")]


@pytest.fixture(scope="module")
def model():
    return load_bi_encoder(device="cpu")


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_occurs_twice(name):
    frame = corpora.load(name)
    texts = frame.text1 + " | " + frame.text2 if name == "sts" else frame.text
    assert [text for text, count in Counter(texts.str.lower()).items() if count > 1] == []


@pytest.mark.parametrize("name", TEXTS)
def test_no_opening_begins_too_many_texts(name):
    texts = texts_of(name)
    opening, count = commonest_opening(texts)
    assert count <= max(2, math.ceil(OPENING * len(texts))), opening


@pytest.mark.parametrize("name", ["passages", "questions", "tickets", "sentences", "docstring_questions", "howto"])
def test_no_two_texts_are_nearly_the_same(name):
    texts = texts_of(name)
    assert [(texts[i], texts[j]) for i, j in near_duplicates(texts)] == []


def test_near_duplicates_of_faq_are_marked_as_paraphrase_or_near_miss():
    faq = corpora.load("faq")
    group = dict(zip(faq.faq_id, faq.group_id))
    # A near miss belongs with its origin, with the origin's paraphrases, and with other near misses of these.
    home = [group.get(origin, own) for origin, own in zip(faq.near_miss_of, faq.group_id)]
    texts = faq.text.tolist()
    assert [
        (texts[i], texts[j])
        for i, j in near_duplicates(texts)
        if home[i] != home[j] and faq.group_id[i] != faq.group_id[j]
    ] == []


def test_near_duplicates_of_sts_are_the_two_sides_of_a_pair():
    pairs = corpora.load("sts")
    texts = pairs.text1.tolist() + pairs.text2.tolist()
    assert [(texts[i], texts[j]) for i, j in near_duplicates(texts) if j - i != len(pairs)] == []


# ---------------------------------------------------------------- counts


def test_passages_are_ten_for_each_of_sixty_subjects_in_ten_categories():
    passages = corpora.load("passages")
    assert passages.groupby("subject").size().eq(10).all() and passages.subject.nunique() == 60
    assert passages.groupby("category").subject.nunique().eq(6).all() and passages.category.nunique() == 10
    assert passages.text.str.split().str.len().between(20, 90).all()
    assert not set(passages.text) & set(corpora.load_reference().text)


def all_questions():
    """The sealed ones, too: reading them for the sake of the data's form is no measurement."""
    return pd.concat([corpora.load("questions"), corpora.load("questions", "sealed")], ignore_index=True)


def test_sealed_questions_are_twenty_of_each_kind_and_ask_for_nothing_asked_before(model):
    sealed, others = corpora.load("questions", "sealed"), corpora.load("questions")
    assert sealed["style"].value_counts().eq(20).all() and sealed["style"].nunique() == 6
    assert not set(sealed.question_id) & set(others.question_id)
    alike = embed(model, sealed.text) @ embed(model, others.text).T
    assert alike.max() < 0.85


def test_questions_have_the_styles_splits_and_labels_asked_for():
    questions = corpora.load("questions")
    assert len(corpora.load("questions", "learn")) >= 120 and len(corpora.load("questions", "test")) >= 60
    assert set(questions["style"]) == {"question", "keywords", "misspelt"}
    assert (questions.words == "mislead").sum() >= 30 and (questions.words == "win").sum() >= 15


def test_every_pooled_pair_has_a_grade_and_every_question_something_to_find():
    qrels, questions = corpora.load("qrels"), all_questions()
    assert set(qrels.grade) == {0, 1, 2, 3}
    assert not qrels.duplicated(["question_id", "passage_id"]).any()
    assert set(qrels.question_id) == set(questions.question_id)
    assert set(qrels.passage_id) <= set(corpora.load("passages").passage_id)
    assert (qrels.groupby("question_id").grade.max() >= 2).all()


def test_the_pool_holds_the_top_twenty_of_bm25_and_of_the_bi_encoder(model):
    passages, questions, qrels = corpora.load("passages"), all_questions(), corpora.load("qrels")
    passages, questions = passages.set_index("passage_id").text, questions.set_index("question_id").text
    judged = set(zip(qrels.question_id, qrels.passage_id))
    # The twentieth of the bi-encoder may differ by rounding, so its first nineteen are asked for.
    dense, lexical = retrieve(model, questions, passages, top_k=19), retrieve_bm25(questions, passages, top_k=20)
    for question, found in lexical.items():
        # Of BM25, those above the twentieth: which of several with its score were judged, the CPU decided that pooled them.
        cut = min(found.values()) + 1e-6 if len(found) == 20 else 0
        asked = {*dense[question], *(passage for passage, score in found.items() if score > cut)}
        assert [passage for passage in asked if (question, passage) not in judged] == [], question


def test_tickets_have_fifteen_unequal_intents_and_three_splits():
    tickets = corpora.load("tickets")
    inside = tickets[tickets.intent != "out_of_scope"]
    sizes = inside.groupby("intent").size()
    assert len(inside) >= 1500 and len(sizes) == 15 and sizes.max() > 3 * sizes.min()
    assert (tickets.intent == "out_of_scope").sum() >= 60
    assert "out_of_scope" not in set(corpora.load("tickets", "train").intent)
    for split in ("train", "validation", "test"):
        assert corpora.load("tickets", split).query("intent != 'out_of_scope'").intent.nunique() == 15
    assert tickets.text.str.split().str.len().between(4, 60).all()
    assert inside.second_intent.notna().sum() >= 50 and (tickets.language != "en").sum() >= 50
    assert not (inside.second_intent == inside.intent).any()


def test_faq_has_its_groups_and_near_misses():
    faq = corpora.load("faq")
    sizes = faq.groupby("group_id").size()
    assert len(faq) >= 1200 and (sizes > 1).sum() >= 250 and sizes.max() <= 5
    near = faq[faq.near_miss_of.notna()]
    group = dict(zip(faq.faq_id, faq.group_id))
    assert len(near) >= 200
    assert all(group[origin] != own for origin, own in zip(near.near_miss_of, near.group_id))


def test_sts_grades_lie_on_the_scale_and_traps_have_questions():
    pairs = corpora.load("sts")
    assert len(pairs) >= 400 and pairs.phenomenon.nunique() == 9
    assert ((pairs.score * 2) % 1 == 0).all() and pairs.score.between(0, 5).all()
    assert pairs.question.notna().equals(pairs.phenomenon.isin(["negation", "number", "role_swap"]))


def test_training_pairs_of_the_reranker_share_nothing_with_sts():
    path = Path(__file__).parent.parent / "training" / "reranker" / "contrast.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    ours = texts_of("sts") + corpora.load("sts").question.dropna().tolist()
    theirs = [row[key] for row in rows for key in ("query", "answer", "trap")]
    found = near_duplicates(ours + theirs, NEAR)
    assert [(i, j) for i, j in found if i < len(ours) <= j] == []


# ---------------------------------------------------------------- difficulty, with all-MiniLM-L6-v2


def test_questions_are_neither_too_easy_nor_too_hard(model):
    passages, questions, qrels = (corpora.load(name) for name in ("passages", "questions", "qrels"))
    scores = embed(model, questions.text) @ embed(model, passages.text).T
    run = {q: dict(zip(passages.passage_id, row)) for q, row in zip(questions.question_id, scores.tolist())}
    judged = qrels[qrels.question_id.isin(questions.question_id)]
    assert 0.55 < per_query("nDCG@10", judged, run).mean() < 0.9


def test_tickets_are_neither_too_easy_nor_too_hard(model):
    parts = {}
    for split in ("train", "test"):
        tickets = corpora.load("tickets", split).query("intent != 'out_of_scope'")
        parts[split] = (embed(model, tickets.text), tickets.intent)
    accuracy = LogisticRegression(C=10, max_iter=2000).fit(*parts["train"]).score(*parts["test"])
    assert 0.80 < accuracy < 0.97


def test_no_threshold_parts_the_paraphrases_of_faq_cleanly(model):
    faq = corpora.load("faq")
    vectors = embed(model, faq.text)
    first, second = np.triu_indices(len(faq), 1)
    order = (-(vectors @ vectors.T)[first, second]).argsort()
    same = (faq.group_id.to_numpy()[first] == faq.group_id.to_numpy()[second])[order]
    hits = same.cumsum()
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + same.sum())
    assert f1.max() < 0.9


# ---------------------------------------------------------------- size


def test_all_data_is_under_three_megabytes():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 3e6


# ---------------------------------------------------------------- the handbook of notebook 13


def handbook():
    documents = corpora.load("handbook").set_index("document_id").text
    return documents, corpora.chunks(documents, words=80).set_index("passage_id").text


def test_every_answer_stands_in_one_place_of_the_handbook_and_eight_questions_have_none():
    documents, _ = handbook()
    questions = corpora.load("handbook_questions")
    assert len(questions) == 30 and (questions.answer == "").sum() == 8
    places = {
        row.text: sum(text.count(row.answer) for text in documents) for row in questions.itertuples() if row.answer
    }
    assert [text for text, count in places.items() if count != 1] == []


def test_the_grades_are_for_the_passages_that_chunks_makes():
    _, passages = handbook()
    grades, questions = corpora.load("handbook_grades"), corpora.load("handbook_questions")
    assert set(grades.passage_id) <= set(passages.index) and set(grades.question_id) == set(questions.question_id)
    assert not grades.duplicated(["question_id", "passage_id"]).any()
    assert set(grades.grade) == {0, 1, 2, 3} and set(grades.again.dropna()) <= {0, 1, 2, 3}
    assert grades.groupby("again", dropna=True).question_id.nunique().max() == 10


def test_a_passage_that_holds_the_answer_whole_answers_and_what_has_no_answer_has_no_such_grade():
    _, passages = handbook()
    grades, questions = corpora.load("handbook_grades"), corpora.load("handbook_questions")
    given = grades.set_index(["question_id", "passage_id"]).grade
    held = corpora.quoted(questions, passages)
    assert [pair for pair in zip(held.question_id, held.passage_id) if given.get(pair) != 3] == []
    best = given.groupby("question_id").max()
    assert (best[questions.question_id[questions.answer == ""]] <= 1).all()
    assert (best[questions.question_id[questions.answer != ""]] >= 2).all()
