"""Buttons to grade with in a notebook: a question, a passage, four grades; all else is in `Grading`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from bxe.judging.grading import GRADES, Grading

if TYPE_CHECKING:
    from ipywidgets import VBox


def panel(grading: Grading) -> VBox:
    """A widget that shows the pair to grade, with a button for each grade and one to go back; end a cell with it.

    Args:
        grading: keeps the grades. When it says that a grade could not be kept, the widget shows that, and stays.

    Example:
        >>> import pandas as pd, pathlib, tempfile
        >>> pairs = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p1"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     mine = Grading(pairs, {"q1": "how hot?"}, {"p1": "At 80 degrees."}, pathlib.Path(folder, "mine.csv"))
        ...     panel(mine).children[1].children[3].click()
        ...     mine.table().grade.tolist()
        [3]
    """
    from ipywidgets import HTML, Button, HBox, Layout, VBox

    page = HTML()
    wide = Layout(width="auto")
    grades = [Button(description=words, layout=wide) for words in GRADES]
    back = Button(description="back", layout=wide)

    def show() -> None:
        pair, of = grading.now, len(grading.pairs)
        for button in grades:
            button.disabled = pair is None
        texts = f"<b>{html.escape(pair.question)}</b></p><p>{html.escape(pair.passage)}" if pair else "Done."
        page.value = f"<p>{of - grading.left} of {of} graded</p><p>{texts}</p>"

    def press(button: Button) -> None:
        try:
            grading.back() if button is back else grading.grade(grades.index(button))
            show()
        except (OSError, ValueError) as error:
            problem = f"<p><b>{html.escape(str(error))}</b></p>"
            page.value = problem + page.value.removeprefix(problem)

    for button in (*grades, back):
        button.on_click(press)
    show()
    return VBox([page, HBox([*grades, back])])
