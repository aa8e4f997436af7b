"""The photographs are found where the packages keep them, or it is said which package is missing."""

from importlib.metadata import PackageNotFoundError

import pytest
from PIL import Image

from bxe import corpora
from bxe.corpora import photographs


def test_every_picture_opens_has_an_author_and_a_licence_and_is_described_by_one_query():
    found = corpora.load_photographs()
    asked = corpora.load("photo_queries").explode("photos")
    assert sorted(asked.photos) == sorted(found.photo_id)
    assert found.columns.tolist() == ["photo_id", "path", "shows", "author", "licence"]
    assert found[["shows", "author", "licence"]].notna().all(axis=None)
    for path in found.path:
        assert min(Image.open(path).size) > 150


def test_a_missing_package_or_picture_is_named_with_what_to_do(monkeypatch):
    with pytest.raises(FileNotFoundError, match="none.jpg is missing from the package pillow; run: .*pillow"):
        photographs._find("pillow", "PIL/none.jpg")

    def missing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(photographs, "distribution", missing)
    with pytest.raises(FileNotFoundError, match="scikit-image, which has .*astronaut.png, is not installed; run:"):
        corpora.load_photographs()
