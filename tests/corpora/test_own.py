"""Texts of a learner's own: read whole, and what cannot be used is told in one line."""

import os
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import corpora


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_labelled_texts_of_ones_own(tmp_path, capsys):
    path = written(
        tmp_path / "mine.csv", 'text,label\n"late, again",delay\nwhere is it,delay\nbroken,fault\nsmashed,fault\n'
    )
    frame = corpora.from_csv(path)
    assert frame.to_dict("list") == {
        "text": ["late, again", "where is it", "broken", "smashed"],
        "label": ["delay", "delay", "fault", "fault"],
    }
    assert capsys.readouterr().out == ""


def test_rows_and_labels_that_are_left_out_are_told(tmp_path, capsys):
    path = written(tmp_path / "mine.csv", "text,label\na,x\nb,x\n,x\nc,\n\nd,y\ne,y\nf,lonely\ng,alone\n")
    assert corpora.from_csv(path).label.value_counts().to_dict() == {"x": 2, "y": 2}
    assert capsys.readouterr().out.splitlines() == [
        "mine.csv: 3 of 9 rows have no text or no label and are left out",
        "mine.csv: one example only, left out: alone, lonely",
    ]


def test_a_text_that_comes_again_is_kept_once_and_told(tmp_path, capsys):
    path = written(tmp_path / "mine.csv", "text,label\na,x\na,x\nb,x\nc,y\nd,y\n")
    assert corpora.from_csv(path).text.tolist() == ["a", "b", "c", "d"]
    assert capsys.readouterr().out == "mine.csv: 1 of 5 rows repeat a text and are left out\n"


def test_a_text_with_two_labels_is_an_error(tmp_path):
    path = written(tmp_path / "mine.csv", "text,label\na,x\na,y\nb,x\nc,y\n")
    with pytest.raises(ValueError, match="one text two labels: 'a'"):
        corpora.from_csv(path)


@given(counts=st.lists(st.integers(2, 12), min_size=2, max_size=5), seed=st.integers(0, 9))
def test_every_text_is_dealt_to_one_side_and_every_label_to_both(counts, seed):
    labels = [f"label {n}" for n, count in enumerate(counts) for _ in range(count)]
    texts = pd.DataFrame({"text": [f"text {n}" for n in range(len(labels))], "label": labels})
    learn, test = corpora.learn_and_test(texts, seed=seed, least=2)
    assert sorted([*learn.text, *test.text]) == sorted(texts.text)
    assert set(learn.label) == set(test.label) == set(labels)


def test_ten_rows_are_too_few_to_measure():
    texts = pd.DataFrame({"text": list("abcdefghij"), "label": ["x", "y"] * 5})
    with pytest.raises(ValueError, match="10 texts leave [456] to test on.*Label more"):
        corpora.learn_and_test(texts)


def test_what_cannot_be_dealt_out_is_told():
    texts = pd.DataFrame({"text": ["a", "b", "a", "c"], "label": ["x", "x", "x", "y"]})
    with pytest.raises(ValueError, match="a text comes twice: 'a'"):
        corpora.learn_and_test(texts)
    with pytest.raises(ValueError, match="'y' has one text only"):
        corpora.learn_and_test(texts.drop(2))


@pytest.mark.parametrize(
    "content, message",
    [
        ("text,label\na,x\nb,x\n", "too few labels with two or more texts: x; a classifier needs at least two"),
        ("text,label\n", "too few labels with two or more texts: none;"),
        ("text,label\na,x\nb,y\n", "too few labels"),
        ("message,label\na,x\n", "text is missing"),
        ("message,kind\na,x\n", "text and label are missing"),
        ("", "cannot be read as CSV"),
        ("text,label\ncaf\xe9,x\n".encode("latin-1"), "not UTF-8 .byte 14"),
        ('text,label\n"a,x\n', "read as CSV|too few labels"),
        (
            "text,label\na,x\nLate again, sorry,delay\n",
            "row 3 .the first line is row 1. has 3 fields.*first line names 2.*quote it",
        ),
        ("text,label\nLate again, sorry,delay\nCold, too,heat\n", "row 2 .* has 3 fields.*quote it"),
        ("text,label\na,x,\nb,x,\n", "row 2 .* has 3 fields.*quote it"),
        ("text;label\na;x\nb;x\n", "separated by semicolons.*save it with commas"),
        ("text\tlabel\na\tx\nb\tx\n", "separated by tabs.*save it with commas"),
        ("text,label,text\na,x,b\n", "two columns named text"),
        ("text,label\na\0b,x\n", "holds NUL.*UTF-16"),
        ("text,label\na,x\n".encode("utf-16-le"), "holds NUL.*UTF-16"),
    ],
)
def test_a_csv_that_cannot_be_learned_from_is_one_clear_error(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        corpora.from_csv(written(tmp_path / "mine.csv", content))


def test_a_text_of_several_lines_is_read_and_odd_quotes_on_one_line_stay(tmp_path):
    content = 'text,label\n"late,\n\nand ""hot""",x\nsay "hi",x\n"a" b,y\nc,y\n'
    texts = corpora.from_csv(written(tmp_path / "mine.csv", content)).text.tolist()
    assert texts == ['late,\n\nand "hot"', 'say "hi"', "a b", "c"]


def test_a_missing_path_is_named(tmp_path):
    for read in (corpora.from_csv, corpora.from_folder):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(tmp_path / "nowhere")


def test_passages_of_ones_own(tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    written(tmp_path / "tea.txt", "Green tea\nis steamed.\n\n \nBlack tea is not.\r\n\r\nOolong is half way.\n")
    written(tmp_path / "deep" / "note.md", "\ufeff# Title\n")
    written(tmp_path / "empty.txt", "\n\n")
    written(tmp_path / "picture.png", b"\x89")
    (tmp_path / ".hidden").mkdir()
    written(tmp_path / ".hidden.md", "not meant")
    written(tmp_path / ".hidden" / "copy.txt", "not meant")
    frame = corpora.from_folder(tmp_path)
    assert frame.values.tolist() == [
        ["deep/note.md#1", "# Title"],
        ["tea.txt#1", "Green tea is steamed."],
        ["tea.txt#2", "Black tea is not."],
        ["tea.txt#3", "Oolong is half way."],
    ]
    assert "empty.txt is empty" in capsys.readouterr().out


def test_a_folder_without_texts_or_with_another_encoding_is_one_clear_error(tmp_path):
    with pytest.raises(ValueError, match="holds no text"):
        corpora.from_folder(tmp_path)
    written(tmp_path / "old.txt", "caf\xe9".encode("latin-1"))
    with pytest.raises(ValueError, match="old.txt is not UTF-8"):
        corpora.from_folder(tmp_path)
    written(tmp_path / "old.txt", "Some words.".encode("utf-16-le"))
    with pytest.raises(ValueError, match="old.txt holds NUL.*UTF-16"):
        corpora.from_folder(tmp_path)


def test_texts_and_labels_are_stripped_and_numbered_from_zero(tmp_path):
    path = written(tmp_path / "mine.csv", "label,text\n,gone\n x , a b \nx,c\ny,d\n y,e\n")
    frame = corpora.from_csv(path)
    assert frame.to_dict("list") == {"text": ["a b", "c", "d", "e"], "label": ["x", "x", "y", "y"]}
    assert frame.index.tolist() == [0, 1, 2, 3]


def test_what_is_no_file_or_no_folder_is_told(tmp_path):
    path = written(tmp_path / "a.txt", "Some words.")
    with pytest.raises(ValueError, match="a.txt is a file; give the folder that holds it"):
        corpora.from_folder(path)
    with pytest.raises(ValueError, match="is a folder; give a file"):
        corpora.from_csv(tmp_path)
    with pytest.raises(ValueError, match="is not an ordinary file"):
        corpora.from_csv(os.devnull)
    for read in (corpora.from_csv, corpora.from_folder):
        with pytest.raises(TypeError, match="a path is expected.*3 .int."):
            read(3)


def test_what_is_left_out_of_a_folder_is_told(tmp_path, capsys, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    written(tmp_path / "elsewhere" / "far.txt", "Far away.")
    notes = tmp_path / "notes"
    for folder in ("locked", ".hidden", "listed/deep"):
        (notes / folder).mkdir(parents=True)
    written(notes / "listed" / "near.txt", "Its name is all that may be read.")
    written(notes / "near.txt", "Near.")
    (notes / "linked").symlink_to(tmp_path / "elsewhere")
    (notes / "gone.txt").symlink_to(tmp_path / "nowhere")

    def refusing(method, refused):
        def asked(path, *args, **options):
            if refused(Path(path)):
                raise PermissionError(13, "Permission denied", str(path))
            return method(path, *args, **options)

        return asked

    monkeypatch.setattr(os, "scandir", refusing(os.scandir, lambda path: path.name in ("locked", "deep")))
    monkeypatch.setattr(Path, "stat", refusing(Path.stat, lambda path: path.parent.name == "listed"))
    assert corpora.from_folder(notes).passage_id.tolist() == ["near.txt#1"]
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "gone.txt is a link to nothing and left out",
        "linked is a linked folder and left out",
        "listed/deep cannot be read (Permission denied) and is left out",
        "listed/near.txt cannot be read (Permission denied) and is left out",
        "locked cannot be read (Permission denied) and is left out",
    ]


def test_the_folder_itself_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    written(tmp_path / "real" / "a.txt", "Some words.")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert corpora.from_folder(tmp_path / "link").passage_id.tolist() == ["a.txt#1"]


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX only")
def test_a_name_that_is_no_utf_8_gives_an_id_that_can_be_printed(tmp_path):
    written(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")), "Some words.")
    assert corpora.from_folder(tmp_path).passage_id.tolist() == ["caf\\udce9.txt#1"]


def one_error(read, *given):
    """What a function gives, or the one error of bxe's own with which it refuses."""
    try:
        return read(*given)
    except (ValueError, TypeError, FileNotFoundError) as error:
        assert len(str(error)) > 20 and type(error) in (ValueError, TypeError, FileNotFoundError)
        return None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=4), max_size=6), st.sampled_from(',;"'))
def test_any_csv_is_read_rightly_or_one_error(rows, mark):
    lines = ["text,label", *[mark.join(row) for row in rows]]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "a.csv", "\n".join(lines).encode("utf-8", "replace"))
        frame = one_error(corpora.from_csv, path)
    if frame is not None:
        assert frame.label.value_counts().min() >= 2 and frame.label.nunique() >= 2
        assert (frame == frame.apply(lambda column: column.str.strip())).all(axis=None) and (frame != "").all(axis=None)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_folder_of_texts_is_read_rightly_or_one_error(texts):
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            written(Path(folder) / f"{number}.txt", text.encode("utf-8", "replace"))
        frame = one_error(corpora.from_folder, folder)
        words = "".join(texts).encode("utf-8", "replace").decode().lstrip("\ufeff").split()
    if frame is not None:
        assert frame.passage_id.is_unique and all(" ".join(text.split()) == text != "" for text in frame.text)
    else:
        assert not words or any("\0" in text for text in texts)


@settings(max_examples=50, deadline=None)
@given(st.text() | st.none() | st.integers() | st.floats() | st.binary() | st.lists(st.text()) | st.just("a" * 5000))
def test_any_path_is_one_error_if_there_is_nothing(path):
    for read in (corpora.from_csv, corpora.from_folder):
        if path not in ("", ".", "/", "~"):
            assert one_error(read, f"/no-such-place/{path}" if isinstance(path, str) else path) is None


@pytest.fixture
def album(tmp_path):
    """Two pictures, one of them deep down, beside what is none."""
    (tmp_path / "deep").mkdir()
    for name in ("red.png", "deep/B.JPEG", ".hidden.png", "words.txt"):
        (tmp_path / name).touch()
    return tmp_path


def test_pictures_are_found_below_a_folder_whatever_the_case_of_their_ending(album):
    for found in (corpora.pictures_in(album), corpora.pictures_in(str(album))):
        assert found.to_dict() == {"deep/B.JPEG": album / "deep" / "B.JPEG", "red.png": album / "red.png"}
        assert (found.index.name, found.name) == ("picture_id", "path")


def test_a_folder_without_pictures_or_a_file_is_one_clear_error(album):
    (album / "deep" / "B.JPEG").unlink()
    with pytest.raises(ValueError, match="deep holds no picture: there is no file with an ending such as .jpg"):
        corpora.pictures_in(album / "deep")
    with pytest.raises(ValueError, match="is a file; give the folder that holds it"):
        corpora.pictures_in(album / "red.png")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        corpora.pictures_in(album / "nowhere")


def dealt(seed, **how):
    texts = pd.DataFrame({"text": [f"text {n}" for n in range(60)], "label": ["x", "y"] * 30})
    return corpora.learn_and_test(texts, **seed, **how)


def test_both_sides_are_tables_numbered_from_zero_and_a_seed_deals_the_same_again():
    (learn, test), again, other = dealt({}), dealt({"seed": 0}), dealt({"seed": 1})
    for part in (learn, test):
        assert part.columns.tolist() == ["text", "label"] and part.index.tolist() == list(range(30))
    assert learn.equals(again[0]) and test.equals(again[1]) and not learn.equals(other[0])


def test_without_a_word_thirty_texts_are_the_fewest_to_test_on():
    texts = pd.DataFrame({"text": [f"text {n}" for n in range(58)], "label": ["x", "y"] * 29})
    with pytest.raises(ValueError, match="leave 30 to test on"):
        corpora.learn_and_test(texts, least=31)
    assert len(corpora.learn_and_test(texts)[1]) == 30  # of an odd number one more to test on
    told = "58 texts leave 30 to test on; with fewer than 40 no gain can be told from chance. Label more of them"
    with pytest.raises(ValueError, match=f"^{told}$"):
        corpora.learn_and_test(texts, least=40)


@pytest.mark.parametrize("seed", range(4))
def test_of_labels_with_one_text_the_first_by_name_is_told(seed):
    texts = pd.DataFrame({"text": list("abcd"), "label": ["z", "y", "x", "w"]})
    with pytest.raises(ValueError, match="label 'w' has one text only; give two at least, or leave it out"):
        corpora.learn_and_test(texts, seed=seed)
