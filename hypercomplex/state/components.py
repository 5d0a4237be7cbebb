"""State dicts of numbers as plain arrays, for files that know no numbers, and back.

    safetensors.torch.save_file(to_components(state), path, metadata(state))

Whatever is typed becomes its components `(…, n)`, which share its memory; everything else stays.
The algebras go into the file as text, exact, and are compared when numbers are made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from hypercomplex.algebra import Algebra
from hypercomplex.algebra.bilinear import plain
from hypercomplex.algebra.files import rebuild, rebuild_fraction
from hypercomplex.door.calls import is_typed
from hypercomplex.geometric.multivector import multivector_type
from hypercomplex.tensor import tensor_type
from hypercomplex.typed import TypedTensor

__all__ = ["agree", "algebras", "from_components", "metadata", "tell", "to_components"]

_KEY = "hypercomplex"


def to_components(state: Any) -> Any:
    """The same state with the components of every typed tensor in its place.

    Args:
        state: a state dict, dicts, lists and tuples inside one another, or a tensor.

    Returns:
        New dicts, lists and tuples. Their tensors share memory with the given ones, outside of any
        graph, so what is loaded into them arrives there.

    Example:
        >>> state = {"turn": hc.QuaternionTensor.ones(3), "bias": torch.zeros(3)}
        >>> {name: x.shape for name, x in to_components(state).items()}
        {'turn': torch.Size([3, 4]), 'bias': torch.Size([3])}
    """
    if is_typed(state):
        return state.detach().components
    if isinstance(state, Mapping):
        return {name: to_components(x) for name, x in state.items()}
    return type(state)(map(to_components, state)) if type(state) in (list, tuple) else state


def from_components(
    state: Mapping[str, Any], like: Any = None, metadata: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The state with numbers again, which share memory with the given components.

    Args:
        state: what `to_components` gave, or a file holds; one state dict, not several in a dict.
        like: which entries are numbers: a model or its state dict, typed where numbers are; or the
            algebra of each name, as `algebras` reads it from a file. Without it `metadata` tells.
        metadata: that of the file, to be compared with `like`.

    Raises:
        ValueError: if components are not those of numbers of their algebra, or the file was made
            of numbers of another, or `like` holds numbers inside of an entry.
        TypeError: if `like` is of another kind.

    Example:
        >>> state = {"turn": hc.QuaternionTensor.ones(2), "bias": torch.zeros(3)}
        >>> from_components(to_components(state), like=state)["turn"]
        QuaternionTensor([1+0i+0j+0k, 1+0i+0j+0k], shape=(2,), dtype=torch.float32)
        >>> turn = hc.multivector_type(hc.clifford(3), "even").ones(2)  # from the file alone
        >>> from_components({"turn": turn.components}, metadata=metadata({"turn": turn}))["turn"]
        Cl_3_0Even([1+0*e12+0*e13+0*e23, 1+0*e12+0*e13+0*e23], shape=(2,), dtype=torch.float32)
    """
    known = _types_told(metadata) if like is None else _types_of(like)
    _compare(known, metadata)
    return {
        name: _numbers(name, x, known[name]) if name in known else x for name, x in state.items()
    }


def metadata(state: Any) -> dict[str, str]:
    """The algebras of a state as text, for the metadata of a file.

    Args:
        state: a model, or a state dict that is typed where numbers are.

    Example:
        >>> text = metadata({"turn": hc.QuaternionTensor.ones(3), "bias": torch.zeros(3)})
        >>> algebras(text)["turn"] == hc.QUATERNION
        True
    """
    known = _types_of(state)
    each = list(dict.fromkeys(cls.algebra for cls in known.values()))
    told = {
        "algebras": [_written(algebra) for algebra in each],
        "numbers": {name: each.index(cls.algebra) for name, cls in known.items()},
        "places": {name: cls.places for name, cls in known.items() if cls.places is not None},
    }
    return {_KEY: json.dumps(told)}


def algebras(metadata: Mapping[str, str] | None) -> dict[str, Algebra]:
    """The algebra of every entry that holds numbers, read from the metadata of a file.

    Every algebra is checked as one that is made is, and none is larger than files may hold.

    Raises:
        ValueError: if the metadata is not what `metadata` writes.

    Example:
        >>> algebras(metadata({"turn": hc.QuaternionTensor.ones(3)})).keys()
        dict_keys(['turn'])
        >>> algebras({"format": "pt"})
        {}
    """
    return {name: algebra for name, (algebra, _) in _told(metadata).items()}


# ---------------------------------------------------------------------- a text for each name


def tell(numbers: Mapping[str, TypedTensor]) -> dict[str, str]:
    """The metadata of each of these by itself, for tables of names that are merged."""
    return {f"{_KEY}:{name}": metadata({name: x})[_KEY] for name, x in numbers.items()}


def agree(own: Mapping[str, Any], file: Mapping[str, Any]) -> None:
    """Refuse to read numbers of which two such tables say different things."""
    for key, text in own.items():
        if key.startswith(f"{_KEY}:") and file.get(key, text) != text:
            _compare(_types_told({_KEY: text}), {_KEY: file[key]})


# ---------------------------------------------------------------------- helpers


def _types_of(like: Any) -> dict[str, type[TypedTensor]]:
    """The types of whatever holds numbers, by name."""
    state = like.state_dict() if isinstance(like, nn.Module) else like
    if not isinstance(state, Mapping):
        raise TypeError(
            f"`like`, of type {type(like).__name__}, must be a model, a state dict, or the "
            'algebra of each name, such as {"weight": QUATERNION}'
        )
    for name, x in state.items():
        if isinstance(x, (Mapping, list, tuple)) and _holds_numbers(x):
            raise ValueError(
                f"{name!r}, of type {type(x).__name__}, holds numbers further inside, which files "
                "of plain arrays have no names for; pass it by itself, as one state dict"
            )
    types = {name: tensor_type(x) for name, x in state.items() if isinstance(x, Algebra)}
    return types | {name: type(x) for name, x in state.items() if isinstance(x, TypedTensor)}


def _holds_numbers(state: Any) -> bool:
    if isinstance(state, (Mapping, list, tuple)):
        return any(map(_holds_numbers, state.values() if isinstance(state, Mapping) else state))
    return isinstance(state, TypedTensor)


def _numbers(name: str, x: Any, cls: type[TypedTensor]) -> Any:
    if isinstance(x, cls):
        return x
    if not isinstance(x, Tensor) or is_typed(x) or x.shape[-1:] != (cls.width,):
        shape = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise ValueError(
            f"{name!r} (={shape}) must be the {cls.width} components of a {cls.__name__} on the "
            "last axis of a tensor"
        )
    return cls(x)


def _compare(known: Mapping[str, type[TypedTensor]], metadata: Mapping[str, str] | None) -> None:
    for name, (algebra, places) in _told(metadata).items():
        cls = known.get(name)
        if cls is not None and (cls.algebra, cls.places) != (algebra, places):
            of = "other components" if cls.algebra == algebra else f"numbers of {algebra.name}"
            raise ValueError(
                f"{name!r} holds {of} in the file, but is a {cls.__name__} here; give a model "
                "with the numbers of the file, and go over with q.through(isomorphism) if there "
                "is one"
            )


def _told(metadata: Mapping[str, str] | None) -> dict[str, tuple[Algebra, Any]]:
    """The algebra of every name in a file, and the places of its components if not all."""
    text = (metadata or {}).get(_KEY)
    if text is None:
        return {}
    try:
        found = json.loads(text)
        each = [_read(*algebra) for algebra in found["algebras"]]
        places = {name: _unrow(row) for name, row in found.get("places", {}).items()}
        return {name: (each[m], places.get(name)) for name, m in found["numbers"].items()}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"`metadata` does not tell algebras as this library writes them: {error}"
        ) from None


def _types_told(metadata: Mapping[str, str] | None) -> dict[str, type[TypedTensor]]:
    if metadata is None or _KEY not in metadata:
        raise ValueError(
            "`metadata` tells no algebras, and without them `like` must: a model, a state dict, or "
            'the algebra of each name, such as {"weight": QUATERNION}'
        )
    return {name: _type(*each) for name, each in _told(metadata).items()}


def _type(algebra: Algebra, places: tuple[int, ...] | None) -> type[TypedTensor]:
    """The type of numbers that hold these components of an algebra, if not all."""
    if places is None:
        return tensor_type(algebra)
    grades = {grade for place, grade in enumerate(algebra.blades.of) if place in places}
    cls = multivector_type(algebra, sorted(grades))
    if cls.places != places:
        raise ValueError(
            f"`metadata` tells of components {places}, which are no whole grades of {algebra}"
        )
    return cls


def _written(algebra: Algebra) -> list[Any]:
    """Names and constants, and fractions as text."""
    rows = algebra.conjugation
    signs = None if rows is None else [_row(row) for row in rows]
    return [[*algebra.units], [_row(c) for c in algebra.products], signs, algebra.name]


def _row(row: Any) -> Any:
    if isinstance(row, tuple):
        return [_row(x) for x in row]
    return row if isinstance(row, int) else str(row)


def _read(units: Any, products: Any, conjugation: Any, name: Any) -> Algebra:
    signs = None if conjugation is None else tuple(map(_unrow, conjugation))
    return rebuild(tuple(units), tuple(map(_unrow, products)), signs, name)


def _unrow(row: Any) -> Any:
    if isinstance(row, list):
        return tuple(map(_unrow, row))
    return row if isinstance(row, int) else plain(rebuild_fraction(row))
