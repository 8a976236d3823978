"""The real engine killed, or out of memory, at every stage: one clear failure, files whole or absent."""

import json
import os
from pathlib import Path

import pytest
from engines import samples, until_end
from kinetone.core.audio import sidecar_path
from kinetone.core.engine.protocol import Failure
from kinetone.core.sidecar import read_sidecar
from kinetone.core.unfinished import remove_unfinished

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="POSIX signals and /proc")


def plan(event, detail, deed):
    return {"event": event, "detail": detail, "deed": deed}


def check_whole_or_absent(folder, n_samples):
    """What a client that tidies up after an engine finds: no half file, whatever was being written."""
    for music in (folder / f"take{take}.wav" for take in range(8)):
        for path in (music, sidecar_path(music)):
            remove_unfinished(path)
        if music.exists():
            assert len(samples(music)) == n_samples
        if sidecar_path(music).exists():
            assert read_sidecar(sidecar_path(music)).n_frames * 400 == n_samples
    assert not list(folder.glob(".*")), "nothing half-written is left"


def check_dies(client, method, params, deed):
    """The request ends with an error that says how the engine died."""
    id = client.submit(method, params | {"sidecar": {"vandal": deed}})
    end = until_end(client, id)
    assert isinstance(end, Failure)
    assert end.error.code == "engine.died"
    assert deed["deed"] in end.error.message
    assert end.error.hint
    assert client.poll() == []


def check_next_job(client, params):
    assert len(client.call("generate", params)["files"]) == 2


KILLS = [
    ("open", "joints.npy", "SIGKILL"),
    ("open", "card.json", "SIGSEGV"),
    ("stage", "Composing", "SIGKILL"),
    ("open", ".take0.json.part", "SIGABRT"),
    ("os.link", "take0.wav", "SIGKILL"),
    ("os.link", "take1.wav", "SIGKILL"),
]


@pytest.mark.parametrize(("event", "detail", "deed"), KILLS)
def test_killed_during_a_job(vandalised, job, sample_dance, tmp_path, event, detail, deed):
    params = job(sample_dance, takes=2, replace=False)
    os.utime(Path(params["checkpoint"]) / "card.json")  # to be loaded anew
    check_dies(vandalised, "generate", params, plan(event, detail, deed))
    check_whole_or_absent(tmp_path, 72_000)
    check_next_job(vandalised, params | {"replace": True})


def test_killed_while_a_part_made_anew_is_rendered(vandalised, job, sample_dance, tmp_path):
    params = job(sample_dance)
    (music,) = vandalised.call("generate", params)["files"]
    before = Path(music["path"]).read_bytes()
    change = {
        "music": music["sidecar"],
        "start_s": 1.0,
        "end_s": 2.0,
        "output": [str(tmp_path / "take1.wav")],
    }
    check_dies(vandalised, "regenerate", params | change, plan("stage", "Rendering the music", "SIGTERM"))
    check_whole_or_absent(tmp_path, 72_000)
    assert Path(music["path"]).read_bytes() == before
    assert not (tmp_path / "take1.wav").exists()
    assert len(vandalised.call("regenerate", params | change)["files"]) == 1


@pytest.mark.parametrize(
    ("event", "detail", "code"),
    [("start", "", "engine.not_started"), ("import", "torch", "engine.died")],
)
def test_killed_while_it_starts(vandalised, early_plan, job, sample_dance, tmp_path, event, detail, code):
    vandalised.close()
    early_plan.write_text(json.dumps(plan(event, detail, "SIGKILL")))
    params = job(sample_dance, takes=2)
    end = until_end(vandalised, vandalised.submit("generate", params))
    assert isinstance(end, Failure)
    assert end.error.code == code
    assert "SIGKILL" in end.error.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["joints.npy"]
    check_next_job(vandalised, params)


@pytest.mark.parametrize("stage", ["Reading the motion", "Loading the model"])
def test_memory_that_runs_out_is_said_and_the_next_job_works(vandalised, job, dance_of, tmp_path, stage):
    check_next_job(vandalised, job(dance_of(10), takes=2))
    for path in tmp_path.glob("take*"):
        path.unlink()
    params = job(dance_of(7200), takes=8, sidecar={"vandal": plan("stage", stage, "memory")})
    end = until_end(vandalised, vandalised.submit("generate", params))
    assert isinstance(end, Failure)
    # Where it cannot get memory, oneDNN may crash rather than say so, as torch and numpy do.
    assert end.error.code in ("engine.out_of_memory", "engine.died")
    check_whole_or_absent(tmp_path, 0)
    assert not list(tmp_path.glob("take*"))
    check_next_job(vandalised, job(dance_of(300), takes=2))
