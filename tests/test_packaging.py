import os
import site
import subprocess
import sys
import venv
import zipfile

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    words = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT))
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("reportgen-*.whl"))


def test_the_wheel_holds_templates_and_sample(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for name in ("templates/report.html.j2", "templates/fonts/OFL.txt", "py.typed",
                 "sample_data/vectors.txt.gz", "sample_data/reviews/test.csv",
                 "sample_data/checkpoint/model.safetensors"):  # fmt: skip
        assert f"reportgen/{name}" in names, name
    assert not [name for name in names if name.startswith("tests/")]


def test_the_wheel_runs_the_main_job_in_an_empty_folder(wheel, tmp_path):
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    packages = next((home / "lib").glob("python3*")) / "site-packages"
    python = str(home / "bin" / "python")
    install = ("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", str(wheel))
    subprocess.run([sys.executable, *install], check=True)
    # It sees the packages of this environment behind its own, so not this checkout.
    outside = [p for p in site.getsitepackages() if p.endswith("site-packages")]
    (packages / "locked.pth").write_text(f"import sys; sys.path += {outside!r}\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    code = "import reportgen; print(reportgen.__file__)"
    where = subprocess.run(
        [python, "-c", code], cwd=empty, env=environment, capture_output=True, text=True
    )
    assert where.stdout.startswith(str(packages)), where.stderr
    words = ("-m", "reportgen", "--split", "test", "--limit", "5")
    done = subprocess.run(
        [python, *words], cwd=empty, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("reports/reviews/") == 2
    assert next(empty.glob("reports/reviews/*Z-*/report.pdf")).stat().st_size > 10_000


def test_the_lock_names_exact_versions_of_everything():
    lock = (ROOT / "requirements.lock").read_text().split()
    assert all(line.count("==") == 1 for line in lock)
    assert "torch==2.13.0" in lock
    assert "torchtext==0.6.0" in lock
    names = {line.partition("==")[0].lower() for line in lock}
    assert {"weasyprint", "seaborn", "pytest", "mypy", "playwright"} <= names


def test_the_environment_of_mlflow_has_exact_versions_too():
    lock = (ROOT / "requirements-mlflow.lock").read_text().split()
    assert all(line.count("==") == 1 for line in lock)
    names = {line.partition("==")[0].lower() for line in lock}
    assert {"mlflow", "sqlalchemy", "pyarrow"} <= names
    assert not {"reportgen", "torch", "pytest"} & names  # these are not there twice
