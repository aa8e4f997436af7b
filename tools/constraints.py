"""Print the versions installed beside this Python as a constraints file. Run by `make constraints`.

A version that does not support Python 3.10 is pinned for newer ones only, so that 3.10 takes the newest that does.
"""

from importlib.metadata import distributions

from packaging.specifiers import SpecifierSet

HEADER = """\
# Every version that CI runs, transitive ones too. Made by `make constraints`; do not edit."""


def lines() -> list[str]:
    """One line a distribution, sorted by name; a local build tag (+cpu) is left out."""
    found = {}
    for distribution in distributions():
        name = distribution.metadata["Name"].lower().replace("_", "-").replace(".", "-")
        if name == "bxe":
            continue
        needs = SpecifierSet(distribution.metadata.get("Requires-Python") or "")
        marker = "" if needs.contains("3.10") else ' ; python_version >= "3.11"'
        found[name] = f"{name}=={distribution.version.partition('+')[0]}{marker}"
    return [found[name] for name in sorted(found)]


if __name__ == "__main__":
    print(HEADER)
    print("\n".join(lines()))
