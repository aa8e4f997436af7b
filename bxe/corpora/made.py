"""Pictures made of a picture, to see what an encoder's vector holds: copies side by side, a word written over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def tiled(picture: Image.Image, columns: int, rows: int) -> Image.Image:
    """Copies of a picture side by side, `columns` times `rows` of them, in the middle 7/8 of a white square.

    A network that sees the middle 7/8 of a picture's shorter side then sees all of them.

    Example:
        >>> from PIL import Image
        >>> tiled(Image.new("RGB", (20, 10)), 2, 3).size
        (46, 46)
    """
    from PIL import Image

    width, height = picture.width * columns, picture.height * rows
    side = round(max(width, height) * 8 / 7)
    whole = Image.new("RGB", (side, side), "white")
    for at in range(columns * rows):
        x, y = at % columns * picture.width, at // columns * picture.height
        whole.paste(picture, ((side - width) // 2 + x, (side - height) // 2 + y))
    return whole


def with_word(picture: Image.Image, word: str) -> Image.Image:
    """A copy of a picture with a word on a white bar across its middle.

    Example:
        >>> from PIL import Image
        >>> dark = Image.new("RGB", (200, 200))
        >>> with_word(dark, "TEA").getpixel((5, 100)), dark.getpixel((5, 100))
        ((255, 255, 255), (0, 0, 0))
    """
    from PIL import ImageDraw, ImageFont

    picture, (width, height) = picture.convert("RGB"), picture.size
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 3 // 8, width, height * 5 // 8), fill="white")
    font = ImageFont.load_default(height * 4 // 25)
    pen.text((width // 2, height // 2), word, fill="black", font=font, anchor="mm")
    return picture
