"""Vectors of picture files: each picture opened once, and those that cannot be read named and left out."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from bxe import corpora, retrieval


class Mean:
    """An encoder whose vectors are the mean colours of pictures."""

    def __init__(self):
        self.opened = []

    def encode(self, paths, show_progress_bar):
        self.opened += [path.name for path in paths]
        try:
            return np.stack([np.asarray(Image.open(path)).mean((0, 1)) for path in paths]).astype(np.float32)
        except OSError as error:
            raise ValueError(f"{paths[0].name} is no picture") from error

    def get_embedding_dimension(self):
        return 3


class Keeping(Mean):
    """The same with weights to be known by, so that its vectors are kept."""

    def state_dict(self):
        return {}

    def __iter__(self):
        return iter(())

    tokenizer = None


@pytest.fixture
def album(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "album" / "deep").mkdir(parents=True)
    for name in ("red", "blue"):
        Image.new("RGB", (4, 3), name).save(tmp_path / "album" / f"{name}.png")
    return tmp_path / "album"


def embedded(model, album):
    return retrieval.embed_pictures(model, corpora.pictures_in(album))


def test_vectors_stand_in_the_order_of_the_pictures(album):
    found, vectors = embedded(Mean(), album)
    assert list(found) == ["blue.png", "red.png"] and found["red.png"] == album / "red.png"
    np.testing.assert_array_equal(vectors, [[0, 0, 255], [255, 0, 0]])


def test_a_picture_is_opened_once_and_again_if_it_has_changed(album):
    model = Keeping()
    _, first = embedded(model, album)
    _, again = embedded(model, album)
    np.testing.assert_array_equal(first, again)
    assert model.opened == ["blue.png", "red.png"]
    Image.new("RGB", (40, 30), "lime").save(album / "red.png")
    _, changed = embedded(model, album)
    np.testing.assert_array_equal(changed, [[0, 0, 255], [0, 255, 0]])
    assert model.opened == ["blue.png", "red.png", "red.png"]


@pytest.mark.parametrize("model", [Mean(), Keeping()])
def test_what_cannot_be_read_is_named_each_time_and_left_out(album, model, capsys):
    (album / "deep" / "note.jpg").write_text("buy coffee")
    for _ in range(2):
        found, vectors = embedded(model, album)
        assert list(found) == ["blue.png", "red.png"] and np.isfinite(vectors).all() and vectors.shape == (2, 3)
        assert capsys.readouterr().out == "deep/note.jpg is left out: note.jpg is no picture\n"


def test_a_picture_that_is_gone_since_is_named(album, capsys):
    pictures = corpora.pictures_in(album)
    (album / "blue.png").unlink()
    found, _ = retrieval.embed_pictures(Mean(), pictures)
    assert list(found) == ["red.png"]
    assert re.fullmatch(r"blue.png is left out: there is no file .*blue.png\n", capsys.readouterr().out)


def test_none_that_can_be_read_is_one_error(album):
    for path in album.glob("*.png"):
        path.write_text("nothing")
    with pytest.raises(ValueError, match="none of the 2 pictures can be read; the first: blue.png is no picture"):
        embedded(Mean(), album)
    with pytest.raises(ValueError, match="none of the 0 pictures can be read$"):
        retrieval.embed_pictures(Mean(), {})


@pytest.mark.skipif(os.name != "posix", reason="a link needs no rights on POSIX only")
def test_a_linked_folder_is_told_and_left_out(album, tmp_path, capsys):
    (tmp_path / "elsewhere").mkdir()
    (album / "linked").symlink_to(tmp_path / "elsewhere")
    assert len(corpora.pictures_in(album)) == 2
    assert capsys.readouterr().out == "linked is a linked folder and left out\n"
