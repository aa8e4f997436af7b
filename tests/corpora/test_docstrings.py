"""The docstring corpus: read without importing, named as users name things, cached safely."""

import pydoc
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bxe import corpora
from bxe.corpora import sources

SMALL = ("networkx",)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "docstrings"


@pytest.fixture
def package(tmp_path, monkeypatch, cache):
    """A small package on the path; its version is what the test says."""
    folder = tmp_path / "site" / "toypack"
    (folder / "_inner").mkdir(parents=True)
    (folder / "__init__.py").write_text(
        '"""A toy package to read docstrings from, long enough."""\nfrom ._inner._deep import shout\nfrom ._inner import *\n'
    )
    (folder / "_inner" / "__init__.py").write_text("from ._deep import Box\n__all__ = ['Box']\n")
    (folder / "_inner" / "_deep.py").write_text(
        'raise SystemExit("source files are parsed, never run")\n'
        "from typing import overload\n"
        "@overload\ndef shout(x: int): ...\n"
        'def shout(x):\n    """shout(x)\n\n    Say a thing very loudly. And then be silent for a while.\n    """\n'
        'class Box:\n    """A box that holds one thing, and only one."""\n'
        '    def open(self):\n        """Open the box and see what there is inside."""\n'
        '    def _secret(self):\n        """Nobody should ever read this docstring here."""\n'
        'def short():\n    """Too short."""\n'
    )
    (folder / "broken.py").write_text("def (:\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr(sources, "version", lambda name: "1.0")
    return folder


def test_names_are_those_that_users_write(package):
    found = corpora.load_docstrings(["toypack"], kinds=corpora.EVERY_KIND).set_index("name")
    assert set(found.index) == {"toypack", "toypack.shout", "toypack.Box", "toypack.Box.open"}
    assert found.kind.to_dict() == {
        "toypack": "module",
        "toypack.shout": "function",
        "toypack.Box": "class",
        "toypack.Box.open": "method",
    }


def test_the_summary_is_the_first_sentence_without_the_signature(package):
    found = corpora.load_docstrings(["toypack"]).set_index("name")
    assert found.summary["toypack.shout"] == "Say a thing very loudly."
    assert "be silent" in found.body["toypack.shout"]


def test_the_cache_is_used_and_keyed_by_version(package, cache, monkeypatch):
    corpora.load_docstrings(["toypack"])
    (package / "_inner" / "_deep.py").write_text('"""Another docstring, which the cache does not know."""')
    assert "toypack.shout" in set(corpora.load_docstrings(["toypack"]).name)
    monkeypatch.setattr(sources, "version", lambda name: "1.1")
    assert "toypack.shout" not in set(corpora.load_docstrings(["toypack"]).name)


DAMAGES = {
    "emptied": lambda content: b"",
    "no text": lambda content: b"\xff",
    "cut": lambda content: content[: len(content) // 2],
    "another list": lambda content: b"[]",
    "one letter changed": lambda content: content.replace(b"very loudly", b"very loudlx"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_told_and_rebuilt(package, cache, capsys, damage):
    whole = corpora.load_docstrings(["toypack"])
    (path,) = cache.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert corpora.load_docstrings(["toypack"]).equals(whole)
    assert f"{path.name} in the cache is damaged; it is made anew" in capsys.readouterr().out
    assert corpora.load_docstrings(["toypack"]).equals(whole) and capsys.readouterr().out == ""


def test_a_cache_of_another_user_that_is_not_readable_is_told_so(package, cache, capsys):
    whole = corpora.load_docstrings(["toypack"])
    (path,) = cache.iterdir()
    read = Path.read_bytes

    def refusing(asked):
        if asked == path:
            raise PermissionError(13, "Permission denied", str(asked))
        return read(asked)

    with patch.object(Path, "read_bytes", refusing):
        assert corpora.load_docstrings(["toypack"]).equals(whole)
    assert f"{path.name} in the cache is not readable (Permission denied); it is made anew" in capsys.readouterr().out


def test_two_kernels_may_ask_at_once(package, cache):
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(lambda _: corpora.load_docstrings(["toypack"]), range(16)))
    assert all(frame.equals(frames[0]) for frame in frames)
    assert len(list(cache.iterdir())) == 1


def test_a_missing_package_is_reported_and_passed_over(package, capsys, monkeypatch):
    found = corpora.load_docstrings(["no-such-package", "toypack"])
    assert set(found.package) == {"toypack"}
    assert "docstrings: no-such-package is passed over" in capsys.readouterr().out


def test_nothing_readable_is_an_error(cache):
    with pytest.raises(ValueError, match="none of these packages can be read: no-such-package"):
        corpora.load_docstrings(["no-such-package"])


def test_packages_are_not_imported(cache):
    code = f"import sys; from bxe.corpora import load_docstrings; load_docstrings({SMALL!r}); print('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_methods_come_when_they_are_asked_for(package):
    kinds = set(corpora.load_docstrings(["toypack"]).kind)
    assert kinds == {"module", "function", "class"}
    assert set(corpora.load_docstrings(["toypack"], kinds=["method"]).name) == {"toypack.Box.open"}


def test_an_entry_is_name_and_summary_and_no_name_comes_twice(package):
    found = corpora.load_docstrings(["toypack", "toypack"])
    assert found.name.is_unique
    assert found.set_index("name").entry["toypack.shout"] == "toypack.shout: Say a thing very loudly."


def test_the_default_is_a_corpus_that_a_laptop_embeds_in_minutes():
    assert 6_000 <= len(corpora.load_docstrings()) <= 8_000


def test_every_answer_to_a_docstring_question_exists():
    large = ("torch", "transformers")  # whose source takes long to read: there, Python is asked
    packages = [package for package in corpora.EVERY_PACKAGE if package not in large]
    names = set(corpora.load_docstrings(packages, kinds=corpora.EVERY_KIND).name)
    questions = corpora.load("docstring_questions")
    assert len(questions) >= 80
    lost = [answer for answers in questions.answers for answer in answers if answer not in names]
    assert {name.partition(".")[0] for name in lost} <= set(large)
    assert [name for name in lost if not pydoc.locate(name).__doc__] == []


def test_every_howto_question_has_twelve_graded_docstrings_that_exist_and_answer_no_question_of_the_test():
    names, lists, questions = (
        set(corpora.load_docstrings().name),
        corpora.load("howto"),
        corpora.load("docstring_questions"),
    )
    closed = {answer for answers in questions.answers for answer in answers}
    assert len(lists) == 300
    for row in lists.itertuples():
        assert len(set(row.names)) == len(row.grades) == 12 and row.written_for in row.names
        assert max(row.grades) == 3 and set(row.grades) <= {0, 1, 2, 3}
        assert [name for name in row.names if name not in names or name in closed] == []
    assert not set(lists.text.str.lower()) & set(questions.text.str.lower())


def test_a_package_is_known_by_any_spelling_of_its_name_on_pip(cache):
    for name in ("PyYAML", "pyyaml"):
        assert "yaml.safe_load" in set(corpora.load_docstrings([name]).name)


def test_a_package_that_says_nothing_is_told(package, capsys):
    assert len(corpora.load_docstrings(["toypack"], kinds=["module", "method"])) == 2
    assert capsys.readouterr().out == ""
    (package / "__init__.py").write_text("")
    (package / "_inner" / "__init__.py").write_text("")
    for file in (package.parent.parent / "cache" / "docstrings").iterdir():
        file.unlink()
    assert len(corpora.load_docstrings(["toypack"])) == 0
    told = "docstrings: toypack has no module, class, function with a docstring of 40 characters or more"
    assert told in capsys.readouterr().out


def test_a_lone_surrogate_in_a_docstring_is_replaced(package):
    (package / "odd.py").write_text('"""A docstring with a lone \\ud800 surrogate in the middle of it."""')
    entry = corpora.load_docstrings(["toypack"]).set_index("name").entry["toypack.odd"]
    assert entry == "toypack.odd: A docstring with a lone ? surrogate in the middle of it."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"packages": "numpy"}, r"packages is 'numpy', one text; give a list: \['numpy'\]"),
        ({"kinds": "class"}, r"kinds is 'class', one text; give a list: \['class'\]"),
        ({"packages": 3}, "packages is 3; give a list of texts"),
        ({"packages": [3]}, r"packages is \[3\]; give a list of texts"),
        ({"kinds": ["klass"]}, "kinds names 'klass'; expected some of module, class, function, method"),
        ({"kinds": []}, "kinds names nothing; expected some of module, class, function, method"),
    ],
)
def test_what_is_no_list_of_names_is_one_clear_error(cache, given, message):
    with pytest.raises((TypeError, ValueError), match=message):
        corpora.load_docstrings(**given)


things = (
    st.none() | st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.text() | st.integers(), max_size=3)
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things, things)
@example(["", "..", "a.b", "../../x", "\ud800", "\0", "a" * 5000], ["class"])
def test_any_packages_and_kinds_are_one_error_if_they_name_nothing(cache, packages, kinds):
    with pytest.raises((ValueError, TypeError), match="none of these packages|packages is|kinds (is|names)"):
        corpora.load_docstrings(packages, kinds=kinds)


SAID = "What it does is said here, in more than forty characters."
ADDED = [
    # torch's way
    ("add_docstr(torch.cat, SAID)", "torch.cat", "function", SAID),
    ("docs.add_docstr(torch.cat, SAID)", "torch.cat", "function", SAID),
    ("add_docstr(torch.cat, SAID.format(**more))", "torch.cat", "function", SAID),
    ("add_docstr(torch.cat, 'cat(x). ' + SAID)", "torch.cat", "function", f"cat(x). {SAID}"),
    ("add_docstr(torch.cat, SAID + more)", "torch.cat", "function", SAID),
    ("add_docstr(torch.cat, more + SAID)", "torch.cat", "function", SAID),
    ("add_docstr(torch.cat, f'For {more} and {more}: ' SAID)", "torch.cat", "function", f"For  and : {SAID}"),
    ("add_docstr_all('abs', SAID)", "torch.Tensor.abs", "method", SAID),
    # numpy's way
    ("add_newdoc('numpy._core.umath', 'add', SAID)", "numpy.add", "function", SAID),
    ("add_newdoc('numpy.linalg._linalg', 'solve', SAID)", "numpy.linalg.solve", "function", SAID),
    ("add_newdoc('numpy._core.multiarray', 'ndarray', ('sum', SAID))", "numpy.ndarray.sum", "method", SAID),
]


@pytest.mark.parametrize("call, name, kind, body", ADDED, ids=[call for call, *_ in ADDED])
def test_what_numpy_and_torch_say_in_a_call_is_found(package, call, name, kind, body):
    (package / "docs.py").write_text(call.replace("SAID", repr(SAID)))
    found = corpora.load_docstrings(["toypack"], kinds=corpora.EVERY_KIND).set_index("name")
    assert found.loc[name, ["kind", "body"]].tolist() == [kind, body]


@pytest.mark.parametrize(
    "call",
    [
        "add_docstr(torch.cat, more)",
        "add_docstr(torch.cat, more.format(SAID))",
        "add_docstr(torch.cat, SAID.join(more))",
        "add_docstr(torch.cat, SAID % more)",
        "add_docstr(torch._C.cat, SAID)",
        "add_docstr_all(more, SAID)",
        "add_docstr_all('abs', more)",
        "add_newdoc('numpy', SAID)",
        "add_newdoc(more, 'add', SAID)",
        "add_newdoc('add', 'numpy', SAID)",
        "add_newdoc('scipy.special', 'erf', SAID)",
        "add_newdoc('numpy', 'ndarray', ('sum', more))",
        "add_newdoc('numpy', 'ndarray', (more, SAID))",
        "warn('numpy', SAID)",
        "warn('numpy', 'add', SAID)",
        "warn[0]('numpy', 'add', SAID)",
    ],
)
def test_a_call_that_adds_no_text_to_a_public_name_is_passed_over(package, call):
    (package / "docs.py").write_text(call.replace("SAID", repr(SAID)))
    names = set(corpora.load_docstrings(["toypack"], kinds=corpora.EVERY_KIND).name)
    assert names == {"toypack", "toypack.shout", "toypack.Box", "toypack.Box.open"}
