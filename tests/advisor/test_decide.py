"""The rule of the choice: properties that hold whatever was measured."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe.advisor.decide import FEWEST, LEAST, WORTH, Decision, Gain, decide, doubt, gain, questions_needed
from bxe.retrieval import Interval

NAMES = ("BM25", "dense", "hybrid", "dense + sum (10)")
MEANS = st.fixed_dictionaries(dict.fromkeys(NAMES, st.floats(0, 1).map(lambda value: round(value, 3))))
SPREADS = st.floats(0, 0.5)


def gains_of(means, spread, questions):
    """Gains whose intervals have the width that a spread and a number of questions give."""
    half = 1.96 * spread / np.sqrt(questions)
    pairs = {(a, b): means[a] - means[b] for a in means for b in means if a != b}
    return {pair: Gain(Interval(mean, mean - half, mean + half), spread, questions) for pair, mean in pairs.items()}


FITTING = st.lists(st.sampled_from(NAMES), unique=True)


@given(FITTING, MEANS, SPREADS, st.integers(2, 2000))
def test_only_what_meets_the_limits_is_recommended(fitting, means, spread, questions):
    found = decide(fitting, gains_of(means, spread, questions))
    assert {found.choice, found.meanwhile} - {None} <= set(fitting)
    assert found.choice is None or found.meanwhile is None


@given(FITTING.filter(bool), MEANS, SPREADS, st.integers(2, 2000))
def test_something_that_fits_is_always_named_and_each_cheaper_one_is_shown_worse(fitting, means, spread, questions):
    gains = gains_of(means, spread, questions)
    found = decide(fitting, gains)
    named = found.choice or found.meanwhile
    assert list(found.worse) == fitting[: fitting.index(named)]
    assert all(gains[winner, loser].interval.mean >= WORTH for loser, winner in found.worse.items())


@given(FITTING, MEANS, SPREADS, st.integers(2, 500), st.integers(1, 500))
def test_more_questions_of_the_same_spread_never_take_a_choice_back(fitting, means, spread, questions, more):
    before = decide(fitting, gains_of(means, spread, questions))
    after = decide(fitting, gains_of(means, spread, questions + more))
    assert before.choice is None or after.choice == before.choice


@given(FITTING.filter(bool), MEANS, SPREADS, st.integers(2, 500))
def test_as_many_questions_as_were_asked_for_decide(fitting, means, spread, questions):
    found = decide(fitting, gains_of(means, spread, questions))
    if found.choice is None:
        assert found.needed > questions and found.rivals
        assert decide(fitting, gains_of(means, spread, found.needed)).choice


@given(FITTING.filter(bool), MEANS, SPREADS, st.integers(20, 2000))
def test_what_is_chosen_is_not_seen_to_lose_what_is_worth_having(fitting, means, spread, questions):
    choice = decide(fitting, gains_of(means, spread, questions)).choice
    if choice:
        assert max(means[name] for name in fitting) - means[choice] < WORTH


@given(MEANS, SPREADS, st.integers(2, LEAST - 1))
def test_fewer_questions_than_the_least_never_decide(means, spread, questions):
    assert decide(NAMES, gains_of(means, spread, questions)).choice is None


def test_few_questions_can_show_a_loss_but_not_that_there_is_none():
    gains = gains_of({"BM25": 0.5, "dense": 0.8, "hybrid": 0.8}, 0.1, FEWEST)
    found = decide(["BM25", "dense", "hybrid"], gains)
    assert (found.choice, found.meanwhile, found.worse) == (None, "dense", {"BM25": "dense"})
    fewer = decide(["BM25", "dense"], gains_of({"BM25": 0.5, "dense": 0.8}, 0.01, FEWEST - 1))
    assert (fewer.choice, fewer.meanwhile) == (None, "BM25")


def test_nothing_measured_or_nothing_that_fits_is_no_choice():
    assert decide([], {}) == Decision(None, None, {}, (), None)


def test_a_dearer_system_is_chosen_only_for_a_gain_worth_having():
    clear = gains_of({"BM25": 0.5, "dense": 0.7}, 0.1, 200)
    assert decide(["BM25", "dense"], clear).choice == "dense"
    small = gains_of({"BM25": 0.69, "dense": 0.7}, 0.1, 200)
    assert decide(["BM25", "dense"], small).choice == "BM25"
    unsettled = decide(["BM25", "dense"], gains_of({"BM25": 0.69, "dense": 0.7}, 0.3, 60))
    assert (unsettled.choice, unsettled.meanwhile, unsettled.rivals, unsettled.needed) == (
        None,
        "BM25",
        ("dense",),
        784,
    )


@given(st.floats(0, 1), st.floats(0.001, 1))
def test_the_questions_needed_have_the_power_that_is_promised(spread, worth):
    """A true difference of `worth` comes out clear (above 1.96 standard errors) in four cases of five."""
    needed = questions_needed(spread, worth)
    assert needed >= LEAST
    assert worth >= (1.96 + 0.84) * spread / np.sqrt(needed) - 1e-9
    if needed > LEAST:
        assert worth < (1.96 + 0.84) * spread / np.sqrt(needed - 1)


def test_a_drawn_difference_of_what_is_worth_having_is_seen_four_times_in_five():
    rng, spread = np.random.default_rng(0), 0.1
    n = questions_needed(spread)
    means = rng.normal(WORTH, spread, size=(4000, n)).mean(axis=1)
    assert np.mean(means > 1.96 * spread / np.sqrt(n)) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(("spread", "worth"), [(-0.1, 0.03), (float("nan"), 0.03), (0.1, 0), (0.1, float("inf"))])
def test_a_spread_or_worth_that_is_none_is_one_clear_error(spread, worth):
    with pytest.raises(ValueError, match="give a spread of at least 0, and a worth above 0"):
        questions_needed(spread, worth)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_a_gain_is_paired_whatever_the_order_of_the_questions(values):
    ours, theirs = (pd.Series([pair[at] for pair in values]) for at in (0, 1))
    found = gain(ours, theirs[::-1])
    assert found.questions == len(values)
    assert found.spread == pytest.approx(float((ours - theirs).std()), abs=1e-12)
    assert found.interval.mean == pytest.approx(float((ours - theirs).mean()))


CHOSEN = Decision("BM25", None, {}, (), None)


@given(st.integers(1, 100), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.4))
def test_a_harder_or_larger_sample_or_more_questions_never_take_a_choice_back(questions, best, share, more):
    if doubt(CHOSEN, questions, best, share).choice:
        assert doubt(CHOSEN, questions + 1, best, share).choice
        assert doubt(CHOSEN, questions, best - more, share).choice
        assert doubt(CHOSEN, questions, best, share + more).choice


def test_a_choice_on_a_small_sample_without_errors_is_taken_back_and_named_meanwhile():
    assert doubt(CHOSEN, 100, 1.0, 0.01) == Decision(None, "BM25", {}, (), None, easy=True)
    assert doubt(CHOSEN, 100, 0.9, 0.01) == doubt(CHOSEN, 100, 1.0, 1.0) == CHOSEN


def test_the_only_system_that_fits_is_not_chosen_on_two_questions():
    assert decide(["BM25"], {}) == CHOSEN
    assert doubt(CHOSEN, 2, 0.5, 1.0) == Decision(None, "BM25", {}, (), LEAST)
