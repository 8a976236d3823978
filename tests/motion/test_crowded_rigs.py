"""Rigs of 5,000 bones: the panel asks their shape, too, so that it must not take long."""

import math

import numpy as np
import pytest
from kinetone.core.motion.rig_shape import RestPose, joints_by_shape
from kinetone.core.motion.rigs import find_bones
from kinetone.core.motion.skeleton import JOINT_NAMES, PARENTS, REST_JOINTS


class Crowd:
    """Bones by name: parent or None, head, tail."""

    def __init__(self):
        self.rows = {}

    def add(self, name, parent, head, tail):
        self.rows[name] = parent, np.array(head, dtype=float), np.array(tail, dtype=float)

    def chain(self, prefix, parent, first, count, step):
        """Bones one behind the other."""
        for n in range(count):
            head = np.array(first) + n * np.array(step)
            self.add(f"{prefix}{n}", f"{prefix}{n - 1}" if n else parent, head, head + step)

    def body(self):
        """SMPL's joints, by numbers."""
        for index, parent in enumerate(PARENTS):
            above = f"b{parent}" if parent >= 0 else None
            self.add(f"b{index}", above, REST_JOINTS[index], REST_JOINTS[index] + (0, 0, 0.1))

    @property
    def parents(self):
        return {name: parent for name, (parent, _, _) in self.rows.items()}

    @property
    def rest(self):
        return RestPose(*(np.array([row[end] for row in self.rows.values()]) for end in (1, 2)))


def rope():
    crowd = Crowd()
    crowd.chain("r", None, (0, 0, 2.0), 5000, (0.0001, 0, -0.0004))
    return crowd


def millipede():
    crowd = Crowd()
    crowd.add("trunk", None, (0, 0, 1), (0, 0, 1.1))
    for leg in range(1666):
        crowd.chain(f"l{leg}_", "trunk", (leg * 0.01, 0, 0.9), 3, (0, 0, -0.4))
    return crowd


def broom():
    crowd = Crowd()
    crowd.chain("handle", None, (0, 0, 2.0), 40, (0.001, 0, -0.04))
    for n in range(4960):
        crowd.add(f"bristle{n}", "handle39", (0.04, 0, 0.4), (0.001 * n, 0.2, 0.0))
    return crowd


def octopus():
    crowd = Crowd()
    crowd.add("trunk", None, (0, 0, 1), (0, 0, 1.1))
    for arm in range(20):
        turn = arm * math.tau / 20
        outwards = (0.004 * math.cos(turn), 0.004 * math.sin(turn), -0.004)
        crowd.chain(f"a{arm}_", "trunk", (0, 0, 1), 250, outwards)
    return crowd


@pytest.mark.parametrize("crowd", [rope, millipede, broom, octopus])
def test_what_is_no_body_is_told_soon(crowd):
    """Of three bones out of a chain of 5,000, there are 20 thousand million."""
    built = crowd()
    found = find_bones(list(built.rows), built.parents, rest=built.rest)
    assert found.missing


def test_long_hair_hides_no_body():
    crowd = Crowd()
    crowd.body()
    crowd.chain("strand", f"b{JOINT_NAMES.index('head')}", (0, 0.1, 1.6), 4976, (0, 0.0001, 0.0002))
    found = joints_by_shape(list(crowd.rows), crowd.parents, crowd.rest)
    for joint in ("left_hip", "right_knee", "left_ankle", "right_shoulder", "left_elbow"):
        assert found[joint] == f"b{JOINT_NAMES.index(joint)}"
