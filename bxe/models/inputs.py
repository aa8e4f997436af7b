"""What an image encoder is given: texts told from pictures, and every picture made into pixels of one size.

A `pathlib.Path` is a picture. A `str` is a text, unless it ends as a picture's name does (.jpg, .png and so on): then it is
a path, and if no such file is there, that is an error. (The library takes it for a text if there is no such file, so that
a slip of the pen would be searched for in silence.) `{"text": ...}` and `{"image": ...}`, the library's own way to say
which is meant, settle it for any `str`. Nothing is fetched from the network: a web address of a picture is an error.
"""

from __future__ import annotations

import os
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bxe.files import PICTURE_NAMES, expanded

MARGIN = 32  # pixels; a network for 224 sees the middle 224 of 256, which is how its authors evaluated it
_ADDRESSES = ("http://", "https://", "data:image/")
_EXPECTED = (
    "a text, a PIL picture, a pathlib.Path of a picture, or an array [height, width] or [height, width, 3 or 4] "
    "of whole numbers from 0 to 255 or of fractions from 0 to 1"
)


def as_text(given: object) -> str | None:
    """The text that an input is, or None if it is to be read as a picture.

    Example:
        >>> as_text("a cat on a mat")
        'a cat on a mat'
        >>> as_text("cat.jpg") is None
        True
        >>> as_text({"text": "cat.jpg"})
        'cat.jpg'
    """
    if isinstance(given, dict) and set(given) == {"text"} and isinstance(given["text"], str):
        return given["text"]
    if isinstance(given, str) and not (given.lower().endswith(PICTURE_NAMES) or given.startswith("data:image/")):
        return given
    return None


def pixels(given: object, size: int) -> np.ndarray:
    """The middle of a picture as a network is trained to see it: uint8 [3, size, size], red, green and blue.

    The frame is a square, size / (size + 32) of the shorter side, and is scaled with bicubic interpolation. An animation
    gives its first frame. What is transparent is laid on white; a camera's note on which way is up is followed.

    Args:
        given: a PIL picture, a path, or an array (see the module's first lines).
        size: in pixels.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no picture, not whole, or has more pixels than Pillow deems safe.

    Source: preprocessing.py beside the official EfficientNet-Lite (github.com/tensorflow/tpu).

    Example:
        >>> pixels(Image.new("RGB", (640, 480), "red"), 224)[:, 0, 0]
        array([255,   0,   0], dtype=uint8)
    """
    if isinstance(given, dict) and set(given) == {"image"}:
        given = given["image"]
    if isinstance(given, np.ndarray):
        return _framed(_from_array(given), size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of notes in the file, such as the camera's, that are damaged
        # Pillow only warns of a picture that takes up to half a gigabyte; from twice that on it refuses.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return _decoded(given, size)


def _decoded(given: object, size: int) -> np.ndarray:
    if isinstance(given, (str, os.PathLike)):
        return _read(given, size)
    if isinstance(given, Image.Image):
        name = getattr(given, "filename", "") or f"a picture of {given.width} by {given.height} pixels"
        return _whole(given, size, str(name))
    raise ValueError(f"an input is {given!r:.80} ({type(given).__name__}); expected {_EXPECTED}")


def _read(given: str | os.PathLike, size: int) -> np.ndarray:
    if isinstance(given, str) and given.startswith(_ADDRESSES):
        raise ValueError(
            f'{given:.80} is a web address; download the picture and give its path, or {{"text": ...}} to mean these words'
        )
    path = str(expanded(given))
    try:
        image = Image.open(path)
    except FileNotFoundError:
        raise FileNotFoundError(
            f'there is no picture {path}; give the path of one, or {{"text": ...}} if these are words'
        ) from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder; give the pictures in it: list(Path({path!r}).iterdir())") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(
            f"{path} has more than {Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels, which may take the memory of this "
            "machine; make the picture smaller first"
        ) from None
    except UnidentifiedImageError:
        raise ValueError(
            f"{path} is no picture that Pillow can read; give a JPEG, PNG, GIF, BMP, TIFF or WebP file"
        ) from None
    except Exception as error:
        raise ValueError(_unread(path, error)) from error
    with image:
        return _whole(image, size, path)


def _whole(image: Image.Image, size: int, name: str) -> np.ndarray:
    """The pixels of an open picture; whatever a decoder raises about damaged data is one error that names the picture."""
    try:
        return _framed(_upright_rgb(image), size)
    except MemoryError:
        raise  # nothing is wrong with the picture
    except Exception as error:
        raise ValueError(_unread(name, error)) from error


def _unread(name: str, error: Exception) -> str:
    return f"{name} cannot be read ({type(error).__name__}: {error!s:.200}); copy or download the picture again"


def _upright_rgb(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):  # Pillow would cut these off at 255 instead of scaling them
        return _from_array(np.asarray(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _from_array(values: np.ndarray) -> Image.Image:
    """A picture from fractions up to 1, bytes, or 16 bits, of which the upper 8 count."""
    fits = values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (3, 4))
    if not fits or 0 in values.shape or values.dtype.kind not in "buif":
        raise ValueError(f"an input is an array {list(values.shape)} of {values.dtype}; expected {_EXPECTED}")
    if values.dtype.kind == "f":
        values = np.nan_to_num(values)
    if values.dtype.kind in "bf" and values.max() <= 1:
        values = values * 255.0
    elif values.dtype.kind + str(values.dtype.itemsize) == "u2" or values.max() > 255:
        values = values / 257.0
    return _upright_rgb(Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8)))


def _framed(image: Image.Image, size: int) -> np.ndarray:
    """Cut and scaled in one step, so that a picture of 1 × 20,000 pixels isn't first scaled to 256 × 5,000,000."""
    half = min(image.size) * size / (size + MARGIN) / 2
    x, y = image.width / 2, image.height / 2
    box = (x - half, y - half, x + half, y + half)
    scaled = image.resize((size, size), Image.Resampling.BICUBIC, box=box)
    return np.asarray(scaled).transpose(2, 0, 1)
