"""Pictures made of a picture."""

import numpy as np
from PIL import Image

from bxe import corpora

HALVES = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8))  # red, then blue


def test_tiles_stand_side_by_side_in_the_middle_of_a_white_square():
    tile = HALVES.resize((14, 7), Image.Resampling.NEAREST)
    whole = np.asarray(corpora.tiled(tile, 2, 3))
    assert whole.shape == (32, 32, 3)
    middle = np.zeros((32, 32), dtype=bool)
    middle[5:26, 2:30] = True
    np.testing.assert_array_equal(whole[5:26, 2:30], np.tile(np.asarray(tile), (3, 2, 1)))
    assert (whole[~middle] == 255).all()


def test_a_word_is_black_on_a_white_bar_and_the_rest_stays_as_it_was():
    picture = HALVES.resize((200, 160), Image.Resampling.NEAREST)
    written = np.asarray(corpora.with_word(picture, "TEA"))
    bar = written[61:99]
    assert {0, 255} <= set(np.unique(bar)) and (bar[..., 0] == bar[..., 2]).all()  # grey: neither red nor blue
    np.testing.assert_array_equal(written[:60], np.asarray(picture)[:60])
    np.testing.assert_array_equal(written[101:], np.asarray(picture)[101:])


def test_a_word_stands_in_the_middle_whatever_the_pictures_mode():
    for mode in ("RGB", "L", "P"):
        written = corpora.with_word(Image.new(mode, (300, 200), 0), "TEA")
        assert written.mode == "RGB"
        ink = np.argwhere(np.asarray(written.convert("L"))[76:125] < 128) + [76, 0]
        (top, left), (bottom, right) = ink.min(0), ink.max(0)
        assert abs(top + bottom - 200) <= 6 and abs(left + right - 300) <= 6
        assert 0.10 < (bottom - top) / 200 < 0.13  # its letters are an eighth as high as the picture
