"""Engines to talk to: the real one, and the real worker with toy methods, which starts without torch."""

import numpy as np
import pytest
from engines import CHECKOUT, PYTHON, TOYS, VANDALISED, make_package
from kinetone.core.engine.client import EngineClient


@pytest.fixture(scope="session")
def toy_root(tmp_path_factory):
    """Where the toy methods can be run from."""
    return make_package(tmp_path_factory.mktemp("toys"), TOYS)


@pytest.fixture
def toys(toy_root):
    """A client whose worker has the toy methods."""
    with EngineClient(PYTHON, toy_root, cancel_timeout_s=0.5) as client:
        yield client


@pytest.fixture
def fake_engine(tmp_path):
    """A client whose worker is the given program."""
    clients = []

    def make(program, **options):
        clients.append(EngineClient(PYTHON, make_package(tmp_path / str(len(clients)), program), **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def engine():
    """The real engine, loaded once for all tests."""
    with EngineClient(PYTHON, CHECKOUT, {"OMP_NUM_THREADS": "1"}) as client:
        yield client


@pytest.fixture(scope="session")
def early_plan(tmp_path_factory):
    """The file in which the vandalised engine finds what to do to itself before the first request."""
    return tmp_path_factory.mktemp("vandal") / "plan.json"


@pytest.fixture(scope="session")
def vandalised(tmp_path_factory, early_plan):
    """The real engine, but for what it is told to do to itself."""
    root = make_package(tmp_path_factory.mktemp("vandalised"), VANDALISED)
    real = CHECKOUT / "core" / "engine" / "__main__.py"
    environment = {"OMP_NUM_THREADS": "1", "REAL_MAIN": str(real), "EARLY_PLAN": str(early_plan)}
    with EngineClient(PYTHON, root, environment) as client:
        yield client


@pytest.fixture
def job(tmp_path, tiny_checkpoint):
    """Parameters for a dance: ``job(joints, takes=…, **others)``."""

    def make(joints, takes=1, **others):
        np.save(tmp_path / "joints.npy", joints)
        return {
            "joints": str(tmp_path / "joints.npy"),
            "output": [str(tmp_path / f"take{take}.wav") for take in range(takes)],
            "checkpoint": str(tiny_checkpoint),
            "replace": True,
            **others,
        }

    return make
