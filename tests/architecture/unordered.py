"""Finds where a set is walked: the order of its texts differs from process to process.

Judges by what the source shows: displays, ``set()``, set operators and methods, names and
attributes that are annotated or bound as sets. What is asked of a set regardless of its order
(``in``, ``len``, ``sorted``, ``any``, another set) is free.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MAKERS = {"set", "frozenset"}
_TYPES = {"set", "frozenset", "Set", "AbstractSet", "MutableSet", "FrozenSet"}
_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_HOLDERS = {True: ast.Name, False: ast.Attribute}
"""What is annotated as an attribute, by whether it is in the class's own body."""
_OPERATORS = (ast.BitOr, ast.BitAnd, ast.BitXor, ast.Sub)
_INDIFFERENT = {"set", "frozenset", "sorted", "any", "all", "len", "min", "max", "bool", "cast"}
"""Calls whose answer is the same in any order of what they are given."""
_LOOKERS = {"isinstance", "type", "callable", "field", "isdisjoint", "issubset", "issuperset"}
_CHANGERS = {"add", "discard", "remove", "update", *_METHODS, "intersection_update"}


@dataclass(frozen=True, slots=True)
class _Known:
    """Names and attributes of a module that hold sets."""

    names: frozenset[str]
    attributes: frozenset[str]

    def is_set(self, node: ast.expr) -> bool:  # noqa: PLR0911 # one kind of expression each
        """Whether an expression is a set, as far as the source shows."""
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Call(func=ast.Name(id=name)):
                return name in _MAKERS
            case ast.Call(func=ast.Attribute(attr=name, value=owner)):
                return name in _METHODS or (name == "copy" and self.is_set(owner))
            case ast.BinOp(left=left, right=right, op=op) if isinstance(op, _OPERATORS):
                return any(self.is_set(side) or _is_view(side) for side in (left, right))
            case ast.IfExp(body=body, orelse=other):
                return self.is_set(body) or self.is_set(other)
            case ast.BoolOp(values=values):
                return any(self.is_set(value) for value in values)
            case ast.NamedExpr(value=value):
                return self.is_set(value)
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(attr=name):
                return name in self.attributes
            case _:
                return False


def walked_sets(tree: ast.Module, attributes: frozenset[str] = frozenset()) -> Iterator[int]:
    """The lines on which a set's own order is made use of.

    Args:
        tree: A module.
        attributes: Attributes that hold sets by the classes of other modules.
    """
    held = attributes | set_attributes(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    outside = [node for node in ast.walk(tree) if id(node) not in inner]
    shared = _names(outside)
    found = _walks(tree, _Known(shared, held), inner)
    for function in functions:  # a name means something else in each function
        own = _Known(shared | _names(list(ast.walk(function))), held)
        found |= _walks(function, own, set())
    yield from sorted(found)


def _walks(root: ast.AST, known: _Known, skipped: set[int]) -> set[int]:
    """The lines below ``root`` on which a set is walked; nodes of ``skipped`` are passed over."""
    return {
        walked.lineno
        for node, free in _with_freedom(root)
        if id(node) not in skipped
        for walked in _walked(node, free=free)
        if known.is_set(walked)
    }


def set_attributes(tree: ast.Module) -> frozenset[str]:
    """The attributes that a module's classes hold sets in."""
    bound = {
        target.attr
        for target, value in _bindings(ast.walk(tree))
        if isinstance(target, ast.Attribute) and _plainly_set(value)
    }
    declared = {
        ast.unparse(item.target).rpartition(".")[2]
        for owner in ast.walk(tree)
        for item in (owner.body if isinstance(owner, ast.ClassDef) else [owner])
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, _HOLDERS[type(owner) is ast.ClassDef])
        and _annotates_set(item.annotation)
    }
    return frozenset(bound | declared)


def _names(nodes: list[ast.AST]) -> frozenset[str]:
    """Every name that is bound to a set or annotated as one in some nodes."""
    found = {
        argument.arg
        for argument in nodes
        if isinstance(argument, ast.arg) and _annotates_set(argument.annotation)
    }
    found |= {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and _annotates_set(node.annotation)
    }
    while True:  # a name that is bound to such a name is one, too
        known = _Known(frozenset(found), frozenset())
        more = {t.id for t, v in _bindings(nodes) if isinstance(t, ast.Name) and known.is_set(v)}
        if more <= found:
            return frozenset(found)
        found |= more


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case ast.AugAssign(target=target, value=value):
                yield target, value
            case ast.NamedExpr(target=target, value=value):
                yield target, value
            case _:
                pass


def _plainly_set(value: ast.expr) -> bool:
    return _Known(frozenset(), frozenset()).is_set(value)


def _annotates_set(annotation: ast.expr | None) -> bool:
    """``set[str]``, ``frozenset[str] | None``, ``"set[str]"``; not ``list[set[str]]``."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _TYPES
        case ast.Subscript(value=value):
            return _annotates_set(value)
        case ast.BinOp(left=left, right=right):
            return _annotates_set(left) or _annotates_set(right)
        case ast.Constant(value=str(text)):
            return _annotates_set(ast.parse(text, mode="eval").body)
        case _:
            return False


def _is_view(node: ast.expr) -> bool:
    """``a.keys()``: keeps its order alone, and loses it in an operator."""
    match node:
        case ast.Call(func=ast.Attribute(attr="keys" | "items"), args=[]):
            return True
        case _:
            return False


def _with_freedom(root: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it is given to something that asks for no order."""
    waiting: list[tuple[ast.AST, bool]] = [(root, False)]
    while waiting:
        node, free = waiting.pop()
        yield node, free
        given = _given(node)
        waiting.extend((child, child in given) for child in ast.iter_child_nodes(node))


def _given(node: ast.AST) -> tuple[ast.expr, ...]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=args) if name in _INDIFFERENT | _LOOKERS:
            return tuple(args)
        case ast.Call(func=ast.Attribute(attr=name), args=args) if name in _CHANGERS | _LOOKERS:
            return tuple(args)
        case _:
            return ()


def _walked(  # noqa: PLR0911 # one kind of node each
    node: ast.AST, *, free: bool
) -> Iterable[ast.expr]:
    """The expressions that ``node`` goes through in their own order."""
    match node:
        case ast.For(iter=iterated) | ast.YieldFrom(value=iterated):
            return [iterated]
        case ast.ListComp(generators=made) | ast.GeneratorExp(generators=made) if not free:
            return [part.iter for part in made]
        case ast.DictComp(generators=made):  # a dict remembers in which order it was filled
            return [part.iter for part in made]
        case ast.Starred(value=value) if not free:
            return [value]
        case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value):
            return [value]
        case ast.FormattedValue(value=value):
            return [value]
        case ast.Call(func=ast.Attribute(attr="pop", value=owner), args=[]):
            return [owner]
        case ast.Call(func=function, args=args) if not _given(node):
            return args if _walks_arguments(function) else []
        case _:
            return []


_WALKERS = {
    "list", "tuple", "iter", "next", "enumerate", "zip", "map", "filter", "reversed", "dict", "str",
    "repr", "sum", "join", "fromkeys", "extend", "dumps", "chain", "from_iterable", "reduce",
    "encode",
}  # fmt: skip # a set of names


def _walks_arguments(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _WALKERS
        case _:
            return False
