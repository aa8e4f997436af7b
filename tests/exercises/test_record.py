"""What was solved is kept whole, whoever else writes at that moment."""

from concurrent.futures import ThreadPoolExecutor

from bxe.exercises.record import remember, solved


def test_progress_survives_two_notebooks_at_once_and_leaves_nothing_half_written(own_progress):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(remember, [f"00.{n % 4}" for n in range(200)]))
    assert sorted(path.name for path in own_progress.iterdir()) == ["00.0", "00.1", "00.2", "00.3"]
    assert solved() == {"00.0", "00.1", "00.2", "00.3"}


def test_running_the_solutions_solves_nothing_for_the_learner(monkeypatch, tmp_path):
    monkeypatch.delenv("BXE_PROGRESS")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda _: str(tmp_path / "data"))
    (tmp_path / "course" / "solutions").mkdir(parents=True)
    (tmp_path / "course" / "00_start_here.ipynb").write_text("")
    monkeypatch.chdir(tmp_path / "course" / "solutions")
    remember("00.2")
    assert solved() == {"00.2"}
    monkeypatch.chdir(tmp_path / "course")
    assert solved() == set()
    remember("00.3")
    kept = {path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("00.*")}
    assert kept == {"progress/00.3", "progress of the solutions/00.2"}
