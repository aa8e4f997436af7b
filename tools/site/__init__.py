"""The site: notebooks, glossary, cards and the package's reference as pages that need no network. `make site`.

stage: the pages' sources, brought together in one folder · folds: hints and solutions beneath each exercise ·
terms: where a page first uses a term of the glossary · graph: the map of the course, drawn ·
extension: what Sphinx does with them · figures: what each page weighs and when it is seen. `python -m tools.site` builds
build/site.
"""
