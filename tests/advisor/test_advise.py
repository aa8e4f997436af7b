"""The advice on small corpora, with the real models: what it measures, says and writes."""

import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import advisor, corpora, files, load_bi_encoder, load_cross_encoder, load_multi_vector_encoder, retrieval
from bxe.advisor import costs, looks, measuring, page, picture, serving, wording

HOSTILE = '<script src="http://evil.example/x.js"></script><img src=x onerror=alert(1)> & "quoted"'


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    """The models, loaded once for all tests here; what they keep on disk goes to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BXE_CACHE", str(tmp_path_factory.mktemp("cache")))
        loaded = (
            load_bi_encoder(device="cpu"),
            load_multi_vector_encoder(device="cpu"),
            load_cross_encoder(device="cpu"),
        )
        names = ("load_bi_encoder", "load_multi_vector_encoder", "load_cross_encoder")
        for name, model in zip(names, loaded):
            patch.setattr(f"bxe.models.{name}", lambda model=model: model)
        yield loaded


@pytest.fixture(scope="module")
def course():
    """20 of the course's test questions, and 30 passages that hold all their answers; the texts are cut short."""
    questions = corpora.load("questions", "test").set_index("question_id").text
    qrels = corpora.load("qrels")
    qrels = qrels[(qrels.grade == 3) & qrels.question_id.isin(questions.index)].drop_duplicates("question_id")[:20]
    questions = questions[qrels.question_id]
    passages = corpora.load("passages").set_index("passage_id").text
    others = passages.drop(qrels.passage_id.unique())[::20]
    passages = pd.concat([passages[qrels.passage_id.unique()], others])[:30]
    return passages.str[:80], questions, qrels


@pytest.fixture(scope="module")
def advice(course):
    return advisor.advise(*course, load=0.01, latency_ms=100_000, seconds=300, name=HOSTILE)


@pytest.fixture(scope="module")
def without():
    """No questions, three languages, a copy, one text that is too long, and a text that is markup."""
    texts = [*ENGLISH, *OTHERS, ENGLISH[0].upper(), "A long walk along the river. " * 1000, HOSTILE]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "STAND_INS", 2)
        return advisor.advise(pd.Series(texts), latency_ms=100_000, seconds=4)


ENGLISH = [
    "The baker opens his shop at six in the morning.",
    "Tomatoes should be watered in the evening, never in full sun.",
    "The meeting was moved to Thursday because the room is taken.",
    "The children play in the yard while their mother reads.",
    "We lost the keys of the car yesterday.",
    "The ferryman waits at the bank until the fog lifts.",
    "Please do not park in front of the gate, or you will be towed.",
    "In winter the canals freeze, and the children skate on them.",
]
OTHERS = [
    "Der Bäcker öffnet seinen Laden um sechs Uhr morgens.",
    "Tomaten sollte man abends gießen, niemals in der prallen Sonne.",
    "Die Sitzung wurde auf Donnerstag verschoben, weil der Raum belegt ist.",
    "Die Kinder spielen im Hof, während ihre Mutter liest.",
    "Le boulanger ouvre sa boutique à six heures du matin.",
    "Il faut arroser les tomates le soir, jamais en plein soleil.",
    "La réunion est reportée à jeudi parce que la salle est occupée.",
    "Les enfants jouent dans la cour pendant que leur mère lit.",
]


def test_each_step_of_a_query_gives_what_retrieval_gives_for_many(models, course):
    bi, late, cross = models
    passages, questions, _ = course
    passages, questions = passages[:20], questions[:3]
    vectors, _ = measuring._vectors(bi, passages.tolist(), measuring.Time(60, _NoBar()))
    words = serving.Words(passages.tolist())
    server = serving.Server(passages.index.tolist(), passages.tolist(), vectors, vectors, words, words, bi, late, cross)
    server.keep_all_tokens()
    server.hnsw = measuring._hnsw(vectors)
    dense = retrieval.retrieve(bi, questions, passages, top_k=100)
    bm25 = retrieval.retrieve_bm25(questions, passages, top_k=100)
    late5, cross5 = (retrieval.score(model, retrieval.first(dense, 5), questions, passages) for model in (late, cross))
    expected = {
        "BM25": bm25,
        "dense": dense,
        "dense, HNSW": dense,  # of so few vectors it misses none
        "hybrid": retrieval.fuse(dense, bm25),
        "late interaction": retrieval.score(late, dense, questions, passages),  # dense found all of them
        "dense + MaxSim (5)": retrieval.reorder(dense, late5, top_k=5),
        "dense + cross-encoder (5)": retrieval.reorder(dense, cross5, top_k=5),
        "dense + sum (5)": retrieval.reorder(dense, retrieval.add(cross5, late5, weights=(1, 20)), top_k=5),
    }
    assert list(expected) == list(serving.systems([5], hnsw=True, late=True))
    for name, question in questions.items():
        answered = server.answer(question, [3, 5], serving.Clock())
        for system, run in expected.items():
            found = {passages.index[at]: score for at, score in answered[system].items()}
            assert retrieval.ranking({name: found}, name) == retrieval.ranking(run, name), system
            assert found == pytest.approx(run[name], abs=2e-3), system


class _NoBar:
    total, n = 1, 0

    def update(self, _):
        pass


def test_every_system_has_its_quality_time_and_cost(advice, course):
    table = advice.table
    assert set(table.index) == set(serving.systems(advice.measured.depths, hnsw=False, late=True))
    assert list(table.columns) == ["nDCG@10", "questions", "gain", "gain low", "gain high", *costs.COLUMNS]
    assert advice.questions == 20 and advice.measured.sample == 30
    assert table["nDCG@10"].between(0, 1).all() and (table["p50 ms"] <= table["p95 ms"]).all()
    assert table["cost"].is_monotonic_increasing and table.fits.all()
    values = {name: retrieval.per_query("nDCG@10", course[2], run).mean() for name, run in advice.measured.runs.items()}
    assert table["nDCG@10"].to_dict() == pytest.approx(values)
    assert table.gain.drop("BM25").to_dict() == pytest.approx(
        {name: values[name] - values["BM25"] for name in values if name != "BM25"}
    )


def test_a_system_takes_as_long_as_its_steps(advice):
    table, wall = advice.table, advice.measured.wall
    assert table["p50 ms"]["dense"] == pytest.approx((wall["encode"] + wall["search"]).median())
    summed = wall[["encode", "search", "late 10", "cross 10"]].sum(axis=1)
    assert table["p95 ms"]["dense + sum (10)"] == pytest.approx(summed.quantile(0.95))


def test_a_recommendation_has_its_measurement_and_its_sentence(advice):
    named = advice.choice or advice.decision.meanwhile
    assert advice.table.fits[named] and advice.table["nDCG@10"][named] > 0
    assert any(f"What {named} costs" in said for said in advice.why)
    if advice.choice:
        assert advice.why[0].startswith(f"Use {named}. Its nDCG@10 is {advice.table['nDCG@10'][named]:.2f}")
    else:
        assert advice.why[0].startswith("Too few questions to tell: 20 were asked")
        assert f"{advice.decision.needed:,} like these" in advice.why[0]


def test_limits_that_nothing_meets_leave_no_choice(advice, course):
    table = costs.costs(advice.measured, load=1e9, latency_ms=1e-6)
    assert not table.fits.any() and set(table.limit) == {"latency, load"}
    decision = advisor.advice.decide([], {})
    said = wording.sentences(
        table.assign(**{"nDCG@10": None}),
        decision,
        advice.gains,
        advice.measured,
        load=1e9,
        latency_ms=1e-6,
        given=24,
        judged=24,
    )
    assert said[0].startswith("No system meets your limits (1,000,000,000 queries a second, 95 of 100 within 1e-06 ms)")


def test_without_questions_nothing_is_recommended_and_it_says_why(without):
    assert without.choice is None and without.decision.meanwhile is None
    assert without.table["nDCG@10"].isna().all() and (without.table["p95 ms"] > 0).all()
    said = " ".join(without.why)
    assert "cannot be known here, because there are no questions" in said and "collect 20 to 100 questions" in said


def test_it_says_what_the_texts_are_like(without):
    said, found = " ".join(without.why), without.measured.looks
    assert (
        found.texts == 19
        and found.copies == 1
        and "Copies of others among the 19 texts, but for capitals and spaces: 1." in said
    )
    assert found.longer == pytest.approx(1 / 19) and "never reads" in said and "Cut the texts into passages" in said
    assert found.broken == pytest.approx(8 / 19, abs=0.06) and "tokenizer breaks up the words of" in said
    assert "only questions of your own can" in said


def test_twelve_texts_need_no_search_engine(monkeypatch):
    monkeypatch.setattr(measuring, "STAND_INS", 4)
    found = advisor.advise(pd.Series(ENGLISH + ["Tea."] * 4), latency_ms=100_000, seconds=3)
    assert found.choice is None
    assert found.why[0].startswith("No search engine is needed: 12 texts of ") and "Read them all" in found.why[0]


def test_when_the_time_is_up_it_has_a_smaller_sample_and_fewer_questions_and_says_so(course, monkeypatch):
    monkeypatch.setattr(measuring.Time, "gone", lambda self: float("inf"))
    found = advisor.advise(*course, latency_ms=100_000, seconds=1)
    assert (found.measured.sample, len(found.measured.wall), found.choice) == (16, 2, None)
    assert "a sample: 16 of 30 texts" in " ".join(found.why)
    assert "late interaction" not in found.table.index and ", so not here" in page.html(found)
    assert f"{found.questions} of your 20 questions could be asked in the time" in " ".join(found.why)


def test_where_an_exact_search_of_all_texts_takes_longer_than_encoding_an_index_is_measured_too(course, monkeypatch):
    passages, questions, qrels = course
    many = pd.Series({f"m{at}": f"Note {at} says nothing of interest." for at in range(6000)})
    monkeypatch.setattr(measuring.Time, "gone", lambda self: float("inf"))
    monkeypatch.setattr(measuring, "LARGE", 1)
    found = advisor.advise(pd.concat([passages, many]), questions, qrels, latency_ms=100_000, seconds=1)
    assert found.table["bytes a text"]["dense, HNSW"] == 4 * 384 + 256
    assert f"HNSW was built over {found.measured.sample} texts only" in " ".join(found.why)


def test_a_cross_encoder_that_is_far_too_slow_is_asked_a_few_questions_and_compared_on_these(course, monkeypatch):
    passages, questions, qrels = course
    monkeypatch.setattr(measuring, "GLANCE", 2)
    found = advisor.advise(passages, questions[:4], qrels, latency_ms=0.001, seconds=300)
    cross, late, bm25 = "dense + cross-encoder (10)", "dense + MaxSim (10)", "BM25"
    assert found.table.questions[[cross, late, bm25]].tolist() == [2, 4, 4]
    values = {name: retrieval.per_query("nDCG@10", qrels, found.measured.runs[name]) for name in (cross, bm25)}
    asked = list(found.measured.runs[cross])
    gained = (values[cross][asked] - values[bm25][asked]).mean()
    assert found.table.gain[cross] == pytest.approx(gained)
    expected = values[bm25][list(found.measured.runs[bm25])].mean() + gained
    assert found.table["nDCG@10"][cross] == pytest.approx(min(1, max(0, expected)))
    assert found.choice is None and found.why[0].startswith("No system meets your limits")
    assert f"≈ {found.table['nDCG@10'][cross]:.3f} (2)" in page.html(found)


def test_the_relevant_texts_never_make_up_more_of_a_sample_than_the_others():
    ids = list(range(100))
    order, asked = measuring.order_of(ids, {f"q{at}": {at, 99 - at} for at in range(20)})
    assert sorted(order) == ids and sorted(asked) == sorted(f"q{at}" for at in range(20))
    relevant = {*range(20), *range(80, 100)}
    for size in range(1, 80):
        assert sum(at in relevant for at in order[:size]) <= size / 2 + 1


def test_english_with_names_is_not_taken_for_another_language(models):
    tokenizer = models[0].tokenizer
    assert looks.broken(OTHERS, tokenizer) == [True] * 8 and looks.broken(ENGLISH, tokenizer) == [False] * 8
    assert looks.broken(["今日はとても良い天気ですね", "Сегодня очень хорошая погода", "Tee"], tokenizer) == [
        True,
        True,
        False,
    ]
    for name in ("passages", "faq", "tickets"):
        frame = corpora.load(name)[::10]
        frame = frame[frame.language == "en"] if "language" in frame else frame
        assert sum(looks.broken(frame.text.tolist(), tokenizer)) <= 0.01 * len(frame)


@pytest.mark.parametrize(("step", "times"), [("search", 10), ("bm25", 10), ("encode", 1), ("cross 10", 1)])
def test_what_looks_at_every_text_grows_with_them_and_what_a_model_reads_does_not(step, times):
    assert costs.factor(step, 1000, 10_000) == pytest.approx(times)
    assert costs.factor(step, 1000, 1000) == costs.factor(step, 1000, 10) == 1


# ---------------------------------------------------------------- the page


class Page(HTMLParser):
    """The tags of a page with their attributes, its text, and whether each tag is closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("which", ["advice", "without"])
def test_the_page_fetches_nothing_and_runs_no_script(which, request):
    html = page.html(request.getfixturevalue(which))
    found = Page(html)
    assert not found.open
    assert {tag for tag, _ in found.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "a", "form"})
    for tag, attributes in found.tags:
        assert not {"src", "href", "srcset", "data", "action", "style"} & attributes.keys(), tag
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in html and "@import" not in html and "default-src 'none'" in html


def test_the_page_shows_a_hostile_name_as_it_stands(advice):
    html = page.html(advice)
    assert HOSTILE in Page(html).text and "<script" not in html


def test_the_page_says_every_sentence_and_every_system_and_the_picture_says_its_finding(advice):
    found = Page(page.html(advice))
    said = " ".join(found.text.split())
    assert all(" ".join(sentence.split()) in said for sentence in advice.why)
    assert all(name in said for name in advice.table.index)
    (picture,) = [attributes for tag, attributes in found.tags if tag == "svg"]
    assert picture["role"] == "img" and re.match(
        r"Points: quality against cost\. \S.* costs least", picture["aria-label"]
    )
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in found.tags


@given(st.lists(st.tuples(st.floats(1e-9, 1e9), st.floats(0, 1)), min_size=1, max_size=10))
def test_the_points_of_the_picture_hide_no_number_and_stay_within_it(points):
    table = pd.DataFrame(points, columns=["cost", "nDCG@10"]).assign(fits=True)
    svg = picture.quality_against_cost(table, None, "points")
    places = [(float(x), float(y)) for x, y in re.findall(r'<circle class="in" cx="([-\d.]+)" cy="([-\d.]+)"', svg)]
    assert len(places) == len(points)
    assert all(
        0 < x < picture.WIDTH - picture.RADIUS and 0 < y < picture.HEIGHT - picture.BOTTOM + 1 for x, y in places
    )
    assert all((a - c) ** 2 + (b - d) ** 2 >= 21**2 for at, (a, b) in enumerate(places) for c, d in places[:at])


def test_both_files_are_written_and_agree(advice, tmp_path):
    html, facts = advice.write(tmp_path / "new")
    told = json.loads(facts.read_text())
    assert html.read_text() == page.html(advice)
    assert told["choice"] == advice.choice and told["why"] == advice.why and told["questions"] == 20
    assert [row["system"] for row in told["systems"]] == list(advice.table.index)
    assert {"format", "corpus", "limits", "systems", "measured", "rule", "machine", "questions_needed"} <= told.keys()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["advice.html", "advice.json"]


def test_what_is_not_known_is_null(without, tmp_path):
    told = json.loads(without.write(tmp_path)[1].read_text())
    assert told["choice"] is None and told["systems"][0]["nDCG@10"] is None and told["systems"][0]["p95_ms"] > 0


def test_if_one_file_cannot_be_written_neither_is(advice, tmp_path, monkeypatch):
    whole = files.write

    def full(path, content):
        if path.suffix == ".json":
            raise OSError("no space left on device")
        whole(path, content)

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(OSError, match="no space left"):
        advice.write(tmp_path / "new")
    assert not list((tmp_path / "new").iterdir())
    (tmp_path / "advice.html").write_text("as it was")
    with pytest.raises(OSError, match="no space left"):
        advice.write(tmp_path)
    assert (tmp_path / "advice.html").read_text() == "as it was"


# ---------------------------------------------------------------- what cannot be advised on

TEXTS, ASKED = pd.Series({"p1": "tea", "p2": "rain"}), pd.Series({"q1": "hot drink"})
QRELS = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p1"], "grade": [1]})


@pytest.mark.parametrize(
    ("given", "named", "message"),
    [
        ((TEXTS[:0],), {}, "there is no passage; give at least one"),
        ((pd.Series({"p1": " ", "p2": "–"}),), {}, "none of the 2 passages has a letter or a digit"),
        ((pd.Series({"p1": None}),), {}, "passage p1 is None; a str is expected"),
        ((pd.Series(["a", "b"], index=["p", "p"]),), {}, "passage p is there twice"),
        (("a text",), {}, "passages is a str; give a Series of texts"),
        ((TEXTS,), {"load": 0}, "load is 0; give queries a second, a number above 0 and up to a billion"),
        ((TEXTS,), {"load": 10**400}, "give queries a second, a number above 0 and up to a billion"),
        ((TEXTS,), {"load": True}, "load is True; give queries a second"),
        ((TEXTS,), {"latency_ms": float("nan")}, "latency_ms is nan; give milliseconds"),
        ((TEXTS,), {"latency_ms": "300"}, "latency_ms is '300'; give milliseconds"),
        ((TEXTS,), {"seconds": 0.5}, "seconds is 0.5; give from 1 to 600"),
        ((TEXTS,), {"seconds": 1e9}, "seconds is 1e\\+09; give from 1 to 600"),
        ((TEXTS, None, QRELS), {}, "there are qrels but no questions"),
        ((TEXTS, pd.Series({"q1": "?"}), QRELS), {}, "question q1 is blank"),
        ((TEXTS, ASKED, QRELS.assign(passage_id="p9")), {}, "qrels name passage p9, which is not among the 2 texts"),
        ((TEXTS, ASKED, QRELS.assign(grade=0)), {}, "question q1 has no relevant passage in qrels"),
        ((TEXTS, ASKED, QRELS.assign(grade=1.5)), {}, "qrels has the grade 1.5"),
        ((TEXTS, ASKED, QRELS[["question_id"]]), {}, "expected a DataFrame with the columns"),
        ((TEXTS, ASKED, [1]), {}, "qrels is a list; expected a DataFrame"),
    ],
)
def test_what_cannot_be_advised_on_is_one_clear_error(given, named, message, monkeypatch):
    monkeypatch.setattr("bxe.advisor.advice.measure", lambda *_, **__: pytest.fail("it measured"))
    with pytest.raises((ValueError, TypeError), match=message):
        advisor.advise(*given, **named)


def test_words_are_counted_in_scripts_without_spaces_too(models):
    assert looks.look(["图书馆九点开门。" * 1000] * 12, models[0]).minutes > looks.MINUTES
