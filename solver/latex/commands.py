r"""The LaTeX commands that the reader knows, by what they do. A command that stands in no table here is unknown.

Nothing is expanded and nothing is executed: a command either has one of these meanings or is an error.
"""

from __future__ import annotations


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CAPITALS = _named("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
_SMALL = _named(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
    " omega"
)
_VARIANTS = _named("epsilon theta pi rho sigma phi kappa")

GREEK = {
    **{name: name for name in _SMALL | _CAPITALS | {"ell", "hbar", "partial", "nabla", "infty"}},
    **{f"var{name}": name for name in _VARIANTS | _CAPITALS},
    "imath": "i",
    "jmath": "j",
}
"""Commands that are a letter: the letter's name."""

VARIANTS = frozenset(("varphi",))
"""Letterforms kept apart from their plain form where only one of them names a function."""

STYLES = {
    **dict.fromkeys(("bm", "boldsymbol", "pmb", "symbf", "mathbfit", "bold"), "bold"),
    "mathbf": "upright bold",
    **dict.fromkeys(("mathrm", "symrm", "mathup", "rm"), "roman"),
    **dict.fromkeys(("mathit", "mathnormal"), "italic"),
    **dict.fromkeys(("mathsf", "mathtt"), "sans"),
    **dict.fromkeys(("mathbb", "mathds", "symbb", "Bbb"), "blackboard"),
    **dict.fromkeys(("mathcal", "mathscr", "mathfrak"), "script"),
}
"""Commands that give their argument a style."""

ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "vec": "", "overrightarrow": "",
    "underline": "", "mathring": "ring",
}  # fmt: skip
"""Accents; an empty name is one that only says "vector"."""

WORDS = _named(
    "exp log ln lg sin cos tan sec csc cot arcsin arccos arctan sinh cosh tanh det max min arg dim lim sup inf"
)
"""Commands that are the upright name of a function."""

SIGNS = {
    "cdot": "cdot", "cdotp": "cdot", "centerdot": "cdot", "bullet": "cdot", "times": "times", "odot": "odot",
    "circ": "odot", "otimes": "otimes", "oslash": "oslash", "ast": "*", "star": "*", "pm": "pm", "mp": "mp",
    "div": "div", "slash": "/", "oplus": "oplus", "ominus": "ominus", "setminus": "setminus",
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">",
    "ne": "!=", "neq": "!=", "equiv": "=", "triangleq": "=", "coloneqq": "=", "coloneq": "=", "eqqcolon": "=",
    "doteq": "=", "colon": ":", "approx": "approx", "sim": "sim", "simeq": "approx", "propto": "propto",
    "in": "in", "notin": "notin", "subset": "subset", "mid": "mid", "to": "to", "rightarrow": "to", "mapsto": "to",
    "leftarrow": "to", "Rightarrow": "=>", "implies": "=>", "Longrightarrow": "=>", "iff": "=>",
    "Leftrightarrow": "=>", "therefore": "=>", "land": "and", "wedge": "and", "lor": "or", "vee": "or",
    "lnot": "not", "neg": "not", "forall": "forall", "exists": "exists", "top": "top", "intercal": "top",
    "dagger": "dagger", "prime": "prime",
}  # fmt: skip
"""Commands that are an operator, a relation or a mark."""

RELATIONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
BIG = {"sum": "sum", "prod": "prod"}
DOTS = {
    **dict.fromkeys(_named("dots ldots cdots dotsc dotsb dotsm dotso hdots mathellipsis"), "across"),
    "vdots": "down",
    "ddots": "diagonal",
    "iddots": "diagonal",
}
FRACTIONS = _named("frac dfrac tfrac cfrac sfrac nicefrac")

DELIMITERS = _named("lbrace rbrace lbrack rbrack lparen rparen vert Vert langle rangle lvert rvert lVert rVert")
OPENERS = _named("left bigl Bigl biggl Biggl")
CLOSERS = _named("right bigr Bigr biggr Biggr")
SIZED = _named("big Big bigg Bigg")

IGNORED = _named(
    ", ; : ! > thinspace medspace thickspace negthinspace negmedspace enspace nobreak allowbreak relax displaystyle"
    " textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits hline notag nonumber nolinebreak mathstrut"
    " strut mathop mathbin mathrel mathord mathopen mathclose mathpunct mathinner ensuremath bf it normalsize small"
    " large centering noindent allowdisplaybreaks qedhere hfill"
)
"""Commands that change how a formula looks and not what it says; an argument after them stays."""

GAPS = frozenset(("quad", "qquad"))
"""Wide spaces, which may set words apart from a formula."""

DROPPED = _named("tag tag* label ref eqref vspace hspace vspace* hspace* color cite")
"""Commands dropped together with their argument."""

SECOND = _named("textcolor overset stackrel colorbox reasonover")
"""Commands whose first argument is a remark, dropped unread, and whose second one is the formula."""

FIRST = _named("shaped")
"""Commands whose second argument is a remark."""

WRAPPERS = _named("boxed cancel bcancel xcancel smash mathclap mathllap mathrlap fbox focus")
"""Commands whose argument stands as it is."""

BRACES = _named("underbrace overbrace underbracket overbracket")
"""Braces: what they hold stands as it is, what is written at the brace is a remark."""

TEXTS = _named("text textrm textup textnormal textit textbf textsf texttt mbox hbox intertext shortintertext")
"""Commands whose argument is words."""

MATRICES = {
    "pmatrix": "(", "bmatrix": "[", "Bmatrix": "{", "matrix": "", "smallmatrix": "", "psmallmatrix": "(",
    "bsmallmatrix": "[", "vmatrix": "|", "Vmatrix": "||", "array": "",
}  # fmt: skip
"""Environments that are a matrix: the bracket they bring."""

CASES = _named("cases dcases rcases")
ALIGNED = _named(
    "align align* aligned alignedat alignat alignat* gather gather* gathered split multline multline* equation"
    " equation* eqnarray eqnarray* flalign flalign* displaymath math"
)
WITH_ARGUMENT = _named("array alignedat alignat alignat*")
ENVIRONMENTS = frozenset(MATRICES) | {f"{name}*" for name in MATRICES} | CASES | ALIGNED

BRACED_ROWS = _named("substack cases pmatrix bmatrix matrix")
"""Commands whose argument is rows, as in plain TeX."""

COMMANDS = frozenset().union(
    GREEK, STYLES, ACCENTS, WORDS, SIGNS, BIG, DOTS, FRACTIONS, DELIMITERS, OPENERS, CLOSERS, SIZED, IGNORED, GAPS,
    DROPPED, SECOND, FIRST, WRAPPERS, BRACES, TEXTS, BRACED_ROWS, ("sqrt", "begin", "end", "operatorname"),
)  # fmt: skip
"""Every command there is, for the nearest one to an unknown one."""
