"""What Sphinx does with the course beyond its own: alt texts kept, terms linked, the map drawn, texts for the search."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

from bxe import course
from tools.site import graph
from tools.site.terms import OTHERWISE, first_uses

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Where a term is not linked: in code, in headings, in what is a link already, in what a cell printed.
NO_LINKS = (nodes.literal, nodes.literal_block, nodes.title, nodes.reference, nodes.raw, nodes.math, nodes.math_block)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", fill_marks)
    app.connect("doctree-read", keep_alt_texts)
    app.connect("doctree-resolved", link_terms)
    app.connect("html-page-context", say_language)
    app.connect("build-finished", write_texts)
    app.connect("build-finished", mend_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def fill_marks(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put what is known only now, such as the map of the course, where a page has a mark for it."""
    if docname.startswith(("notebooks/", "api/")):
        return
    for mark, text in (
        ("map", f'<div class="wide">\n{graph.draw(link="notebooks/{}.html")}\n</div>'),
        ("table", graph.table()),
        ("hours", f"{sum(lesson.minutes for lesson in course.LESSONS) / 60:.0f}"),
        ("count", f"{len(course.LESSONS)}"),
    ):
        content[0] = content[0].replace(f"<!-- course:{mark} -->", text)


def keep_alt_texts(app: Sphinx, doctree: nodes.document) -> None:
    """Give each figure of a notebook the text that `plots.show` put beside it, which myst-nb leaves out."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    texts = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            for kind, about in output.get("metadata", {}).items():
                if "alt" in about:
                    data = base64.b64decode("".join(output["data"][kind]))
                    texts[hashlib.sha256(data).hexdigest()] = about["alt"]  # myst-nb names the file by this
    for image in doctree.findall(nodes.image):
        if alt := texts.get(Path(image["uri"]).stem):
            image["alt"] = alt


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link each term of the glossary at its first use in a notebook; the mouse pointer shows what it means."""
    if not docname.startswith("notebooks/"):
        return
    otherwise = OTHERWISE.get(docname.removeprefix("notebooks/"), ())
    terms = {
        name: about for names, about in glossary(app).items() for name in names.split("\n") if name not in otherwise
    }
    same = {name: names for names in glossary(app) for name in names.split("\n")}
    texts = [text for text in doctree.findall(nodes.Text) if not _inside(text, NO_LINKS)]
    uses: dict[int, list[tuple[int, int, str]]] = {}
    seen = set()
    for number, start, end, name in first_uses([text.astext() for text in texts], terms):
        if same[name] not in seen:  # names of one thing count as one
            seen.add(same[name])
            uses.setdefault(number, []).append((start, end, name))
    for number, places in uses.items():
        _put_links(texts[number], places, terms, app.builder.get_relative_uri(docname, "glossary"))


def glossary(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Each entry of the glossary: its names, one a line, and the anchor and meaning of each."""
    if not hasattr(app.env, "bxe_glossary"):
        app.env.bxe_glossary = {}
        for item in app.env.get_doctree("glossary").findall(nodes.definition_list_item):
            names = [term for term in item.children if isinstance(term, nodes.term)]
            meaning = re.sub(r"\s+", " ", item.children[-1].astext())
            app.env.bxe_glossary["\n".join(term.astext() for term in names)] = (names[0]["ids"][0], meaning)
    return app.env.bxe_glossary


def _inside(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds) or "cell_output" in node.get("classes", []):
            return True
    return False


def _put_links(text: nodes.Text, places: list[tuple[int, int, str]], terms: dict, page: str) -> None:
    whole, pieces, done = text.astext(), [], 0
    for start, end, name in places:
        anchor, meaning = terms[name]
        pieces.append(nodes.Text(whole[done:start]))
        words = nodes.inline("", whole[start:end])
        pieces.append(
            nodes.reference("", "", words, internal=True, refuri=f"{page}#{anchor}", reftitle=meaning, classes=["term"])
        )
        done = end
    text.parent.replace(text, [piece for piece in [*pieces, nodes.Text(whole[done:])] if piece.astext()])


def say_language(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Tell browsers and screen readers which pages are Chinese."""
    if pagename.startswith("zh/"):
        context["language"] = "zh-Hans"


def mend_pages(app: Sphinx, error: Exception | None) -> None:
    """Mend what Sphinx and myst-nb write and axe-core finds: headings of no level, folds not called by their own words."""
    if error or app.builder.name != "html":
        return
    for page in sorted(Path(app.outdir).rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        html = html.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        page.write_text(html.replace('role="heading">', 'role="heading" aria-level="2">'), encoding="utf-8")


def write_texts(app: Sphinx, error: Exception | None) -> None:
    """Write the pages' texts for the search, which shows where its words stand; a page cannot read another from a folder."""
    if error or app.builder.name != "html":
        return
    texts = {}
    for docname in sorted(app.env.found_docs):
        pieces = (p.astext() for p in app.env.get_doctree(docname).findall(nodes.TextElement) if not _told(p))
        texts[docname] = re.sub(r"\s+", " ", " ".join(pieces)).strip()
    content = f"const bxeTexts = {json.dumps(texts, ensure_ascii=False)};\n"
    Path(app.outdir, "_static", "texts.js").write_text(content, encoding="utf-8")


def _told(node: nodes.TextElement) -> bool:
    """Whether a text is told by another one already, or is not for reading."""
    return (
        isinstance(node, nodes.raw) or isinstance(node.parent, nodes.TextElement) or node.astext().startswith("<Figure")
    )
