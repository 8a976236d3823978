"""Takes bone names apart: namespaces and prefixes off, the body's side told from the part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class BoneName(NamedTuple):
    """What a bone's name says: a side of the body, and a part in small letters without separators."""

    side: str
    part: str


_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""Words of a name: runs of capitals (``DEF``), words (``Fore``, ``arm``) and numbers."""

_RIGIFY_LAYERS = {"def", "org", "mch"}
"""First words that tell Rigify's layers of bones apart, and so must stay."""

_PREFIX_SHARE = 2 / 3
"""A first word that this share of all bones has in common names the character, not the bone."""


def bone_name_keys(bone_names: Sequence[str]) -> dict[BoneName, str]:
    """The bones by what their names say; of bones that say the same, the first.

    ``mixamorig:LeftUpLeg``, ``f_avg_L_Hip``, ``DEF-thigh.L.001`` and ``rShldr`` become
    (left, upleg), (left, hip), (left, defthigh1) and (right, shldr).
    """
    words = [_words(name) for name in bone_names]
    while prefix := _common_prefix(words):
        words = [rest[1:] if rest[:1] == [prefix] else rest for rest in words]
    keys: dict[BoneName, str] = {}
    for name, rest in zip(bone_names, words, strict=True):
        keys.setdefault(_key(rest), name)
    return keys


def _words(name: str) -> list[str]:
    found: list[str] = _WORD.findall(re.split(r"[:|]", name)[-1])
    return [str(int(word)) if word.isdigit() else word.lower() for word in found]


def _common_prefix(words: Sequence[Sequence[str]]) -> str | None:
    firsts = Counter(rest[0] for rest in words if len(rest) > 1)
    if not firsts:
        return None
    word, count = firsts.most_common(1)[0]
    common = count >= _PREFIX_SHARE * len(words) and count > 1
    return word if common and word not in _SIDES and word not in _RIGIFY_LAYERS else None


def _key(words: Sequence[str]) -> BoneName:
    for index, word in enumerate(words):
        if word in _SIDES and len(words) > 1:
            return BoneName(_SIDES[word], "".join([*words[:index], *words[index + 1 :]]))
    part = "".join(words)
    for side in ("left", "right"):
        if part.startswith(side) and part != side:
            return BoneName(_SIDES[side], part.removeprefix(side))
    return BoneName("", part)
