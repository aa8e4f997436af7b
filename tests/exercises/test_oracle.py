"""The oracle kit: an answer is compared as a reader would, a known mistake is named, a stub is told from an answer."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from bxe.exercises.oracle import Wrong, expect, not_attempted, unit_vectors


@pytest.mark.parametrize("got", [[1, 2], (1, 2), np.array([1, 2.00001]), torch.tensor([1, 2])])
def test_a_right_result_may_come_as_list_array_or_tensor(got):
    expect(got, [1, 2], given="n = 2")


def test_the_first_mistake_that_fits_is_named():
    mistakes = [(np.zeros(3), "Not this."), ([0, 1], "This one."), ([0, 1], "Not this either.")]
    with pytest.raises(Wrong, match=r"^For n = 2, you gave \[0, 1\]; expected \[1, 2\]\. This one\.$"):
        expect([0, 1], [1, 2], given="n = 2", mistakes=mistakes)


def test_a_result_of_another_shape_hears_both_shapes():
    with pytest.raises(Wrong, match=r"\(shape \(3,\), expected shape \(2,\)\)\.$"):
        expect([1, 2, 3], [1, 2], given="n = 2", mistakes=[(7, "That is 7.")])


def test_a_docstring_or_pass_is_still_a_stub():
    def documented(x):
        """What it should do."""

    def passing(x):
        pass

    def returning(x):
        return x

    assert not_attempted(documented) and not_attempted(passing) and not_attempted(...)
    assert not not_attempted(returning) and not not_attempted(np.zeros(2))


def test_random_vectors_have_length_1():
    vectors = unit_vectors(np.random.default_rng(0), 30, 4)
    np.testing.assert_allclose((vectors**2).sum(axis=1), 1)


@pytest.mark.parametrize("got", [Fraction(1, 5), Decimal("0.2"), np.float32(0.2), "0.2", [0.2], None, 0.3])
def test_a_number_of_any_kind_is_a_number_and_a_text_is_none(got):
    if isinstance(got, (str, list)) or got in (None, 0.3):
        with pytest.raises(Wrong):
            expect(got, 0.2, given="n = 2")
    else:
        expect(got, 0.2, given="n = 2")
