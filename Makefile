# bxe: run `make` to see what there is.
PYTHON ?= python3
BIN := .venv/bin
# One thread a process while several run side by side: more only get in each other's way.
ALONGSIDE := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
NBVAL := -p tools.nbval_tolerance --nbval --nbval-current-env --nbval-cell-timeout 600
# Set-up leaves compiling to the first import. Where this variable is set, as in many containers, nothing that was compiled
# would be kept, and each process would compile all of it again: 20 s of 35.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help course lab test test-lab notebooks site test-site slides handouts bundle constraints bench mutants weights-reranker weights-image-bridge clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Made when it is missing, older than what it is made from, or brought here from another folder, whose code it would run.
ifneq ($(shell cat .venv/.ready 2>/dev/null),$(CURDIR))
.PHONY: .venv/.ready
endif
.venv/.ready: pyproject.toml constraints.txt tools/setup_env.py
	@command -v $(PYTHON) >/dev/null || { echo "setup: there is no $(PYTHON); install Python 3.10 or newer"; exit 1; }
	@$(PYTHON) tools/setup_env.py

course: .venv/.ready ## set up, then run every notebook and write a page each to build/course; `ONLY=02` for one
	@$(BIN)/bxe course run $(ONLY)

lab: .venv/.ready ## copy the notebooks to ~/bxe-course and open JupyterLab there
	@$(BIN)/bxe start

test: .venv/.ready ## the whole test suite: package, guards, and every notebook re-executed and compared
	$(BIN)/python -m ruff check .
	$(BIN)/python -m tools.nbval_files
	$(ALONGSIDE) $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(NBVAL) build/nbval bxe tests

test-lab: .venv/.site ## JupyterLab in a browser, as a learner uses it (needs Chromium)
	$(BIN)/python -m pytest tests/browser_lab.py

notebooks: .venv/.ready ## rebuild the notebooks from notebooks/src (for authors); `make notebooks ONLY=02` for one
	@$(BIN)/bxe course build $(ONLY)

slides: .venv/.ready ## slides of each notebook, with speaker's notes, in build/slides (for teachers; npm once)
	@$(BIN)/python -m tools.slides

handouts: .venv/.ready ## each notebook as a PDF, to print, in build/handouts (needs Chromium)
	@$(BIN)/python -m tools.handouts $(ONLY)

# What only the pages need: learners never wait for it.
.venv/.site: .venv/.ready
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --constraint constraints.txt --editable ".[dev,scale,site]"
	@touch $@

site: .venv/.site ## the course as pages with a search, in build/site; they open from the folder, offline
	@$(BIN)/python -m tools.site

test-site: site ## open every page of it in a browser (Debian: apt install chromium; minutes)
	@$(BIN)/python -m tools.site.figures
	BXE_SITE=build/site $(BIN)/python -m pytest tests/test_site_browser.py

constraints: ## refresh constraints.txt: the newest versions that fit pyproject.toml
	rm -rf build/fresh && $(PYTHON) -m venv build/fresh && build/fresh/bin/python -m pip install -q --upgrade pip
	build/fresh/bin/pip install -q $$(grep -o 'torch==[0-9.]*' pyproject.toml)
	build/fresh/bin/pip install -q --editable ".[dev,scale,site]"
	build/fresh/bin/python tools/constraints.py > build/constraints.txt && mv build/constraints.txt constraints.txt

bench: .venv/.ready ## speed and rankings against the library's own defaults, as ratios
	$(BIN)/python benchmarks/precision.py
	$(BIN)/python benchmarks/service.py

mutants: .venv/.ready ## which small changes of the package's code does no fast test see (hours)
	$(BIN)/python -m pip install -q --constraint constraints.txt --editable ".[dev,scale,mutants]"
	OMP_NUM_THREADS=1 $(BIN)/mutmut run
	$(BIN)/mutmut results

weights-reranker: .venv/.ready ## train bxe-reranker-minilm again (needs the data of training/README.md; hours)
	$(BIN)/python -m training.reranker.train $(if $(DATA),--data $(DATA))
	$(BIN)/python -m training.reranker.pools $(if $(DATA),--data $(DATA)) --out build/reranker/pools
	$(BIN)/python -m training.reranker.howto --out build/reranker/pools
	$(BIN)/python -m training.reranker.graded $(if $(DATA),--data $(DATA)) --pools build/reranker/pools
	$(BIN)/python -m training.evaluate training/reranker/recipe.yaml $(if $(DATA),--data $(DATA)) --questions 40 \
		--out bxe/weights/bxe-reranker-minilm/measured.csv

weights-image-bridge: .venv/.ready ## fit bxe-image-bridge again (needs the class names of training/README.md; minutes)
	$(BIN)/python -m training.image_bridge.train $(if $(DATA),--data $(DATA))

bundle: site slides ## one archive for a room without Wi-Fi: packages for this platform, repository, site, slides
	$(BIN)/python -m tools.bundle.make

clean: ## delete what was built (not .venv, not your notebooks)
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
