# Two commands matter: `make demo` and `make test`. Both make their own environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	$$p -c 'import sys; print(sys.executable)' && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-slow check lab bench accuracy fuzz torture sbom licences audit-dependencies package sample lock clean

demo: $(READY)  ## sample files → histories → findings → two reports
	$(BIN)/sellerkit demo --out data/demo --reports reports

test: $(READY)  ## every test but the slowest, the fast ones first
	$(BIN)/python -m pytest tests/unit -q -n 2
	$(BIN)/python -m pytest tests --ignore=tests/unit -q -n 2 --dist loadfile -m "not slow"

test-slow: $(READY)  ## the slowest tests: one more of a kind, or long
	$(BIN)/python -m pytest tests --ignore=tests/unit -q -n 2 -m slow

check: $(READY)  ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# what is saved is saved without outputs: they hold what buyers wrote, and git would keep it
lab: $(READY)  ## JupyterLab on the notebooks, with the sample at hand
	test -d data/demo/lake || $(BIN)/sellerkit demo --out data/demo --reports reports
	cd notebooks && ../$(BIN)/jupyter lab --ContentsManager.pre_save_hook=sellerkit.report.stripped.strip

bench: $(READY)  ## ours against DuckDB, Polars and the standard library, as ratios
	$(BIN)/python -m benchmarks

accuracy: $(READY)  ## how often languages, topics, broken rules and contents are told right; writes docs/topics.md, lint.md, content.md
	$(BIN)/python -m benchmarks.topics
	$(BIN)/python -m benchmarks.lint
	$(BIN)/python -m benchmarks.content

SECONDS ?= 600
fuzz: $(READY)  ## feed every reader hostile files for SECONDS; what fails is kept in data/fuzz
	$(BIN)/python tests/fuzz.py --seconds $(SECONDS)

MINUTES ?= 30
torture: $(READY)  ## break it on purpose for MINUTES; writes the table of docs/reliability.md
	PYTHONPATH=tests $(BIN)/python -m torture --minutes $(MINUTES) --write

sbom: $(READY)  ## data/sellerkit.cdx.json: all that sellerkit needs, with hashes and licences, as CycloneDX
	mkdir -p data && $(BIN)/python -m supply sbom data/sellerkit.cdx.json

licences: $(READY)  ## docs/licences.md anew, after the lock has changed; fails on one that is not allowed
	$(BIN)/python -m supply licences

audit-dependencies: $(READY)  ## are there known holes in what the lock names? Asks PyPI's advisory database
	$(BIN)/uvx pip-audit --disable-pip --require-hashes --strict -r requirements.lock

package: $(READY)  ## wheel and sdist, and whether the wheel alone runs in a clean environment, without extras
	rm -rf data/dist data/clean && $(BIN)/uv build --quiet --out-dir data/dist
	$(BIN)/uv venv --quiet --python $(BIN)/python data/clean
	$(BIN)/uv pip install --quiet --python data/clean/bin/python -c requirements.lock data/dist/*.whl
	cd data && clean/bin/sellerkit --version && clean/bin/sellerkit demo --out clean/demo

sample: $(READY)  ## write data/sample anew
	$(BIN)/python -c "from pathlib import Path; from sellerkit.sample import write_sample; write_sample(Path('data/sample'), orders=40)"

lock:  ## resolve requirements.lock anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --all-extras --group dev pyproject.toml -o requirements.lock

# uv is many times faster than pip; where it cannot be had, pip does it
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "sellerkit needs Python 3.11 or newer on the PATH"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true
	if test -x $(BIN)/uv; then \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .; \
	else \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --no-deps -e .; \
	fi
	@touch $(READY)

clean:
	rm -rf .venv data/demo
