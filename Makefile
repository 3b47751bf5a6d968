# Two commands do all the set-up: `make report` and `make test`. Both are quick when called again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MLFLOW := .venv-mlflow

.PHONY: report test sample-checkpoint picture lock lock-mlflow clean
.DEFAULT_GOAL := report

report: $(VENV)/.installed
	@$(BIN)/python -m reportgen --split test

test: $(VENV)/.installed-test $(MLFLOW)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest
	REPORTGEN_REQUIRE_MLFLOW=1 $(MLFLOW)/bin/python -m pytest tests/tracking/test_mlflow.py

# Deterministic on one machine: one thread, one seed. Its inputs are the sample's train and valid
# splits and vectors.txt.gz; the test split is never read. Of seeds 1 to 5 it is the one that
# sample_data/README.md gives the reason for.
sample-checkpoint: $(VENV)/.installed
	rm -rf sample_data/checkpoint
	OMP_NUM_THREADS=1 $(BIN)/python -m reportgen train --data sample_data/reviews \
	  --vectors sample_data/vectors.txt.gz --vectors-vocab 9000 \
	  --out sample_data/checkpoint --seed 3 \
	  --embedding-dim 56 --hidden-size 64 --learning-rate 0.003 --word-dropout 0.1 \
	  --min-count 1 --batch-size 32 --epochs 14 --patience 14

# The picture in the README; needs Chromium.
picture: $(VENV)/.installed-test
	rm -rf build/picture
	$(BIN)/python -m reportgen --quiet --out build/picture
	$(BIN)/python .ci/picture build/picture/reviews/latest/index.html reports/example.png

# Writes the versions that are installed now; run it in an environment with the newest ones.
lock: $(VENV)/.installed-test
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > requirements.lock

lock-mlflow: $(MLFLOW)/.installed
	$(MLFLOW)/bin/python -m pip freeze --exclude pip --exclude setuptools \
	  --path $(wildcard $(MLFLOW)/lib/python3*/site-packages) > requirements-mlflow.lock

$(VENV)/.installed: pyproject.toml requirements.lock .ci/system-libraries
	@sh .ci/system-libraries $(PYTHON) report
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@sh .ci/system-libraries $(PYTHON) test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[test]'
	@touch $@

# MLflow wants other versions than requirements.lock has, of pyarrow above all. It lies in an
# environment of its own, before the packages of $(VENV), so that only what differs is there twice.
$(MLFLOW)/.installed: requirements-mlflow.lock $(VENV)/.installed-test
	@test -x $(MLFLOW)/bin/python || $(BIN)/python -m venv $(MLFLOW)
	@$(BIN)/python -c 'import site; print(f"import site; site.addsitedir({site.getsitepackages()[0]!r})")' \
	  > $$(echo $(MLFLOW)/lib/python3*/site-packages)/project.pth
	$(MLFLOW)/bin/python -m pip install --quiet --disable-pip-version-check \
	  -c requirements-mlflow.lock 'mlflow>=3'
	@touch $@

clean:
	rm -rf $(VENV) $(MLFLOW) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
