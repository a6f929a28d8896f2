"""Letters for indices: fresh ones that clash with nothing, and putting an index in place of another."""

from __future__ import annotations

from solver.expr.nodes import Big, Idx, Node, Sym, Table, free_indices, substitute, walk
from solver.expr.sizes import Size
from solver.rules.setting import Setting, fresh_index


def taken(setting: Setting, *nodes: Node) -> set[str]:
    """Every name that stands in the setting or in the nodes: symbols, definitions, sizes and indices, bound ones too."""
    return set(setting.names) | taken_in(*nodes)


def taken_in(*nodes: Node) -> set[str]:
    """Every name that stands in the nodes."""
    names: set[str] = set()
    for node in nodes:
        for part in walk(node):
            match part:
                case Sym(name=name) | Idx(name=name):
                    names.add(name)
                case Big(index=index):
                    names.add(index.name)
                    names |= index.range.names
                case Table(row=row, column=column):
                    names |= {row.name, column.name}
                case _ if part.size is not None:
                    names |= part.size.names
    return names


def fresh(size: Size, setting: Setting, *used: Node, letters: str = "") -> Idx:
    """An index over the size whose letter stands nowhere in the setting or in `used`; those in `letters` first."""
    names = taken(setting, *used)
    for letter in (*letters, *"kljipqrst", *(f"{c}{n}" for n in range(1, 1000) for c in "kl")):
        if letter not in names:
            return Idx(letter, size)
    raise AssertionError("every letter is taken")


def lettered(node: Node, like: Node) -> Node:
    """The node with letters that a reader may see for the bound ones of a normal form, those of `like` first."""
    known = list(dict.fromkeys(part.index for part in walk(like) if isinstance(part, Big)))

    def renamed(part: Node, used: tuple[Node, ...]) -> Node:
        if not isinstance(part, Big):
            return part.rebuild(tuple(renamed(child, used) for child in part.children)) if part.children else part
        index = part.index
        if index.name.startswith("_"):
            clash = {name for other in (part, *used) for name in taken_in(other)}
            familiar = next((each for each in known if each.range == index.range and each.name not in clash), None)
            index = familiar or fresh_index(index, part, like, *used)
        body, condition = (
            None if each is None else substitute(each, {part.index: index}) for each in (part.body, part.condition)
        )
        assert body is not None
        inner = (*used, index)
        return Big(part.kind, renamed(body, inner), index, None if condition is None else renamed(condition, inner))

    return renamed(node, ())


def captured(index: Idx, *nodes: Node) -> bool:
    """Whether a letter like the index's stands free in the nodes, over whatever range: bound around them it would
    be another."""
    return any(other.name == index.name for node in nodes for other in free_indices(node))


def entry_of_table(table: Table, row: Node, column: Node, setting: Setting) -> Node:
    """The body at a row and a column, both put in at once: at (j, i) neither takes the other's place."""
    stand_in = fresh(table.row.range, setting, table, row, column)
    body = instantiate(table.body, table.row, stand_in, setting)
    return instantiate(instantiate(body, table.column, column, setting), stand_in, row, setting)


def instantiate(node: Node, index: Idx, value: Node, setting: Setting) -> Node:
    """The node with `value` for the free `index`; bound letters that would capture a letter of `value` are changed."""
    if index not in free_indices(node):
        return node
    if node == index:
        return value
    match node:
        case Big(kind, body, bound, condition) if bound.name in {i.name for i in free_indices(value)}:
            other = fresh(bound.range, setting, node, value)
            renamed = None if condition is None else substitute(condition, {bound: other})
            return instantiate(Big(kind, substitute(body, {bound: other}), other, renamed), index, value, setting)
        case Table(body, row, column):
            names = {i.name for i in free_indices(value)}
            for bound in (row, column):
                if bound.name in names:
                    other = fresh(bound.range, setting, node, value)
                    body = substitute(body, {bound: other})
                    row, column = (other if bound is row else row), (other if bound is column else column)
            return Table(instantiate(body, index, value, setting), row, column)
    return node.rebuild(tuple(instantiate(child, index, value, setting) for child in node.children))


def distinct(node: Node, names: frozenset[str], setting: Setting) -> Node:
    """The node with every bound letter that is among `names`, or bound around it, changed for a fresh one."""
    match node:
        case Big(kind, body, index, condition):
            if index.name in names:
                other = fresh(index.range, setting, node, *(Idx(name, index.range) for name in names))
                body = substitute(body, {index: other})
                condition = None if condition is None else substitute(condition, {index: other})
                index = other
            inner = names | {index.name}
            condition = None if condition is None else distinct(condition, inner, setting)
            return Big(kind, distinct(body, inner, setting), index, condition)
        case Table(body, row, column):
            others: list[Idx] = []
            for bound in (row, column):
                other = bound
                if bound.name in names:
                    other = fresh(bound.range, setting, node, *others, *(Idx(name, bound.range) for name in names))
                    body = substitute(body, {bound: other})
                others.append(other)
            inner = names | {other.name for other in others}
            return Table(distinct(body, inner, setting), *others)
    if not node.kinds & {Big, Table}:
        return node
    return node.rebuild(tuple(distinct(child, names, setting) for child in node.children))
