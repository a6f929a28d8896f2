"""Every mistake of a file at once, each with its place, what was read and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from spec_helpers import SETTING, mistakes, part

ONE = part("simplify: x")
POLY = "symbols: {W: {shape: [2*d, d]}}\nparts: [{simplify: 1, figure: {heatmap: {of: W.T, at: {d: 2, W: %s}}}}]"

# the file, line, column, width, what the message says, what the hint says
SINGLE = [
    # keys
    ("titel: t\n" + ONE, 1, 1, 5, "unknown key `titel`", "write `title` instead"),
    ("gradient: {of: L, wrt: x}\n" + ONE, 1, 1, 8, "unknown key `gradient`", "it belongs to a part"),
    ("dims:{D: words}\n" + ONE, 1, 1, 7, "unknown key `dims:{D`", "no blank after the colon"),
    (SETTING, 1, 1, 1, "`parts` is missing here", "parts:"),
    (SETTING + "parts: []\n", 13, 8, 2, "nothing stands in it", ""),
    (SETTING + "parts: x\n", 13, 8, 1, "read `x`, wanted a list", "[x]"),
    (SETTING + "parts: {a: b}\n", 13, 8, 6, "read a mapping, wanted a list", "- "),
    (SETTING + "parts: [x]\n", 13, 9, 1, "read the text `x`, wanted a mapping with keys such as `id`", ""),
    ("notation: row\nparts: [{simplify: 1}]", 1, 11, 3, "wanted a mapping with keys such as `vectors`", ""),
    ("notation: {vectors: rows}\nparts: [{simplify: 1}]", 1, 21, 4, "`rows` is no way", "write `row` instead"),
    ("title:\nparts: [{simplify: 1}]", 1, 7, 1, "nothing is written here, wanted a text", "leave the key out"),
    ("title: [a]\nparts: [{simplify: 1}]", 1, 8, 3, "read a list, wanted a text", '"[a]"'),
    ("symbols: [x]\nparts: [{simplify: 1}]", 1, 10, 3, "read a list, wanted a mapping of names", "name: …"),
    ("symbols: [x]\ndefine: {a: x}\nparts: [{simplify: a + x}]", 1, 10, 3, "wanted a mapping of names", ""),
    # names
    ("symbols: {lambda: {}}\nparts: [{simplify: 1}]", 1, 11, 6, "`lambda` is a word of Python", "lam"),
    ("symbols: {2x: {}}\nparts: [{simplify: 1}]", 1, 11, 2, "a name begins with a letter", ""),
    ("symbols: {a b: {}}\nparts: [{simplify: 1}]", 1, 11, 3, "cannot stand in a name", ""),
    ("symbols: {pi: {}}\nparts: [{simplify: 1}]", 1, 11, 2, "`pi` is the number", ""),
    ("symbols: {exp: {function: elementwise}}\nparts: [{simplify: 1}]", 1, 11, 3, "a function `exp` already", ""),
    ("symbols: {g: {function: matrix}}\nparts: [{simplify: 1}]", 1, 25, 6, "no kind of function", "elementwise"),
    ("symbols: {g: {function: elementwise, is: positive}}\nparts: [{simplify: 1}]", 1, 11, 1, "has no `is`", "delete"),
    ("symbols: {x: {}}\ndefine: {x: 1}\nparts: [{simplify: 1}]", 2, 10, 1, "a definition here, and a symbol on", ""),
    ("symbols: {x: {shape: [D]}, D: {}}\nparts: [{simplify: 1}]", 1, 28, 1, "a symbol here, and a size on line 1", ""),
    ("symbols: {D: {}, x: {shape: [D]}}\nparts: [{simplify: 1}]", 1, 30, 1, "a size here, and a symbol on line 1", ""),
    ("symbols: {x: {shape: [D]}}\nindices: {D: 3}\nparts: [{simplify: 1}]", 2, 11, 1, "an index here, and a size", ""),
    ("define: {i: 1}\nindices: {i: 3}\nparts: [{simplify: 1}]", 2, 11, 1, "an index here, and a definition", ""),
    # sizes and dims
    ("symbols: {x: {shape: D}}\nparts: [{simplify: 1}]", 1, 22, 1, "read `D`, wanted a list", "write `[D]`"),
    ("symbols: {x: {shape: [D, H, K]}}\nparts: [{simplify: 1}]", 1, 29, 1, "up to two sizes, not 3", ""),
    ("symbols: {x: {shape: [0]}}\nparts: [{simplify: 1}]", 1, 23, 1, "a size is at least 1", ""),
    ("symbols: {x: {shape: [20000]}}\nparts: [{simplify: 1}]", 1, 23, 5, "20000 is out of range", "1 to 10000"),
    ("symbols: {x: {shape: [D + exp(2)]}}\nparts: [{simplify: 1}]", 1, 27, 6, "not a size", ""),
    ("symbols: {x: {shape: [D**8]}}\nparts: [{simplify: 1}]", 1, 23, 4, "degree above 4", "name it"),
    ("dims: {E: words}\nsymbols: {x: {shape: [D]}}\nparts: [{simplify: 1}]", 1, 8, 1, "the size `E`", "D"),
    ("dims: {d1: w}\nsymbols: {x: {shape: [d]}}\nparts: [{simplify: 1}]", 1, 8, 2, "no shape", "write `d` instead"),
    # traits
    ("symbols: {x: {shape: [D], is: one-hut}}\nparts: [{simplify: 1}]", 1, 31, 7, "`one-hut` is no trait", "`one-hot`"),
    ("symbols: {x: {is: one-hot}}\nparts: [{simplify: 1}]", 1, 19, 7, "a scalar cannot be `one-hot`", "[D]"),
    ("symbols: {x: {is: symmetric}}\nparts: [{simplify: 1}]", 1, 19, 9, "a scalar cannot be `symmetric`", "[n, n]"),
    ("symbols: {X: {shape: [m, n], is: symmetric}}\nparts: [{simplify: 1}]", 1, 34, 9, "square matrix, not m×n", ""),
    ("symbols: {x: {is: [positive, negative]}}\nparts: [{simplify: 1}]", 1, 30, 8, "contradicts `positive`", ""),
    ("symbols: {x: {is: [positive, positive]}}\nparts: [{simplify: 1}]", 1, 30, 8, "stands twice", "delete"),
    # definitions, indices, given
    ("define: {a: a + 1}\nparts: [{simplify: 1}]", 1, 10, 1, "`a` is defined by itself", ""),
    ("define: {a: b, b: c, c: a}\nparts: [{simplify: 1}]", 1, 10, 1, "rest on each other: a → b → c → a", ""),
    ("define: {a: qq}\nparts: [{simplify: 1}]", 1, 13, 2, "`qq` is not declared", ""),
    (ONE.replace("p: softmax(x)", "p: softmax(xx)"), 11, 14, 2, "`xx` is not declared", "did you mean `x`?"),
    ("indices: {i: 1/2}\nparts: [{simplify: 1}]", 1, 14, 3, "a size is a whole number", ""),
    ("indices: {i: 3}\ngiven: i != k\nparts: [{simplify: 1}]", 2, 13, 1, "`k` is not declared", ""),
    (ONE + "given: [A > 0]\n", 15, 9, 5, "a condition on scalars is wanted", ""),
    # asks
    (part("ask: words"), 14, 5, 1, "this part asks nothing", "gradient, jacobian"),
    (part("gradient: {of: L, wrt: x}", "prove: x == x"), 15, 5, 5, "asks `gradient` already", "a part for each"),
    (part("gradient: L"), 14, 15, 1, "wanted a mapping with keys such as `of`, `wrt`", ""),
    (part("gradient: {of: L}"), 14, 15, 1, "`wrt` is missing here", ""),
    (part("gradient: {of: L, wtr: x}"), 14, 23, 3, "unknown key `wtr`", "write `wrt` instead"),
    (part("gradient: {of: L, wrt: xx}"), 14, 28, 2, "`xx` is not declared", "did you mean"),
    (part("gradient: {of: x, wrt: x}"), 14, 20, 1, "a gradient is of a scalar, and this is 1×D", "`jacobian:`"),
    (part("gradient: {of: L, wrt: 2*x}"), 14, 28, 3, "an expression is no variable", "name a symbol"),
    (part("gradient: {of: L, wrt: c}"), 14, 28, 1, "declared `constant` and does not vary", ""),
    (part("gradient: {of: L, wrt: D}"), 14, 28, 1, "`D` is a size and does not vary", ""),
    (part("derivative: {of: L, wrt: x}"), 14, 30, 1, "a derivative is by a scalar, and this is 1×D", "`gradient:`"),
    (part('derivative: {of: c, wrt: "x[1]", order: 0}'), 14, 45, 1, "0 is out of range", "1 to 8"),
    (part('derivative: {of: c, wrt: "x[1]", order: two}'), 14, 45, 3, "no whole number", ""),
    (part("gradient: {of: L, wrt: x, structured: yes}"), 14, 43, 3, "neither `true` nor `false`", ""),
    (part("hessian: {of: L, wrt: []}"), 14, 27, 2, "nothing stands in it", ""),
    (part("hessian: {of: L, wrt: [x, x, x]}"), 14, 27, 9, "3 are too many, up to 2", ""),
    (part("prove: x"), 14, 12, 1, "there is no `==`", "lhs == rhs"),
    (part("prove: x == A"), 14, 12, 6, "1×D and the right side D×D", ""),
    (part("steps: [{id: x, line: x = x}]"), 14, 14, 2, "unknown key `id`", "it belongs to a part"),
    (part("simplify: {expression: x}"), 14, 15, 15, "read a mapping, wanted an expression", "quotes"),
    (part("count: [x, 2*x]"), 14, 16, 3, "no name of a symbol", ""),
    (part("implement: {of: L, wrt: x, name: 2 words}"), 14, 38, 7, "cannot name a module", ""),
    # answers: the shape must be the question's
    (part("gradient: {of: L, wrt: x}", "answer: (p - y).T"), 15, 13, 9, "D×1, and the question asks for 1×D", "`.T`"),
    (part("jacobian: {of: B.T @ x.T, wrt: x}", "answer: B"), 15, 13, 1, "the answer is D×H, and", "`.T`"),
    (part("gradient: {of: L, wrt: A}", "answer: x"), 15, 13, 1, "1×D, and the question asks for D×D", ""),
    (part("hessian: {of: L, wrt: x}", "answer: x"), 15, 13, 1, "the question asks for D×D", ""),
    (part("hessian: {of: sum(B), wrt: [x, B]}", "answer: A"), 15, 13, 1, "asks for D×D*H", ""),
    (part("simplify: sum(x)", "answer: x"), 15, 13, 1, "the question asks for scalar", ""),
    (part("differential: {of: A @ B, wrt: A}", "answer: d(A)"), 15, 13, 4, "the question asks for D×H", ""),
    (part("count: x", "answer: x"), 15, 13, 1, "the question asks for scalar", ""),
    (part("prove: x == x", "answer: x"), 15, 13, 1, "`prove` has no answer", ""),
    # other keys of a part
    (part("simplify: x", "by: caess"), 15, 9, 5, "`caess` is no route", "write `cases` instead"),
    (part("simplify: x", "by: [index, index]"), 15, 17, 5, "the route `index` stands twice", ""),
    (part("simplify: x", "points: many"), 15, 13, 4, "`many` is no number", ""),
    (part("simplify: x", "points: -1"), 15, 13, 2, "out of range", "from 0"),
    (part("simplify: x", "points: 1e999"), 15, 13, 5, "out of range", ""),
    (part("simplify: x", "id: a b"), 15, 9, 3, "cannot name a part", ""),
    (part("simplify: x", "id: a") + "  - {simplify: x, id: a}\n", 16, 23, 1, "two parts are called `a`", ""),
    # indices
    (part("simplify: A[1, 2, 3]"), 14, 15, 10, "a matrix has two indices, and 3 are given", ""),
    (part("simplify: x[0]"), 14, 17, 1, "indices start at 1", ""),
    (part("simplify: x[c]"), 14, 17, 1, "`c` is not declared a whole number", "is: integer"),
    (part('gradient: {of: "x[i]", wrt: "x[j]"}', "answer: delta(i, k)"), 15, 22, 1, "`k` is not declared", ""),
    ("symbols: {v: {shape: [3]}}\nparts: [{simplify: \"v[4]\"}]", 2, 23, 1, "4 is out of range", ""),
    ("symbols: {v: {shape: [3]}}\nindices: {i: 5}\nparts: [{simplify: \"v[i]\"}]", 3, 23, 1, "from 1 to 3", ""),
    # texts
    (part("simplify: x", "ask: The `xx` here."), 15, 15, 2, "`xx` is not declared", ""),
    (part("simplify: x", "ask: The `x here."), 15, 14, 1, "this backtick has no partner", ""),
    (part("simplify: x", "ask: The `` here."), 15, 14, 2, "nothing stands between the backticks", ""),
    (part("simplify: x", "remark: >", "  Folded, and", "  then `x +`."), 17, 15, 1, "missing after `+`", ""),
    (part("simplify: x", "hint: that `x == A` holds"), 15, 17, 6, "a condition on scalars", ""),
    ("title: On `q`\n" + ONE, 1, 12, 1, "`q` is not declared", ""),
    (ONE.replace("y: {shape: [D]", "y: {about: the `q`, shape: [D]"), 4, 19, 1, "`q` is not declared", ""),
    (ONE.replace("notation", "dims: {D: 'the `q`'}\nnotation"), 1, 17, 1, "`q` is not declared", ""),
    # figures and tables
    (part("simplify: x", "figure: {polt: {}}"), 15, 14, 4, "unknown key `polt`", "`plot`"),
    (part("simplify: x", "figure: {plot: {curves: [tanh(t)]}}"), 15, 20, 1, "`over` is missing", ""),
    (part("simplify: x", "figure: {plot: {curves: [tanh(t)], over: {t: [4, -4]}}}"), 15, 54, 2, "nothing to draw", ""),
    (part("simplify: x", "figure: {plot: {curves: [tanh(t)], over: {t: [4]}}}"), 15, 47, 1, "1 bounds", ""),
    (part("simplify: x", "figure: {plot: {curves: [tanh(t)], over: {D: [0, 1]}}}"), 15, 47, 1, "no scalar", ""),
    (part("simplify: x", "figure: {plot: {curves: [tanh(s)], over: {t: [0, 1]}}}"), 15, 35, 1, "`s` is not", ""),
    (part("simplify: x", "figure: {plot: {curves: [A], over: {t: [0, 1]}}}"), 15, 30, 1, "scalar or a vector", ""),
    (part("simplify: x", "figure: {heatmap: {of: sum(x), at: {x: [1, 2]}}}"), 15, 28, 6, "matrix or a vector", ""),
    (part("simplify: x", "figure: {heatmap: {of: A}}"), 15, 23, 7, "no value is given for the symbol `A`", ""),
    (part("simplify: x", "figure: {heatmap: {of: p, at: {x: 1}}}"), 15, 39, 1, "1×D, and one value", ""),
    (part("simplify: x", "figure: {heatmap: {of: p, at: {xx: [1]}}}"), 15, 36, 2, "`xx` is not declared", "`x`"),
    (part("simplify: x", "figure: {heatmap: {of: A, at: {A: [1, 2]}}}"), 15, 39, 6, "D×D, and one list", "rows"),
    (part("simplify: x", "figure: {heatmap: {of: A, at: {A: [[1, 2]]}}}"), 15, 39, 8, "makes D = 2, and `A`", ""),
    (part("simplify: x", "figure: {heatmap: {of: A, at: {A: [[1, 2], [3]]}}}"), 15, 48, 3, "1 entries, the first", ""),
    (POLY % "[[1, 2], [3, 4], [5, 6]]", 2, 65, 24, "`W` has 3 entries along 2*d, which is 4 here", ""),
    ("symbols: {x: {shape: [2*d]}}\nparts: [{simplify: 1, figure: {heatmap: {of: x, at: {x: [1, 2]}}}}]",
     2, 57, 6, "2*d = 2 does not settle d", "add `d: …`"),
    (part("discuss: {table: {columns: {a: x}, rows: [{x: [1, b]}]}}"), 14, 55, 1, "`b` is no number", ""),
    (part("discuss: {table: {columns: {a: x}, rows: [{label: w}]}}"), 14, 48, 5, "no value is given", "x: …"),
    (part("discuss: {table: {columns: {a: L}, rows: [{x: [1, 2], y: [1]}]}}"), 14, 62, 3, "makes D = 1, and `x`", ""),
    (part("discuss: {table: {columns: {a: L}, rows: [{x: [1, 2]}]}}"), 14, 48, 1, "for the symbol `y`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "width", "message", "hint"), SINGLE)
def test_one_mistake_is_one_message(
    tmp_path: Path, text: str, line: int, column: int, width: int, message: str, hint: str
) -> None:
    (found,) = mistakes(tmp_path, text)
    assert (found.place.line, found.place.column, found.width) == (line, column, width), found.render()
    assert message in found.message
    assert hint in found.hint
    assert found.line_text == text.split("\n")[line - 1]
    assert found.place.file == str(tmp_path / "problem.yaml")
