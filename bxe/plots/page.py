"""The page that every figure is drawn on: its colours and marks, its panels, boxes and arrows, and `show`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito (2008), "Color Universal Design": told apart by colour-blind readers; markers tell them apart in grey.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
INK, FAINT, GRID = "#222222", "#BBBBBB", "#EEEEEE"


def show(ax: Axes, alt: str) -> None:
    """Display a figure with a text for those who cannot see it, and close it.

    Args:
        ax: any Axes of the figure.
        alt: what the picture shows, in a sentence or two.

    Raises:
        ValueError: if the text is blank.

    Example:
        >>> from bxe import plots
        >>> plots.show(plots.architectures(), alt="Two boxes that meet in a cosine, and one box with a score.")
        Figure(900x390)
    """
    from IPython.display import display

    if not alt.strip():
        raise ValueError("alt is blank; say in a sentence what the picture shows")
    _spell(ax.figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # `_spell` has said it, in one line
        display(ax.figure, metadata={"image/png": {"alt": alt}})
    plt.close(ax.figure)


def figure(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of one panel, open above and to the right; width and height in inches."""
    _fits(width, height)
    fig, ax = plt.subplots(figsize=(width, height), layout="constrained")
    open_frame(ax)
    return fig, ax


def side_by_side(count: int, width: float, height: float, *, same_axes: bool = False) -> tuple[Figure, np.ndarray]:
    """A figure of `count` panels in a row, each with axes of its own, or all with the same ones."""
    _fits(max(width, 5 * count), height)
    size = (width, height)
    fig, axes = plt.subplots(
        1, count, figsize=size, sharex=same_axes, sharey=same_axes, layout="constrained", squeeze=False
    )
    return fig, axes[0]


def above_and_below(width: float, height: float, shares: tuple[float, float]) -> tuple[Figure, np.ndarray]:
    """A figure of two panels over one x axis, whose heights are in proportion to `shares`."""
    _fits(width, height)
    return plt.subplots(2, 1, figsize=(width, height), sharex=True, height_ratios=shares, layout="constrained")


def _fits(width: float, height: float) -> None:
    if max(width, height) > 100:
        raise ValueError(
            f"the figure would be {width:.0f} by {height:.0f} inches, but at most 100 are drawn; give less to draw"
        )


def open_frame(ax: Axes) -> None:
    """Leave the frame open above and to the right."""
    ax.spines[["top", "right"]].set_visible(False)


def box(ax: Axes, x: float, y: float, text: str, colour: str, *, width: float = 2.4, height: float = 1.0) -> None:
    """A box with round corners and a text in it, centred at x, y."""
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(FancyBboxPatch(corner, width, height, boxstyle="round,pad=0.05", facecolor=colour, edgecolor=INK))
    ax.text(x, y, text, ha="center", va="center")


def arrow(ax: Axes, x0: float, y0: float, x1: float, y1: float) -> None:
    """An arrow from x0, y0 to x1, y1."""
    ax.add_patch(FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=12, color=INK))


def _spell(fig: Figure) -> None:
    """Take fonts that have the letters which the usual one lacks; say in one line which letters none has."""
    texts = {text: _lacking(text.get_text()) for text in fig.findobj(Text)}
    if not (missing := set().union(*texts.values())):
        return
    fonts, lost = _fonts_with(missing)
    for text, lacking in texts.items():
        if lacking:
            text.set_fontfamily([*text.get_fontfamily(), *fonts])
    if lost:
        some = " ".join(sorted(lost)[:20])
        print(f"no installed font has {some}, so boxes stand there; install a larger font, such as Noto Sans CJK")


def _lacking(letters: str) -> set[str]:
    own = get_font(findfont(FontProperties()))
    return {letter for letter in letters if letter >= " " and not own.get_char_index(ord(letter))}


def _fonts_with(missing: set[str]) -> tuple[list[str], set[str]]:
    """Names of installed fonts that have some of the letters between them, and the letters that none has."""
    names, lost = [], set(missing)
    for entry in fontManager.ttflist:
        if lost and "LastResort" not in entry.fname:  # that one has a box for every letter
            font = get_font(entry.fname)
            has = {letter for letter in lost if font.scalable and font.get_char_index(ord(letter))}
            names, lost = names + [entry.name] * bool(has), lost - has
    return names, lost
