"""How to look into the objects of a class without calling anything of the class's own."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from nbtrail.trail.samples import Sampler, sampler

# Immutable, from the standard library: their own repr says all, and is nobody else's code.
_TOLD_BY_REPR = frozenset(
    {
        ("builtins", "range"), ("builtins", "slice"), ("builtins", "ellipsis"),
        ("builtins", "NotImplementedType"), ("datetime", "date"), ("datetime", "datetime"),
        ("datetime", "time"), ("datetime", "timedelta"), ("datetime", "timezone"),
        ("decimal", "Decimal"), ("fractions", "Fraction"), ("uuid", "UUID"),
        ("pathlib", "PosixPath"), ("pathlib", "WindowsPath"), ("pathlib._local", "PosixPath"),
        ("pathlib._local", "WindowsPath"), ("re", "Pattern"),
    }
)  # fmt: skip
# Large, and made to be looked at: nothing reads what is in them.
_NOT_LOOKED_INTO = frozenset({"matplotlib"})
BUILT_IN: dict[type, Any] = {
    **dict.fromkeys((list, tuple, dict, set, frozenset, deque)),
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytearray: bytes,
}
_mro = type.__dict__["__mro__"].__get__
namespace_of = type.__dict__["__dict__"].__get__


@dataclass(frozen=True)
class Plan:
    """How to look into the objects of a class, past whatever the class itself does.

    `is_iterator`: whoever reads one advances it. `base` is the built-in class that it is derived
    from, `attributes` what gives an object's ``__dict__``. `whole`: there is nothing else in an
    object.
    """

    title: str
    made_here: bool
    told_by_repr: bool
    is_iterator: bool
    sample: Sampler | None
    base: type | None
    slots: tuple[MemberDescriptorType, ...]
    attributes: Any
    whole: bool


# By id: hashing a class may be code of its metaclass.
_plans: dict[int, Plan] = {}


def plan_of(kind: type) -> Plan:
    """Return the plan of a class, made once."""
    identity = id(kind)
    known = _plans.get(identity)
    if known is None:
        known = _plans[identity] = _plan(kind)
        weakref.finalize(kind, _plans.pop, identity, None).atexit = False
    return known


def _plan(kind: type) -> Plan:
    module = type.__getattribute__(kind, "__module__")
    module = module if isinstance(module, str) else ""
    name = type.__getattribute__(kind, "__name__")
    ancestors = _mro(kind)
    slots = tuple(slot for one in ancestors for slot in _slots(one))
    base = next((one for one in ancestors if one in BUILT_IN), None)
    package = module.partition(".")[0]
    attributes = None if package in _NOT_LOOKED_INTO else _dict_descriptor(ancestors)
    # What a class of C keeps beside its attributes makes its objects larger.
    own = kind.__basicsize__ - object.__basicsize__ <= 8 * (2 + len(slots))
    return Plan(
        title=f"{module} {name}",
        made_here=module == "__main__",
        told_by_repr=(module, name) in _TOLD_BY_REPR,
        is_iterator=any("__next__" in namespace_of(one) for one in ancestors),
        sample=sampler(package, name),
        base=base,
        slots=slots,
        attributes=attributes,
        whole=base is not None or (own and (attributes is not None or bool(slots))),
    )


def _dict_descriptor(ancestors: Iterable[type]) -> Any:
    for one in ancestors:
        descriptor = namespace_of(one).get("__dict__")
        if type(descriptor) in {GetSetDescriptorType, MemberDescriptorType}:
            return descriptor
    return None


def _slots(kind: type) -> list[MemberDescriptorType]:
    namespace = namespace_of(kind)
    if "__slots__" not in namespace:
        return []
    return [item for item in namespace.values() if type(item) is MemberDescriptorType]
