"""Training: nothing held back gets in, lists are what they promise, the recipe says all, and a run that stops goes on."""

import gzip
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from bxe import corpora, models
from training import data
from training.reranker import adapter, corrupt, graded, lists, special, train

ROOM = Path(__file__).parent.parent / "training" / "reranker"
RECIPE = yaml.safe_load((ROOM / "recipe.yaml").read_text())
WORDS = ["rain", "river", "harbour", "copper", "violin", "lantern", "winter", "orchard", "engine", "letter"]


class Encoder:
    """A vector made of the words' own, so that texts that share words are near."""

    def encode(self, texts, **_):
        vectors = np.array([[text.lower().count(word) + 0.01 for word in WORDS] for text in texts])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path):
    """One set of 60 titles, each with a question and its passage."""
    rng, path = random.Random(0), tmp_path / "made" / "up.jsonl.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt") as file:
        for number in range(60):
            row = {"title": f"t{number}", "passage": f"{number}: " + " ".join(rng.choices(WORDS, k=20))}
            file.write(json.dumps(row | {"question": f"Which {rng.choice(WORDS)} is number {number}?"}) + "\n")
    return tmp_path


@pytest.fixture
def recipe():
    return RECIPE | {"train": {"made/up": 100}, "develop": {"some": "made/up"}, "left_out": {}}


@pytest.mark.parametrize(("path", "told"), [(None, "no folder was named"), (Path("no/such"), "no folder no/such")])
def test_without_the_data_one_line_says_what_to_do(path, told):
    with pytest.raises(SystemExit) as stopped:
        data.data_folder(path)
    assert told in stopped.value.code and "--data DIR" in stopped.value.code and "\n" not in stopped.value.code


def test_nothing_held_back_is_trained_on(folder, recipe):
    held = data.development_sets(folder, recipe)["some"]
    (part,) = data.training_data(folder, recipe, held.passages)
    assert held.examples and part.examples
    assert not {e.group for e in held.examples} & {e.group for e in part.examples}
    assert not set(held.passages) & set(part.passages)


def test_a_passage_with_a_run_of_words_from_development_is_dropped(folder, recipe):
    everything = data.read(folder, "made/up").passages
    inside = " ".join(everything[0].split()[3:16])
    (part,) = data.training_data(folder, recipe | {"develop": {}}, [f"It begins anew. {inside} And it ends."])
    assert set(part.passages) == set(everything[1:])


def test_a_mined_list_begins_with_a_pair_that_belongs_together(folder):
    found = data.read(folder, "made/up")
    mined = lists.mine(found, Encoder(), RECIPE, random.Random(1))
    assert len(mined) == len(found.examples)
    for entry, example in zip(mined, found.examples):
        assert entry.texts[0] == found.passages[example.positives[0]] and entry.texts[0] not in entry.texts[1:]
        assert len(entry.queries) == len(entry.texts) == len(entry.cosines) == 1 + RECIPE["lists"]["negatives"]
        assert len(set(entry.queries)) == 1


def test_a_trap_that_differs_only_behind_the_cut_is_dropped():
    text = " ".join(WORDS * 10)
    entry = lists.TrainingList("made/up", ["Which?"] * 3, [text, "Off it.", text + " not"], [0.9, 0.1, 0.75])
    short = lists.shorten(entry, RECIPE["lists"] | {"long_share": {"others": 0.0}}, random.Random(0))
    assert short.texts[1:] == ["Off it."] and short.cosines == [0.9, 0.1] and len(short.queries) == 2
    assert len(short.texts[0].split()) == RECIPE["lists"]["words"]


@given(st.integers(0, 10**6), st.integers(0, 99))
def test_a_trap_changes_one_number_that_the_query_asks_for(number, seed):
    passage = f"It took {number} men and seven boats."
    new = corrupt.change_number(passage, RECIPE["traps"], random.Random(seed), {str(number)})
    assert new is None or re.fullmatch(r"It took (\d+) men and seven boats\.", new).group(1) != str(number)


def test_role_swaps_say_the_same_of_two_with_the_roles_changed():
    made = special.role_swaps(ROOM / RECIPE["roles"], 50, RECIPE["special"]["roles_as_keywords"], random.Random(0))
    words = [[sorted(re.findall(r"\w+", row[side].lower())) for side in ("answer", "trap")] for row in made]
    assert all(row["answer"] != row["trap"] for row in made)
    assert all(answer == trap for answer, trap in words)


def test_nothing_of_the_reference_example_is_in_our_own_training_pairs():
    berlin = corpora.load_reference()
    text = "\n".join(value for row in data.rows(ROOM / RECIPE["contrast"]) for value in row.values())
    assert not any(passage in text for passage in [*berlin.text, berlin["query"][0]])


def test_every_setting_of_the_recipe_is_read():
    def keys(settings):
        for key, value in settings.items():
            yield key
            # Of these the keys are names of files, or of ways, which the code never spells out.
            if isinstance(value, dict) and key not in ("train", "develop", "left_out", "long_share", "typed"):
                yield from keys(value)

    code = "".join(path.read_text() for path in ROOM.parent.rglob("*.py"))
    named = [*keys(RECIPE), *(key for phase in RECIPE["phases"] for key in phase)]
    assert [key for key in named if f'"{key}"' not in code] == []
    assert sum(RECIPE["typed"].values()) == pytest.approx(1)


@pytest.mark.parametrize("source", ["made/up", "snli"])
def test_the_target_is_a_distribution_led_by_the_label(source):
    entry = lists.TrainingList(source, ["a"] * 3, ["b", "c", "d"], [0.5, 0.6, 0.1])
    wanted = entry.target(RECIPE["train_run"])
    assert wanted.sum().item() == pytest.approx(1) and wanted.argmax() == 0
    assert wanted[1] > wanted[2]


def test_a_run_that_stops_goes_on_to_the_same_weights(tmp_path):
    entry = lists.TrainingList("made/up", ["Who came?"] * 2, ["Ada came.", "It rained."], [0.6, 0.1])
    steps = [train.Step([entry], 1e-3, 1e-3)] * 2
    recipe = RECIPE | {"train_run": RECIPE["train_run"] | {"checkpoint_steps": 1}}
    train.train(steps, recipe, tmp_path / "whole", "cpu")
    train.train(steps[:1], recipe, tmp_path / "parts", "cpu")
    train.train(steps, recipe, tmp_path / "parts", "cpu")
    whole, parts = (
        [torch.load(path, weights_only=True)["model"] for path in train.checkpoints(tmp_path / name)]
        for name in ("whole", "parts")
    )
    assert len(whole) == len(parts) == 2
    assert all(torch.equal(whole[-1][name], parts[-1][name]) for name in whole[-1])
    assert any(not torch.equal(whole[0][name], whole[1][name]) for name in whole[0])


def test_what_is_written_describes_itself_as_what_ships(tmp_path):
    adapter.export({"1.weight": torch.zeros(2)}, RECIPE["model"], tmp_path)
    shipped = models.WEIGHTS / models.CROSS_ENCODER / "adapter_config.json"
    assert (tmp_path / "adapter_config.json").read_bytes() == shipped.read_bytes()


def test_what_ships_is_restored_and_written_again_byte_for_byte(tmp_path):
    shipped = models.WEIGHTS / models.CROSS_ENCODER
    model = adapter.build(RECIPE["model"], "cpu")
    adapter.restore(model, shipped)
    adapter.export({name: p.detach() for name, p in adapter.trained(model).items()}, RECIPE["model"], tmp_path)
    for name in ("adapter_model.safetensors", "head.safetensors"):
        ours, theirs = load_file(tmp_path / name), load_file(shipped / name)
        assert ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_a_graded_list_pulls_the_logits_and_their_sum_towards_the_grades():
    entry = graded.GradedList("a", "who?", ["Ada.", "Bob.", "Rain."], [3, 1, 0], [0.4, 0.6, 0.1])
    logits, run = torch.zeros(3, requires_grad=True), RECIPE["graded"] | {"maxsim_weight": RECIPE["maxsim_weight"]}
    slopes = []
    for share in (0.0, 0.5):
        loss = entry.loss(logits, run | {"sum_share": share})
        slopes += torch.autograd.grad(loss, logits)
        assert slopes[-1][0] < 0 < slopes[-1][2]
    # MaxSim has the second one first: in the sum the logit has to push it down harder.
    assert slopes[1][1] > slopes[0][1]
    assert entry.loss(torch.tensor([9.0, 1.0, 0.0]), run) < entry.loss(torch.zeros(3), run)


def test_graded_steps_have_each_list_once_and_end_at_rate_0():
    entries = [graded.GradedList(str(n), "q", ["a", "b"], [3, 0], [0.5, 0.4]) for n in range(20)]
    steps = graded.steps_of(entries, RECIPE["graded"], 1)
    assert sorted(int(entry.id) for step in steps for entry in step.lists) == list(range(20))
    assert steps[-1].adapter_rate == 0 and steps[0].adapter_rate == RECIPE["graded"]["adapter_rate"][0]
