"""A model is loaded whole or not at all: half a folder, half a download and a Hub that refuses are each told in one error."""

import importlib
import json
import shutil
import threading
import warnings
from pathlib import Path
from types import SimpleNamespace

import httpx
import huggingface_hub
import numpy as np
import pytest
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from bxe import models
from bxe.models import hub, loading

REPO = "someone/mini"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90000000\n"


@pytest.fixture
def whole(tmp_path):
    """The folder of a small model with everything that a saved one has; its weights are a few numbers."""
    folder = tmp_path / "whole"
    names = {0: "transformer.Transformer", 1: "pooling.Pooling", 2: "dense.Dense", 3: "normalize.Normalize"}
    places = {0: "", 1: "1_Pooling", 2: "2_Dense", 3: "3_Normalize"}
    modules = [{"idx": i, "path": places[i], "type": f"sentence_transformers.x.{names[i]}"} for i in names]
    contents = {
        "modules.json": modules,
        "config.json": {"vocab_size": 9},
        "tokenizer.json": {},
        "tokenizer_config.json": {},
    }
    for name, content in {**contents, "1_Pooling/config.json": {}, "2_Dense/config.json": {}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    for name in ("model.safetensors", "2_Dense/model.safetensors"):
        save_file({"a": np.zeros(9), "b": np.ones(3)}, folder / name, metadata={"format": "pt"})
    return folder


NEEDED = ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json", "2_Dense/config.json"]
NEEDED += ["2_Dense/model.safetensors"]


def test_a_whole_folder_is_taken(whole):
    assert hub.find(str(whole), "x") == (str(whole), "folder")
    shutil.move(whole / "tokenizer.json", whole / "vocab.txt")  # the older way to keep the same words
    assert hub.find(str(whole), "x")[1] == "folder"


def test_a_folder_may_begin_with_the_home_folder(whole, monkeypatch):
    monkeypatch.setenv("HOME", str(whole.parent))
    assert hub.find("~/whole", "x") == (str(whole), "folder")


@pytest.mark.parametrize("name", ["./mine", "../mine", "~/mine", "a/b/c", "/a", "a\\b", "a\\b/c"])
def test_a_name_that_cannot_be_on_the_hub_is_a_folder(name, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        FileNotFoundError, match="^there is no folder .*; give a folder with a saved model, or a name on"
    ):
        hub.find(name, "x")


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_file_is_named(whole, name):
    (whole / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        hub.find(str(whole), "x")


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
def test_a_folder_without_a_list_of_modules_is_one_transformer(whole, name):
    (whole / "modules.json").unlink()
    assert hub.find(str(whole), "x")[1] == "folder"
    (whole / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        hub.find(str(whole), "x")


MAKES = {  # of one module: its kind, the JSON files with their contents, what else it needs
    "an adapter": ("Transformer", {"adapter_config.json": {}}, ["adapter_model.safetensors"]),
    "words and pictures": (
        "CLIPModel",
        {"config.json": {"text_config": {"vocab_size": 9}}},
        ["model.safetensors", "tokenizer.json"],
    ),
    "pictures": ("CLIPModel", {"config.json": {"image_size": 32}}, ["model.safetensors"]),
    "bytes": (
        "Transformer",
        {"config.json": {"vocab_size": 384}, "tokenizer_config.json": {"tokenizer_class": "ByT5Tokenizer"}},
        ["model.safetensors"],
    ),
    "a table of words": ("StaticEmbedding", {}, ["model.safetensors", "tokenizer.json"]),
}


@pytest.mark.parametrize("make", MAKES)
def test_a_model_of_any_make_needs_its_own_files_and_no_others(tmp_path, make):
    kind, contents, others = MAKES[make]
    (tmp_path / "modules.json").write_text(json.dumps([{"path": "", "type": f"sentence_transformers.x.{kind}"}]))
    for name in others:
        (tmp_path / name).write_text("{}")
        if name.endswith("safetensors"):
            save_file({"a": np.zeros(9)}, tmp_path / name)
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
    assert hub.find(str(tmp_path), "x") == (str(tmp_path), "folder")
    for name in others:
        (tmp_path / name).rename(tmp_path / "away")
        with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
            hub.find(str(tmp_path), "x")
        (tmp_path / "away").rename(tmp_path / name)
    if kind == "Transformer":
        (tmp_path / "modules.json").unlink()
        assert hub.find(str(tmp_path), "x") == (str(tmp_path), "folder")


@pytest.mark.parametrize("names", [("vocab.json", "merges.txt"), ("spiece.model",), ("source.spm",), ("o.tiktoken",)])
def test_words_may_be_kept_in_other_files_and_all_of_them_are_needed(whole, names):
    (whole / "tokenizer.json").unlink()
    for name in names:
        with pytest.raises(FileNotFoundError, match="tokenizer.json is missing: without it every word would be unkn"):
            hub.find(str(whole), "x")
        (whole / name).write_text("{}")
    assert hub.find(str(whole), "x")[1] == "folder"


@pytest.mark.parametrize("content", [b"9", b"\x09" + bytes(7), b"\x02" + bytes(7) + b"{}", b"\xff" * 8 + b"{}" * 9])
def test_a_file_that_is_no_safetensors_is_named_whatever_its_length(whole, content):
    (whole / "model.safetensors").write_bytes(content)
    with pytest.raises(
        ValueError, match="model.safetensors is not a whole safetensors file: save or download it again$"
    ):
        hub.find(str(whole), "x")


@pytest.mark.parametrize("name", ["modules.json", *NEEDED])
def test_a_pointer_of_git_lfs_or_half_a_file_is_named(whole, name):
    content = (whole / name).read_bytes()
    half = content[:-1] if name.endswith("json") else content[:-8]
    for damaged, why in ((POINTER.encode(), "git-lfs pointer.*lfs pull"), (half, "not a whole"), (b"", "not a whole")):
        (whole / name).write_bytes(damaged)
        with pytest.raises(ValueError, match=f"{name} is (a )?{why}"):
            hub.find(str(whole), "x")


def test_weights_elsewhere_than_where_they_are_read_are_no_weights(whole):
    (whole / "checkpoint-500").mkdir()
    shutil.move(whole / "model.safetensors", whole / "checkpoint-500")
    with pytest.raises(FileNotFoundError, match="model.safetensors is missing"):
        hub.find(str(whole), "x")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt"])
def test_a_pickle_in_any_module_is_refused(whole, name):
    shutil.move(whole / "2_Dense" / "model.safetensors", whole / "2_Dense" / name)
    told = "2_Dense has no weights in the safetensors format, and bxe reads no other .a pickle can run code.; save the "
    with pytest.raises(ValueError, match=f"{told}model again with safe_serialization=True$"):
        hub.find(str(whole), "x")


def test_a_pickle_is_refused_in_modules_of_any_kind_and_beside_other_weights(whole):
    modules = json.loads((whole / "modules.json").read_text())
    modules[2]["type"] = "sentence_transformers.x.LayerNorm"
    (whole / "modules.json").write_text(json.dumps(modules))
    assert hub.find(str(whole), "x")[1] == "folder"
    shutil.copy(whole / "2_Dense" / "model.safetensors", whole / "2_Dense" / "pytorch_model.bin")
    assert hub.find(str(whole), "x")[1] == "folder"  # the library reads the other one
    (whole / "2_Dense" / "model.safetensors").write_text(POINTER)
    with pytest.raises(ValueError, match="2_Dense/model.safetensors is a git-lfs pointer"):
        hub.find(str(whole), "x")
    shutil.move(whole / "2_Dense" / "model.safetensors", whole / "2_Dense" / "other.safetensors")
    with pytest.raises(ValueError, match="2_Dense has no weights in the safetensors format, and bxe reads no other"):
        hub.find(str(whole), "x")


@pytest.mark.parametrize(("kind", "config"), [("Router", "router_config.json"), ("Asym", "config.json")])
def test_modules_within_a_module_are_whole_or_refused(whole, kind, config):
    types = {"a_Dense": "sentence_transformers.x.Dense"}
    shutil.move(whole / "2_Dense", whole / "2_Both" / "a_Dense")
    (whole / "2_Both" / config).write_text(json.dumps({"types": types, "structure": {}}))
    modules = json.loads((whole / "modules.json").read_text())
    modules[2] = {**modules[2], "path": "2_Both", "type": f"sentence_transformers.x.{kind}"}
    (whole / "modules.json").write_text(json.dumps(modules))
    assert hub.find(str(whole), "x")[1] == "folder"
    inner = whole / "2_Both" / "a_Dense"
    shutil.move(inner / "model.safetensors", inner / "pytorch_model.bin")
    with pytest.raises(ValueError, match="a_Dense has no weights in the safetensors format, and bxe reads no other"):
        hub.find(str(whole), "x")
    (inner / "pytorch_model.bin").unlink()
    with pytest.raises(FileNotFoundError, match="a_Dense/model.safetensors is missing"):
        hub.find(str(whole), "x")


@pytest.mark.parametrize(
    ("name", "content"),
    [("config.json", "[3]"), ("config.json", '{"text_config": 3}'), ("2_Dense/router_config.json", "[3]")],
)
def test_json_that_is_something_else_is_refused(whole, name, content):
    (whole / "modules.json").write_text((whole / "modules.json").read_text().replace("dense.Dense", "router.Router"))
    (whole / name).write_text(content)
    with pytest.raises(ValueError, match="a JSON file in .*whole.* is damaged: save or download the model again"):
        hub.find(str(whole), "x")


def test_every_shard_is_needed(whole):
    shutil.move(whole / "model.safetensors", whole / "one.safetensors")
    index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
    (whole / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(FileNotFoundError, match="two.safetensors is missing"):
        hub.find(str(whole), "x")
    shutil.copy(whole / "one.safetensors", whole / "two.safetensors")
    assert hub.find(str(whole), "x")[1] == "folder"


@pytest.mark.parametrize("content", ["{}", "[3]", '[{"type": 1, "path": ""}]'])
def test_a_list_of_modules_that_is_none_is_refused(whole, content):
    (whole / "modules.json").write_text(content)
    with pytest.raises(ValueError, match="modules.json is"):
        hub.find(str(whole), "x")


def test_a_link_to_a_file_is_as_good_as_the_file(whole, tmp_path):
    """As in the Hub's cache, where all files are links."""
    for name in NEEDED:
        (whole / name).rename(tmp_path / "blob")
        (whole / name).symlink_to((tmp_path / "blob").rename(tmp_path / name.replace("/", "-")))
    assert hub.find(str(whole), "x")[1] == "folder"


def test_a_link_to_nothing_is_named(whole):
    (whole / "vocab.txt").symlink_to(whole / "gone")
    with pytest.raises(FileNotFoundError, match="vocab.txt is a link to a file that is not there"):
        hub.find(str(whole), "x")


@pytest.fixture
def remote(whole, tmp_path, monkeypatch):
    """A Hub that has the model, and a cache: `remote.stop_at` is the file before which Ctrl-C, or an error, comes."""
    snapshot = tmp_path / "cache" / "models--someone--mini" / "snapshots" / "abc"
    names = sorted(path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file())
    state = SimpleNamespace(stop_at=None, trouble=KeyboardInterrupt(), snapshot=snapshot, fetched=[], names=names)

    def ask(api, repo, *, timeout):
        assert repo == REPO and timeout > 0
        return SimpleNamespace(siblings=siblings)

    def fetch(repo, name, force_download=False):
        assert repo == REPO
        if name == state.stop_at:
            raise state.trouble
        target = snapshot / name
        if force_download or not target.exists():
            state.fetched.append(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(whole / name, target)
            (snapshot.parent.parent / "refs").mkdir(exist_ok=True)
            (snapshot.parent.parent / "refs" / "main").write_text("abc")

    siblings = [SimpleNamespace(rfilename=name) for name in [*names, "onnx/model.safetensors", "README.md"]]
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(HfApi, "model_info", ask)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fetch)
    return state


@pytest.mark.parametrize("stop_at", ["modules.json", "tokenizer_config.json", *NEEDED])
def test_a_download_that_was_interrupted_is_completed(remote, stop_at):
    remote.stop_at = stop_at
    with pytest.raises(KeyboardInterrupt):
        hub.find(REPO, "x")
    remote.stop_at = None
    assert hub.find(REPO, "x") == (str(remote.snapshot), "downloaded")
    assert sorted(remote.fetched) == remote.names  # each once: nothing twice, nothing left out
    assert hub.find(REPO, "x") == (str(remote.snapshot), "Hub cache")


@pytest.mark.parametrize("missing", NEEDED)
def test_what_another_program_left_half_there_is_completed_or_refused(remote, missing, monkeypatch):
    hub.find(REPO, "x")
    (remote.snapshot / missing).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(
            ConnectionError, match=f"in the Hub's cache only in part .*{missing} is missing.*HF_HUB_OFFLINE"
        ):
            hub.find(REPO, "x")
    remote.fetched.clear()
    assert hub.find(REPO, "x")[1] == "downloaded"
    assert remote.fetched == [missing]


def test_a_damaged_file_of_the_cache_is_fetched_again(remote):
    hub.find(REPO, "x")
    (remote.snapshot / "model.safetensors").write_bytes(b"")
    remote.fetched.clear()
    assert hub.find(REPO, "x")[1] == "downloaded" and "model.safetensors" in remote.fetched
    assert hub.find(REPO, "x")[1] == "Hub cache"


GATED = "it is gated: accept its conditions at https://huggingface.co/someone/mini, then log in .hf auth login.. "


def test_a_download_that_arrives_nowhere_is_told(remote, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda *args, **kwargs: None)
    with pytest.raises(
        ConnectionError, match="^someone/mini was downloaded, but is not in the Hub's cache; is its disk"
    ):
        hub.find(REPO, "x")


def test_a_hub_that_hangs_holds_nobody_up_neither_now_nor_at_the_end(remote, monkeypatch):
    hung, asking = threading.Event(), []

    def hang(*args, **kwargs):
        asking.append(threading.current_thread())
        hung.wait(20)

    monkeypatch.setattr(HfApi, "model_info", hang)
    monkeypatch.setattr(hub, "HUB_PATIENCE", 0.05)
    with pytest.raises(ConnectionError, match="the Hugging Face Hub does not answer .TimeoutError."):
        hub.find(REPO, "x")
    assert asking[0].is_alive() and asking[0].daemon  # a program's end does not wait for such a thread
    hung.set()


def test_a_download_that_breaks_off_is_told(remote):
    gated = answer(403, GatedRepoError)  # what it consists of is told to all, and only the files are refused
    for trouble, why in ((httpx.ReadTimeout("slow"), "does not answer .ReadTimeout"), (gated, GATED)):
        remote.stop_at, remote.trouble = "model.safetensors", trouble
        with pytest.raises(ConnectionError, match=f"download of someone/mini broke off: .*{why}"):
            hub.find(REPO, "x")


def test_a_model_that_is_not_whole_on_the_hub_is_refused(remote, monkeypatch):
    files = [SimpleNamespace(rfilename=name) for name in remote.names if name != "tokenizer.json"]
    monkeypatch.setattr(HfApi, "model_info", lambda *args, **kwargs: SimpleNamespace(siblings=files))
    with pytest.raises(FileNotFoundError, match="tokenizer.json is missing"):
        hub.find(REPO, "x")


def test_a_model_of_pickles_is_refused_before_it_is_downloaded(remote, monkeypatch):
    files = [SimpleNamespace(rfilename=name) for name in ("config.json", "pytorch_model.bin")]
    monkeypatch.setattr(HfApi, "model_info", lambda *args, **kwargs: SimpleNamespace(siblings=files))
    with pytest.raises(ValueError, match="someone/mini has no weights in the safetensors format"):
        hub.find(REPO, "x")
    assert remote.fetched == []


def answer(status, kind=HfHubHTTPError):
    return kind("no", response=httpx.Response(status, request=httpx.Request("GET", "https://huggingface.co")))


@pytest.mark.parametrize(
    ("error", "kind", "why"),
    [
        (answer(403, GatedRepoError), ConnectionError, GATED),
        (answer(403), ConnectionError, "rejects your token .403.: log in again .hf auth login., or unset HF_TOKEN. "),
        (answer(404, RepositoryNotFoundError), ValueError, "is neither a folder here nor a model"),
        (answer(401), ConnectionError, "rejects your token .401.*hf auth login"),
        (
            answer(429),
            ConnectionError,
            "and the Hugging Face Hub got too many requests from here .429.: wait a few minutes. ",
        ),
        (answer(500), ConnectionError, "has trouble of its own .500"),
        (
            json.JSONDecodeError("Expecting value", "<html>", 0),
            ConnectionError,
            "and something else answered in place of the Hugging Face Hub, perhaps a log-in page of your network. ",
        ),
        (
            ImportError("Using SOCKS proxy, but socksio is not installed"),
            ConnectionError,
            "cannot be asked .Using SOCKS",
        ),
        (httpx.ConnectError("refused"), ConnectionError, "does not answer .ConnectError"),
    ],
)
def test_the_reason_why_the_hub_gives_no_model_is_told(remote, monkeypatch, error, kind, why):
    def refuse(*args, **kwargs):
        raise error

    monkeypatch.setattr(HfApi, "model_info", refuse)
    with pytest.raises(kind, match=why):
        hub.find(REPO, "x")


LOADERS = [
    models.load_bi_encoder,
    models.load_cross_encoder,
    models.load_image_encoder,
    models.load_multi_vector_encoder,
]


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize(
    "trouble", [TypeError("embedding_dimension"), OSError("no file"), KeyError("x"), RuntimeError("size")]
)
def test_whatever_a_library_says_of_a_model_is_one_error(whole, monkeypatch, load, trouble):
    import sentence_transformers

    def broken(source, *, model_kwargs, **others):
        assert model_kwargs["use_safetensors"] is True and others["local_files_only"] is True
        raise trouble

    for name in ("SentenceTransformer", "CrossEncoder", "MultiVectorEncoder"):
        monkeypatch.setattr(sentence_transformers, name, broken)
    with pytest.raises(ValueError, match=f"whole does not load .{type(trouble).__name__}: .*save or download it again"):
        load(whole, device="cpu")


def test_our_reranker_reads_safetensors_only(monkeypatch):
    from sentence_transformers.sentence_transformer import modules

    def broken(source, *, model_kwargs, **others):
        assert model_kwargs["use_safetensors"] is True
        raise KeyboardInterrupt

    monkeypatch.setattr(modules, "Transformer", broken)
    with pytest.raises(KeyboardInterrupt):
        models.reranker_modules("cpu")


def test_our_image_encoder_reads_safetensors_only_and_no_network(monkeypatch):
    import sentence_transformers

    def broken(source, *, device, local_files_only, model_kwargs):
        assert (device, local_files_only, model_kwargs["use_safetensors"]) == ("cpu", True, True)
        raise KeyboardInterrupt

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", broken)
    with pytest.raises(KeyboardInterrupt):
        models.load_image_encoder(device="cpu")


ORGANIZATIONS = ["sentence-transformers", "cross-encoder", "sentence-transformers", "lightonai"]
VARIABLES = ["BXE_BI_ENCODER", "BXE_CROSS_ENCODER", "BXE_IMAGE_ENCODER", "BXE_MULTI_VECTOR_ENCODER"]


@pytest.mark.parametrize(("load", "organization"), list(zip(LOADERS, ORGANIZATIONS)))
def test_a_bare_name_is_looked_for_where_its_kind_is_at_home(load, organization, tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    for name, repo in (
        ("nice-model", f"{organization}/nice-model"),
        ("someone/nice", "someone/nice"),
        ("BERT-base-uncased", "BERT-base-uncased"),  # one of the Hub's first, which have no organization
    ):
        told = (
            f"^{repo} is not in the Hub's cache, and HF_HUB_OFFLINE is set. Use the embedded model .leave the name out."
        )
        with pytest.raises(ConnectionError, match=f"{told}, or load '{repo}' once where there is a network.$"):
            load(name, device="cpu")


@pytest.mark.parametrize(("load", "variable"), list(zip(LOADERS, VARIABLES)))
def test_a_model_is_chosen_by_name_then_by_the_environment_and_its_device_is_checked(load, variable, monkeypatch):
    monkeypatch.setenv(variable, "/nowhere/mine")
    for name, asked in ((None, "/nowhere/mine"), ("", "/nowhere/mine"), ("/nowhere/other", "/nowhere/other")):
        with pytest.raises(FileNotFoundError, match=f"there is no folder {asked}; give a folder with a saved model"):
            load(name, device="cpu")
    with pytest.raises(ValueError, match="device is 'gpu'; this machine has"):
        load(device="gpu")
    with pytest.raises(TypeError, match=r"^a model's name or folder is expected; this is \[3\] \(list\)$"):
        load([3])


def test_want_of_memory_is_not_put_down_to_the_files(whole, monkeypatch):
    import sentence_transformers

    def full(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", full)
    with pytest.raises(MemoryError):
        models.load_bi_encoder(whole, device="cpu")


@pytest.mark.parametrize("bars", [True, False])
def test_libraries_are_silent_within_and_speak_afterwards_as_before(bars, request):
    from huggingface_hub import utils
    from transformers.utils import logging

    def state():
        return logging.get_verbosity(), logging.is_progress_bar_enabled(), not utils.are_progress_bars_disabled()

    def change(verbosity, ours, the_hubs):
        logging.set_verbosity(verbosity)
        (logging.enable_progress_bar if ours else logging.disable_progress_bar)()
        (utils.enable_progress_bars if the_hubs else utils.disable_progress_bars)()

    before = state()
    request.addfinalizer(lambda: change(*before))
    change(logging.INFO, bars, not bars)
    with pytest.raises(KeyError), warnings.catch_warnings(record=True) as told, hub.quiet():
        assert state() == (logging.ERROR, False, False)
        warnings.warn("this will change", FutureWarning, stacklevel=1)
        warnings.warn("this is wrong", UserWarning, stacklevel=1)
        raise KeyError
    assert state() == (logging.INFO, bars, not bars)
    assert [str(warning.message) for warning in told] == ["this is wrong"]


@pytest.mark.parametrize("environment", [False, True])  # HF_HUB_DISABLE_PROGRESS_BARS is 0 or 1, which overrules all
def test_bars_that_the_environment_keeps_on_or_off_are_not_worth_a_warning(environment, monkeypatch):
    monkeypatch.setattr(
        importlib.import_module("huggingface_hub.utils.tqdm"), "HF_HUB_DISABLE_PROGRESS_BARS", environment
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with hub.quiet():
            pass


def test_a_model_of_the_other_kind_sends_to_the_other_function():
    with pytest.raises(ValueError, match="bxe-reranker-minilm is a cross-encoder; use load_cross_encoder"):
        models.load_bi_encoder("bxe-reranker-minilm")
    for load in (models.load_cross_encoder, models.load_image_encoder):
        with pytest.raises(ValueError, match="all-MiniLM-L6-v2 is a bi-encoder; use load_bi_encoder"):
            load("all-MiniLM-L6-v2")
    for load in (models.load_bi_encoder, models.load_cross_encoder, models.load_multi_vector_encoder):
        with pytest.raises(ValueError, match="bxe-image-bridge is an image encoder; use load_image_encoder"):
            load("bxe-image-bridge")


things = st.none() | st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.text())


@settings(max_examples=50, deadline=None)
@given(things.filter(bool), things, things)
@example("~nosuch/x", None, "float32")
@example("a" * 5000, None, "float32")
def test_any_arguments_are_one_error(name, device, precision):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        for load in LOADERS:
            with pytest.raises((ValueError, TypeError, FileNotFoundError, ConnectionError)) as told:
                load(name if Path(str(name)).name else "/nowhere", device=device, precision=precision)
            assert told.traceback[-1].path.is_relative_to(Path(loading.__file__).parent.parent)
