"""Judgements: systems stay hidden, every grade is kept at once, and a file that is not ours is never overwritten."""

import os
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import judging
from bxe.judging import grading

QUERIES = pd.Series({"q1": "how <hot>?", "q2": "with milk?"})
PASSAGES = pd.Series({"p1": "At 80 degrees.", "p2": "Milk & sugar.", "p3": "Wait."})
PAIRS = pd.DataFrame([("q1", "p1"), ("q1", "p3"), ("q2", "p2")], columns=["question_id", "passage_id"])
runs = st.dictionaries(
    st.sampled_from(["q1", "q2"]), st.dictionaries(st.sampled_from("abcdef"), st.floats(-5, 5), min_size=1), min_size=2
)


def opened(folder, pairs=PAIRS, passages=PASSAGES):
    return judging.Grading(pairs, QUERIES, passages, folder / "mine.csv")


@given(runs, runs, st.integers(1, 7))
def test_a_pool_holds_the_first_of_each_run_once_and_does_not_tell_which_run(one, other, top_k):
    pairs = judging.pool(one, other, top_k=top_k)
    for question, found in pairs.groupby("question_id").passage_id:
        best = [sorted(run[question], key=run[question].get, reverse=True)[:top_k] for run in (one, other)]
        assert sorted(found) == sorted({*best[0], *best[1]})
    # Question by question, whatever the order in which the systems are named.
    again = judging.pool(other, {q: one[q] for q in other}, top_k=top_k)
    assert again.sort_values(["question_id", "passage_id"]).values.tolist() == (
        pairs.sort_values(["question_id", "passage_id"]).values.tolist()
    )


def test_the_order_of_a_pool_follows_the_seed_and_not_the_ranks():
    run = {"q1": {f"p{n}": -float(n) for n in range(20)}}
    orders = [judging.pool(run, top_k=20, seed=seed).passage_id.tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != list(run["q1"])


@pytest.mark.parametrize(
    "given_runs, how, message",
    [
        ((), {}, "there are no runs to pool"),
        (({"q1": {}}, {"q2": {}}), {}, "for different questions"),
        (({"q1": {}},), {}, "found nothing"),
        (({"q1": {"p1": 1.0}},), {"top_k": 0}, "top_k is 0"),
        (({"q1": {"p1": 1.0}},), {"seed": -1}, "seed is -1; give a whole number of at least 0"),
    ],
)
def test_what_cannot_be_pooled_is_one_clear_error(given_runs, how, message):
    with pytest.raises(ValueError, match=message):
        judging.pool(*given_runs, **how)


def test_grading_goes_through_the_pool_and_resumes_where_it_stopped(tmp_path):
    mine = opened(tmp_path)
    assert (mine.left, mine.now) == (3, ("q1", "p1", "how <hot>?", "At 80 degrees."))
    mine.grade(3)
    mine.grade(0)
    again = opened(tmp_path)
    assert (again.left, again.now.passage_id) == (1, "p2")
    again.grade(2)
    assert again.now is None and again.left == 0
    assert again.table().values.tolist() == [["q1", "p1", 3], ["q1", "p3", 0], ["q2", "p2", 2]]
    assert judging.grades_in(tmp_path / "mine.csv").equals(again.table())


def test_a_step_back_grades_the_pair_before_again_and_then_goes_on(tmp_path):
    mine = opened(tmp_path)
    mine.grade(0)
    mine.back()
    mine.back()
    assert mine.now.passage_id == "p1"
    mine.grade(3)
    assert mine.now.passage_id == "p3" and mine.table().grade.tolist() == [3]


def test_a_grade_of_another_window_is_not_lost(tmp_path):
    one, other = opened(tmp_path), opened(tmp_path, PAIRS[2:])
    other.grade(1)
    one.grade(3)
    assert judging.grades_in(tmp_path / "mine.csv").grade.tolist() == [1, 3]
    assert one.left == 1


def test_a_step_back_while_another_window_gives_the_last_grade(tmp_path, monkeypatch):
    mine, read = opened(tmp_path, PAIRS[:2]), grading._read
    mine.grade(0)
    other = opened(tmp_path, PAIRS[:2])

    def then_they_grade(path):
        kept = read(path)
        monkeypatch.setattr(grading, "_read", read)
        other.grade(1)
        return kept

    monkeypatch.setattr(grading, "_read", then_they_grade)
    mine.back()
    assert mine.now.passage_id == "p1"


def test_a_smaller_pool_loses_no_grade(tmp_path):
    opened(tmp_path).grade(3)
    assert opened(tmp_path, PAIRS[1:]).left == 2
    opened(tmp_path, PAIRS[1:]).grade(0)
    assert opened(tmp_path).table().grade.tolist() == [3, 0]


def test_a_passage_that_has_changed_is_asked_anew_and_told(tmp_path, capsys):
    opened(tmp_path).grade(3)
    changed = opened(tmp_path, passages=PASSAGES.replace("At 80 degrees.", "At 90 degrees."))
    assert capsys.readouterr().out == "mine.csv: 1 grades are for texts that have changed since, and are asked anew\n"
    assert changed.left == 3 and changed.table().empty


def test_a_grade_that_cannot_be_kept_is_not_given(tmp_path, monkeypatch):
    mine = opened(tmp_path)
    mine.grade(3)
    before = (tmp_path / "mine.csv").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(
        OSError, match="mine.csv cannot be written .No space left on device.; the last grade is not kept"
    ):
        mine.grade(1)
    assert mine.now.passage_id == "p3" and (tmp_path / "mine.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("odd", [-1, 4, 1.5, "3", None, True, [3]])
def test_only_the_four_grades_are_taken(tmp_path, odd):
    with pytest.raises(ValueError, match="give 0, 1, 2, 3"):
        opened(tmp_path).grade(odd)
    assert list(tmp_path.iterdir()) == []


def test_there_is_nothing_to_grade_after_the_last_pair(tmp_path):
    mine = opened(tmp_path, PAIRS[:1])
    mine.grade(3)
    with pytest.raises(ValueError, match="every pair has its grade; go back"):
        mine.grade(3)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "its first line is not question_id,passage_id,grade,texts; move it away"),
        (b"shopping,list\n", "its first line is not"),
        (
            b"question_id,passage_id,grade,texts\nq1,p1,7,abcd\n",
            "row 2 (the first line is row 1) is 'q1,p1,7,abcd', and its grade is not",
        ),
        (b"question_id,passage_id,grade,texts\nq1,p1\n", "row 2 (the first line is row 1) is 'q1,p1'"),
        (b"\xff\xfe\x00", "is no file of grades"),
        (b'question_id,passage_id,grade,texts\n"q1', "is no file of grades"),
    ],
)
def test_a_file_that_holds_no_grades_is_told_and_never_overwritten(tmp_path, content, message):
    (tmp_path / "mine.csv").write_bytes(content)
    for read in (lambda: opened(tmp_path), lambda: judging.grades_in(tmp_path / "mine.csv")):
        with pytest.raises(ValueError, match=re.escape(message)):
            read()
    assert (tmp_path / "mine.csv").read_bytes() == content


def test_a_file_behind_a_link_is_written_and_the_link_stays(tmp_path):
    (tmp_path / "mine.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "real.csv").write_text("question_id,passage_id,grade,texts\n")
    opened(tmp_path).grade(3)
    assert (tmp_path / "mine.csv").is_symlink()
    assert judging.grades_in(tmp_path / "real.csv").grade.tolist() == [3]


def test_blank_lines_in_a_file_of_grades_are_passed_over(tmp_path):
    opened(tmp_path).grade(3)
    path = tmp_path / "mine.csv"
    path.write_text(path.read_text().replace("\n", "\n\n") + "\n")
    assert opened(tmp_path).table().grade.tolist() == [3]


def test_two_grades_for_a_pair_are_refused_with_their_rows_and_the_same_grade_is_not(tmp_path):
    opened(tmp_path).grade(3)
    path = tmp_path / "mine.csv"
    head, row = path.read_text().splitlines()
    path.write_text(f"{head}\n{row}\n{row}\n")
    assert opened(tmp_path).left == 2
    path.write_text(f"{head}\n{row}\n\n{row.replace(',3,', ',1,')}\n")
    with pytest.raises(ValueError, match="rows 2 and 4 .* grade q1 and p1 differently; keep the row that is right"):
        opened(tmp_path)


@pytest.mark.parametrize("odd", [None, ["how?"], QUERIES.to_frame()], ids=["None", "list", "DataFrame"])
def test_texts_that_come_without_ids_are_refused(tmp_path, odd):
    kind = type(odd).__name__
    with pytest.raises(TypeError, match=f"queries is a {kind}; give a Series of texts, indexed by question_id"):
        judging.Grading(PAIRS, odd, PASSAGES, tmp_path / "mine.csv")
    with pytest.raises(TypeError, match=f"passages is a {kind}; give a Series of texts, indexed by passage_id"):
        judging.Grading(PAIRS, QUERIES, odd, tmp_path / "mine.csv")


def test_an_id_with_a_line_break_is_refused_before_anything_is_graded(tmp_path):
    pairs = pd.DataFrame({"question_id": ["q\r1"], "passage_id": ["p1"]})
    with pytest.raises(ValueError, match=r"the id 'q\\r1' holds a line break"):
        judging.Grading(pairs, {"q\r1": "how?"}, PASSAGES, tmp_path / "mine.csv")


def test_what_cannot_be_graded_is_one_clear_error(tmp_path):
    with pytest.raises(TypeError, match="pool is a list; expected a DataFrame"):
        opened(tmp_path, [("q1", "p1")])
    with pytest.raises(ValueError, match="the pool has no pair"):
        opened(tmp_path, PAIRS[:0])
    with pytest.raises(KeyError, match="the pool names passage p2, which has no text"):
        opened(tmp_path, passages=PASSAGES.drop("p2"))
    with pytest.raises(ValueError, match="passage p2 is (None|nan); a str is expected"):
        opened(tmp_path, passages=PASSAGES.where(PASSAGES.index != "p2", None))
    with pytest.raises(ValueError, match="cannot be read .Is a directory"):
        judging.Grading(PAIRS, QUERIES, PASSAGES, tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere.csv does not exist"):
        judging.grades_in(tmp_path / "nowhere.csv")


def pressed(panel, words):
    (button,) = [button for button in panel.children[1].children if button.description.startswith(words)]
    button.click()
    return panel.children[0].value


def test_the_buttons_grade_and_go_back_and_show_the_texts_as_they_are(tmp_path):
    mine = opened(tmp_path)
    panel = judging.panel(mine)
    assert "0 of 3 graded" in panel.children[0].value and "how &lt;hot&gt;?" in panel.children[0].value
    assert "Wait." in pressed(panel, "3") and mine.table().grade.tolist() == [3]
    assert "At 80 degrees." in pressed(panel, "back")
    assert "Wait." in pressed(panel, "2") and mine.table().grade.tolist() == [2]
    pressed(panel, "0")
    assert "3 of 3 graded" in pressed(panel, "1") and "Done." in panel.children[0].value
    assert [button.disabled for button in panel.children[1].children] == [True] * 4 + [False]


def test_a_panel_shows_why_a_grade_was_not_kept(tmp_path):
    panel = judging.panel(opened(tmp_path))
    (tmp_path / "mine.csv").mkdir()
    for _ in range(2):
        shown = pressed(panel, "3")
        assert shown.count("Is a directory") == 1 and "At 80 degrees." in shown
