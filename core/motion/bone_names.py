"""Takes bone names apart: namespaces and prefixes off, the body's side told from the part."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class BoneName(NamedTuple):
    """What a bone's name says: a side of the body, and a part in small letters without separators."""

    side: str
    part: str


_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}

_SIDE_SIGNS = {"左": "left", "右": "right"}
"""Japanese names begin with the side: 左ひざ is the left knee."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
"""Words of a name: runs of capitals (``DEF``), words (``Fore``, ``arm``), numbers, and other scripts."""

_RIGIFY_LAYERS = {"def", "org", "mch"}
"""First words that tell Rigify's layers of bones apart, and so must stay."""

_NUMBERED_JOINTS = {"j", "joint"}
"""First words of SMPL's joints where these have numbers for names."""

_PREFIX_SHARE = 2 / 3
"""A first word that this share of all bones has in common names the character, not the bone."""

_BODY_BONES = 8
"""So many bones with one first word may be the body's, however many others there are (hair, cloth)."""


def body_name_keys(bone_names: Sequence[str]) -> list[dict[BoneName, str]]:
    """Ways to read a rig's names: all bones together, and those of each frequent first word alone.

    In ``J_Bip_L_UpperArm``, ``J_Sec_Hair1``, ``J_Sec_Hair2``… the body is what begins with ``J_Bip``.
    """
    firsts: dict[str, list[str]] = {}
    words = [_words(name) for name in bone_names]
    prefix = _common_prefix(words)
    for name, rest in zip(bone_names, words, strict=True):
        own = rest[1:] if prefix is not None and rest[:1] == [prefix] else rest
        if len(own) > 1 and own[0] not in _SIDES:
            firsts.setdefault(own[0], []).append(name)
    groups = [group for group in firsts.values() if _BODY_BONES <= len(group) < len(bone_names)]
    return [bone_name_keys(bone_names), *map(bone_name_keys, groups)]


def bone_name_keys(bone_names: Sequence[str]) -> dict[BoneName, str]:
    """The bones by what their names say; of bones that say the same, the first.

    ``mixamorig:LeftUpLeg``, ``f_avg_L_Hip``, ``DEF-thigh.L.001``, ``rShldr`` and ``右ひざ`` become
    (left, upleg), (left, hip), (left, defthigh1), (right, shldr) and (right, ひざ).
    """
    words = [_words(name) for name in bone_names]
    while prefix := _common_prefix(words):
        words = [rest[1:] if rest[:1] == [prefix] else rest for rest in words]
    keys: dict[BoneName, str] = {}
    for name, rest in zip(bone_names, words, strict=True):
        keys.setdefault(_key(rest), name)
    return keys


def _words(name: str) -> list[str]:
    # Japanese names often hold numbers and letters of full width, which are others than ours.
    found: list[str] = _WORD.findall(re.split(r"[:|]", unicodedata.normalize("NFKC", name))[-1])
    return [word.lstrip("0") or "0" if word.isdecimal() else word.lower() for word in found]


def _common_prefix(words: Sequence[Sequence[str]]) -> str | None:
    firsts = Counter(rest[0] for rest in words if len(rest) > 1)
    if not firsts:
        return None
    word, count = firsts.most_common(1)[0]
    common = count >= _PREFIX_SHARE * len(words) and count > 1
    if not common or word in _SIDES or word in _RIGIFY_LAYERS:
        return None
    # What is merely numbered (Bone, Bone.001…) has no name without its first word, either.
    numbered = all(len(rest) == 2 and rest[1].isdigit() for rest in words if len(rest) > 1)
    return None if numbered and word not in _NUMBERED_JOINTS else word


def _key(words: Sequence[str]) -> BoneName:
    for index, word in enumerate(words):
        if word in _SIDES and len(words) > 1:
            return BoneName(_SIDES[word], "".join([*words[:index], *words[index + 1 :]]))
    part = "".join(words)
    if part[:1] in _SIDE_SIGNS and len(part) > 1:
        return BoneName(_SIDE_SIGNS[part[0]], part[1:])
    for side in ("left", "right"):
        if part.startswith(side) and part != side:
            return BoneName(_SIDES[side], part.removeprefix(side))
    return BoneName("", part)
