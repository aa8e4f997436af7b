"""Docstrings out of the source of installed packages: found and named as users write them, nothing imported."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

SHORTEST = 40  # characters: shorter docstrings say too little to be searched for
_SKIPPED = re.compile(
    r"(^|[./])(tests?|testing|test_\w+|\w+_test|conftest|lib2to3|idlelib|site-packages|_vendor|externals|modular_\w+)([./]|$)"
)
_RULER = re.compile(r"^\s*([=\-~^*#`])\1{2,}\s*$")
_SIGNATURE = re.compile(r"^[\w.]+\([^\n]*\)(\s*->.*)?$")


@dataclass
class _Module:
    """What one source file defines, documents and imports; the syntax tree itself is not kept, it takes gigabytes."""

    name: str
    is_package: bool
    body: str | None = None
    defined: dict[str, list[tuple[str, str, str]]] = field(
        default_factory=dict
    )  # name -> (member or "", kind, docstring)
    added: list[tuple[str, str, str]] = field(default_factory=list)  # (full name, kind, docstring)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name -> (module, name there)
    starred: list[str] = field(default_factory=list)
    public: list[str] | None = None  # a literal __all__


def rows(package: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, package, kind, summary and body of each docstring that says enough to be searched for."""
    modules = {module.name: module for module in _modules(package)}
    names = _public_names(modules)
    for module in modules.values():
        for name, kind, body in _documented(module, names):
            body = body.strip().encode("utf-8", "replace").decode()  # a lone surrogate can be neither printed nor read
            if len(body) >= SHORTEST and (summary := _summary(body)):
                yield name, package, kind, summary, body


def _modules(package: str) -> Iterator[_Module]:
    for name, path in _files(package):
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # a template or a test of the parser itself
        module = _Module(name, path.name == "__init__.py", ast.get_docstring(tree))
        _survey(module, tree)
        yield module


def _files(package: str) -> Iterator[tuple[str, Path]]:
    """Every source file of a package with its module's name."""
    if package == "python":
        root, base = Path(sysconfig.get_path("stdlib")), None
    else:
        base = _import_name(package)
        spec = find_spec(base)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(f"no package folder named {base}")
        root = Path(next(iter(spec.submodule_search_locations)))
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).with_suffix("")
        if _SKIPPED.search(relative.as_posix()):
            continue
        parts = [part for part in relative.parts if part != "__init__"]
        name = ".".join([base, *parts] if base else parts)
        if name and all(part.isidentifier() for part in name.split(".")):
            yield name, path


def _import_name(package: str) -> str:
    """What `import` calls a package that pip knows by another name, as sklearn for scikit-learn."""
    plain, asked = package.replace("-", "_"), _on_pip(package)
    offered = [name for name, owners in packages_distributions().items() if asked in map(_on_pip, owners)]
    # A private module beside the package, as PyYAML's _yaml, is not meant.
    return plain if plain in offered or not offered else min(offered, key=lambda name: name.startswith("_"))


def _on_pip(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _survey(module: _Module, tree: ast.Module) -> None:
    """Note definitions, imports and __all__ at the top level, also inside if and try."""
    waiting = deque(tree.body)
    while waiting:
        node = waiting.popleft()  # in order, so that of several definitions (overloads) the last one stays
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            module.defined[node.name] = list(_docstrings_of(node))
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            for alias in node.names:
                if alias.name == "*":
                    module.starred.append(source)
                else:
                    module.imported[alias.asname or alias.name] = (source, alias.name)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets) and isinstance(
                node.value, (ast.List, ast.Tuple)
            ):
                names = [e.value for e in node.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
                module.public = (module.public or []) + names
            elif (
                isinstance(target := targets[0], ast.Attribute)
                and target.attr == "__doc__"
                and (body := _literal(node.value))
            ):
                module.defined.setdefault(ast.unparse(target.value), []).append(("", "class", body))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) >= 2:
            module.added += _added_by_call(node.value)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            inside = [child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, ast.ExceptHandler))]
            waiting.extendleft(reversed(inside))
        elif isinstance(node, ast.ExceptHandler):
            waiting.extendleft(reversed(node.body))


def _absolute(module: _Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _public_names(modules: dict[str, _Module]) -> dict[tuple[str, str], str]:
    """For each definition (module, name) the shortest name under which its own package offers it."""
    known: dict[str, dict[str, tuple[str, str]]] = {}

    def offered(name: str) -> dict[str, tuple[str, str]]:
        """The names that a module has, each with the module and name of its definition."""
        if name in known:
            return known[name]
        if name not in modules:
            return {}
        module, found = modules[name], {}
        known[name] = found  # while it is being filled, so that modules which import each other come to an end
        for source in module.starred:
            theirs = offered(source)
            found.update({n: at for n, at in theirs.items() if _starred(n, modules[source])})
        for local, (source, original) in module.imported.items():
            if at := offered(source).get(original):
                found[local] = at
        found.update({n: (name, n) for n in module.defined})
        return found

    names: dict[tuple[str, str], str] = {}
    # Packages first: where no package offers a name that is defined in a private module, a public module may.
    for packages in (True, False):
        best: dict[tuple[str, str], str] = {}
        for name, module in modules.items():
            if module.is_package is not packages or _private(name):
                continue
            for local, at in offered(name).items():
                ours = at[0].partition(".")[0] == name.partition(".")[0] and not local.startswith("_")
                if ours and (packages or _private(at[0])):
                    candidate = f"{name}.{local}"
                    if at not in best or candidate.count(".") < best[at].count("."):
                        best[at] = candidate
        names = {**best, **names}
    return names


def _starred(name: str, module: _Module) -> bool:
    """Whether `from module import *` brings a name: it is in __all__, or, without one, it is not private.

    What the module itself got by a star counts as in __all__, which numpy and others extend at run time.
    """
    own = name in module.defined or name in module.imported
    return name in module.public if module.public and own else not name.startswith("_")


def _private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))


def _docstrings_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """The docstring of a function or class, and those of a class's public methods."""
    is_class = isinstance(node, ast.ClassDef)
    if body := ast.get_docstring(node):
        yield "", "class" if is_class else "function", body
    for child in node.body if is_class else ():
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and not child.name.startswith("_"):
            if body := ast.get_docstring(child):
                yield child.name, "method", body


def _documented(module: _Module, names: dict[tuple[str, str], str]) -> Iterator[tuple[str, str, str]]:
    """Full name, kind and docstring of everything public in a module."""
    if module.body and not _private(module.name):
        yield module.name, "module", module.body
    for local, documented in module.defined.items():
        if not local.startswith("_"):
            name = names.get((module.name, local)) or ("" if _private(module.name) else f"{module.name}.{local}")
            if not name:
                continue  # private, and nothing public offers it
            for member, kind, body in documented:
                yield f"{name}.{member}" if member else name, kind, body
    yield from (found for found in module.added if not _private(found[0]))


def _without_private(name: str) -> str:
    return ".".join(part for part in name.split(".") if not part.startswith("_"))


def _added_by_call(call: ast.Call) -> Iterator[tuple[str, str, str]]:
    """numpy's add_newdoc(place, name, text or (member, text)), torch's add_docstr(object, text)."""
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if called == "add_docstr" and (body := _literal(call.args[1])):
        yield ast.unparse(call.args[0]), "function", body
    elif called == "add_docstr_all" and (name := _literal(call.args[0])) and (body := _literal(call.args[1])):
        yield f"torch.Tensor.{name}", "method", body
    elif called == "add_newdoc" and len(call.args) == 3 and (_literal(call.args[0]) or "").startswith("numpy"):
        name, text = f"{_numpy_home(_literal(call.args[0]))}.{_literal(call.args[1])}", call.args[2]
        if isinstance(text, ast.Tuple) and (member := _literal(text.elts[0])) and (body := _literal(text.elts[1])):
            yield f"{name}.{member}", "method", body
        elif body := _literal(text):
            yield name, "function", body


def _numpy_home(place: str) -> str:
    return "numpy" if place.startswith("numpy._core") else _without_private(place)


def _literal(node: ast.AST) -> str | None:
    """A string constant, also an f-string, one passed through .format(...), or a sum of such."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _literal(node.func.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return (left or "") + (right or "") or None
    return None


def _summary(body: str) -> str:
    """The first sentence, in one line; a signature at the top is passed over."""
    lines = [line for line in body.splitlines() if not _RULER.match(line)]
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip())]
    if len(paragraphs) > 1 and _SIGNATURE.match(paragraphs[0]):
        paragraphs = paragraphs[1:]
    sentence = re.match(r".+?[.!?](?= [A-Z`]|$)|.+", paragraphs[0])
    return sentence.group()[:300] if sentence else ""


def version_of(package: str) -> str:
    """The installed version of a package; Python's own for "python"."""
    return "{}.{}.{}".format(*sys.version_info) if package == "python" else version(package)
