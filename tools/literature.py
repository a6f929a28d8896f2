"""Identities of the literature in the problem language, each with one that is a slip away and wrong.

Sources: Abramowitz & Stegun, Handbook of Mathematical Functions (AS); Petersen & Pedersen, The Matrix Cookbook (PP);
Magnus & Neudecker, Matrix Differential Calculus (MN); Horn & Johnson, Matrix Analysis and Topics in Matrix Analysis
(HJ); Graham, Knuth & Patashnik, Concrete Mathematics (GKP); Boyd & Vandenberghe, Convex Optimization (BV); Bishop,
Pattern Recognition and Machine Learning (B); the tables of SymPy's `fu`, `powsimp` and `logcombine` (S).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from world import World

from solver.check.judge import equal
from solver.check.verdicts import Comparison
from solver.expr.derivation import Fact
from solver.expr.nodes import Node
from solver.expr.read import Scope, read, read_equation
from solver.spec.problem import Problem


@dataclass(frozen=True)
class Identity:
    """`left = right`, which is true where the facts hold; with `wrong` in place of the right side it is not."""

    problem: Problem
    source: str
    text: str
    left: Node
    right: Node
    wrong: Node
    facts: tuple[Fact, ...] = ()
    variables: tuple[Node, ...] = ()

    def verdicts(self, seed: int = 0) -> tuple[Comparison, Comparison]:
        """The judge's word on the identity, and on the wrong one."""
        true, false = (
            equal(self.problem, self.left, side, facts=self.facts, variables=self.variables, seed=seed)
            for side in (self.right, self.wrong)
        )
        return true, false

    def without_facts(self) -> Comparison:
        """The judge's word where the facts are not cited."""
        return equal(self.problem, self.left, self.right, variables=self.variables)


SCALARS = World("a b c s t x y z: ; u v w: , positive; q: , probability")
VECTORS = World(
    "c t: ; x y z w: 1 n; r: 1 m; e: 1 n, sums-to-one; h: 1 n, one-hot; l: 1 n, positive; A B C X Y: n n;"
    "S: n n, symmetric; P: n n, positive-definite; Q: n n, orthogonal; T: n n, diagonal; G H: m m;"
    "M V Z: m n; N U: n m; F: p m",
    "i:n j:n",
)
TALL = World("M: m n; b: m 1; x: n 1", given=("m > n",))

Row = tuple[str, ...]
"""The equation, a wrong right side, then facts that it uses (`u positive`) or what varies (`d X`), then the source."""

TRIGONOMETRY: tuple[Row, ...] = (
    ("sin(x)**2 + cos(x)**2 == 1", "2", "AS 4.3.10"),
    ("sin(x + y) == sin(x)*cos(y) + cos(x)*sin(y)", "sin(x)*cos(y) - cos(x)*sin(y)", "AS 4.3.16"),
    ("cos(x + y) == cos(x)*cos(y) - sin(x)*sin(y)", "cos(x)*cos(y) + sin(x)*sin(y)", "AS 4.3.17"),
    ("tan(x + y) == (tan(x) + tan(y))/(1 - tan(x)*tan(y))", "(tan(x) + tan(y))/(1 + tan(x)*tan(y))", "AS 4.3.18"),
    ("cot(x + y) == (cot(x)*cot(y) - 1)/(cot(y) + cot(x))", "(cot(x)*cot(y) - 1)/(cot(y) - cot(x))", "AS 4.3.19"),
    ("sin(2*x) == 2*sin(x)*cos(x)", "sin(x)*cos(x)", "AS 4.3.24"),
    ("cos(2*x) == 2*cos(x)**2 - 1", "2*cos(x)**2 + 1", "AS 4.3.25"),
    ("cos(2*x) == 1 - 2*sin(x)**2", "1 - sin(x)**2", "AS 4.3.25"),
    ("tan(2*x) == 2*tan(x)/(1 - tan(x)**2)", "2*tan(x)/(1 - tan(x))**2", "AS 4.3.26"),
    ("sin(3*x) == 3*sin(x) - 4*sin(x)**3", "3*sin(x) - 4*sin(x)**2", "AS 4.3.27"),
    ("cos(3*x) == 4*cos(x)**3 - 3*cos(x)", "4*cos(x)**3 - 3*sin(x)", "AS 4.3.28"),
    ("sin(x)*sin(y) == (cos(x - y) - cos(x + y))/2", "cos(x - y) - cos(x + y)/2", "AS 4.3.31"),
    ("cos(x)*cos(y) == (cos(x - y) + cos(x + y))/2", "cos(x - y) + cos(x + y)", "AS 4.3.32"),
    ("sin(x)*cos(y) == (sin(x - y) + sin(x + y))/2", "(sin(y - x) + sin(x + y))/2", "AS 4.3.33"),
    ("sin(x) + sin(y) == 2*sin((x + y)/2)*cos((x - y)/2)", "2*sin(x + y/2)*cos((x - y)/2)", "AS 4.3.34"),
    ("cos(x) + cos(y) == 2*cos((x + y)/2)*cos((x - y)/2)", "2*cos((x + y)/2)*sin((x - y)/2)", "AS 4.3.36"),
    ("cos(x) - cos(y) == -2*sin((x + y)/2)*sin((x - y)/2)", "2*sin((x + y)/2)*sin((x - y)/2)", "AS 4.3.37"),
    ("1 + tan(x)**2 == sec(x)**2", "sec(x)", "AS 4.3.11"),
    ("1 + cot(x)**2 == csc(x)**2", "sec(x)**2", "AS 4.3.12"),
    ("tan(x/2) == sin(x)/(1 + cos(x))", "sin(x)/(1 - cos(x))", "AS 4.3.22"),
    ("sin(x)**2 - sin(y)**2 == sin(x + y)*sin(x - y)", "sin(x + y)*sin(y - x)", "AS 4.3.40"),
    ("sin(x)**2 == (1 - cos(2*x))/2", "1 - cos(2*x)/2", "S fu TR7"),
    ("sin(x)**3 == (3*sin(x) - sin(3*x))/4", "(3*sin(x) + sin(3*x))/4", "S fu"),
    ("tan(x) + cot(x) == 2*csc(2*x)", "2*csc(x)", "S fu"),
    ("arctan(u) + arctan(1/u) == pi/2", "pi", "u positive", "AS 4.4.8"),
    ("arcsin(x) + arccos(x) == pi/2", "pi/4", "AS 4.4.2"),
    ("sin(arccos(x)) == sqrt(1 - x**2)", "sqrt(1 + x**2)", "AS 4.3.45"),
    ("cos(arctan(x)) == 1/sqrt(1 + x**2)", "x/sqrt(1 + x**2)", "AS 4.3.45"),
    ("tan(arcsin(x)) == x/sqrt(1 - x**2)", "x/sqrt(1 - x)", "AS 4.3.45"),
    ("arcsin(-x) == -arcsin(x)", "arcsin(x)", "AS 4.4.14"),
    ("arccos(-x) == pi - arccos(x)", "-arccos(x)", "AS 4.4.15"),
)
HYPERBOLIC: tuple[Row, ...] = (
    ("cosh(x)**2 - sinh(x)**2 == 1", "-1", "AS 4.5.16"),
    ("1 - tanh(x)**2 == 1/cosh(x)**2", "1/sinh(x)**2", "AS 4.5.17"),
    ("sinh(x + y) == sinh(x)*cosh(y) + cosh(x)*sinh(y)", "sinh(x)*cosh(y) - cosh(x)*sinh(y)", "AS 4.5.24"),
    ("cosh(x + y) == cosh(x)*cosh(y) + sinh(x)*sinh(y)", "cosh(x)*cosh(y) - sinh(x)*sinh(y)", "AS 4.5.25"),
    (
        "tanh(x + y) == (tanh(x) + tanh(y))/(1 + tanh(x)*tanh(y))",
        "(tanh(x) + tanh(y))/(1 - tanh(x)*tanh(y))",
        "AS 4.5.26",
    ),
    ("sinh(2*x) == 2*sinh(x)*cosh(x)", "sinh(x)*cosh(x)", "AS 4.5.31"),
    ("cosh(2*x) == 2*cosh(x)**2 - 1", "1 - 2*cosh(x)**2", "AS 4.5.32"),
    ("sinh(3*x) == 3*sinh(x) + 4*sinh(x)**3", "3*sinh(x) - 4*sinh(x)**3", "AS 4.5.34"),
    ("cosh(3*x) == 4*cosh(x)**3 - 3*cosh(x)", "4*cosh(x)**3 + 3*cosh(x)", "AS 4.5.35"),
    ("tanh(x/2) == sinh(x)/(cosh(x) + 1)", "sinh(x)/(cosh(x) - 1)", "AS 4.5.30"),
    ("exp(x) == cosh(x) + sinh(x)", "cosh(x) - sinh(x)", "AS 4.5.19"),
    ("arcsinh(x) == log(x + sqrt(x**2 + 1))", "log(x + sqrt(x**2 - 1) + 1)", "AS 4.6.20"),
    ("arccosh(x) == log(x + sqrt(x**2 - 1))", "log(x - sqrt(x**2 - 1))", "AS 4.6.21"),
    ("arctanh(x) == log((1 + x)/(1 - x))/2", "log((1 + x)/(1 - x))", "AS 4.6.22"),
    ("cosh(arcsinh(x)) == sqrt(1 + x**2)", "sqrt(1 - x**2) + 2*x**2", "AS 4.6"),
    ("sinh(arctanh(x)) == x/sqrt(1 - x**2)", "x/sqrt(1 + x**2)", "AS 4.6"),
)
LOGARITHMS: tuple[Row, ...] = (
    ("log(u*v) == log(u) + log(v)", "log(u)*log(v)", "u positive", "v positive", "AS 4.1.6"),
    ("log(u/v) == log(u) - log(v)", "log(u)/log(v)", "u positive", "v positive", "AS 4.1.8"),
    ("log(u**a) == a*log(u)", "log(u)**a", "u positive", "AS 4.1.11"),
    ("log(u + v) == log(u) + log1p(v/u)", "log(u) + log1p(u/v)", "u positive", "v positive", "S"),
    ("exp(x + y) == exp(x)*exp(y)", "exp(x) + exp(y)", "AS 4.2.18"),
    ("exp(x)**a == exp(a*x)", "exp(x**a)", "S powsimp"),
    ("exp(-x) == 1/exp(x)", "-exp(x)", "AS 4.2"),
    ("exp(a*log(u)) == u**a", "a**u", "u positive", "AS 4.2.7"),
    ("log(exp(x)) == x", "exp(x)", "AS 4.2"),
    ("log(sqrt(u)) == log(u)/2", "sqrt(log(u))", "u positive", "S"),
    ("(u*v)**a == u**a*v**a", "u**a + v**a", "u positive", "v positive", "S powsimp"),
    ("u**(a + b) == u**a*u**b", "u**a + u**b", "u positive", "S powsimp"),
    ("(u**a)**b == u**(a*b)", "u**(a**b)", "u positive", "S powdenest"),
    ("sqrt(u*v) == sqrt(u)*sqrt(v)", "sqrt(u) + sqrt(v)", "u positive", "v positive", "S"),
    ("sqrt(x**2) == abs(x)", "x", "S"),
    ("abs(x*y) == abs(x)*abs(y)", "abs(x)*y", "AS 3.7"),
    ("log1p(expm1(x)) == x", "x + 1", "S"),
    (
        "1/(sqrt(u) - sqrt(v)) == (sqrt(u) + sqrt(v))/(u - v)",
        "(sqrt(u) + sqrt(v))/(u + v)",
        "u positive",
        "v positive",
        "S radsimp",
    ),
)
ALGEBRA: tuple[Row, ...] = (
    ("(x + y)**2 == x**2 + 2*x*y + y**2", "x**2 + y**2", "AS 3.1.1"),
    ("(x - y)**3 == x**3 - 3*x**2*y + 3*x*y**2 - y**3", "x**3 - y**3", "AS 3.1.1"),
    ("x**3 - y**3 == (x - y)*(x**2 + x*y + y**2)", "(x - y)*(x**2 - x*y + y**2)", "S factor"),
    ("x**3 + y**3 == (x + y)*(x**2 - x*y + y**2)", "(x + y)*(x**2 + x*y + y**2)", "S factor"),
    ("x**4 + 4*y**4 == (x**2 + 2*x*y + 2*y**2)*(x**2 - 2*x*y + 2*y**2)", "(x**2 + 2*y**2)**2", "Sophie Germain"),
    (
        "(a**2 + b**2)*(x**2 + y**2) == (a*x - b*y)**2 + (a*y + b*x)**2",
        "(a*x - b*y)**2 + (a*y - b*x)**2",
        "Brahmagupta",
    ),
    ("a*x**2 + b*x + c == a*(x + b/(2*a))**2 + c - b**2/(4*a)", "a*(x + b/2*a)**2 + c - b**2/(4*a)", "AS 3.8.1"),
    ("1/(x*(x + 1)) == 1/x - 1/(x + 1)", "1/x + 1/(x + 1)", "S apart"),
    ("1/(x**2 - y**2) == (1/(x - y) - 1/(x + y))/(2*y)", "1/(x - y) - 1/(x + y)/(2*y)", "S apart"),
    ("a/b + c/s == (a*s + b*c)/(b*s)", "(a + c)/(b + s)", "S together"),
    ("(x + y + z)**2 == x**2 + y**2 + z**2 + 2*(x*y + y*z + z*x)", "x**2 + y**2 + z**2 + x*y + y*z + z*x", "S expand"),
    ("1/(1/x + 1/y) == x*y/(x + y)", "x + y", "S"),
)
ACTIVATIONS: tuple[Row, ...] = (
    ("sigmoid(-x) == 1 - sigmoid(x)", "sigmoid(1 - x)", "B 4.60"),
    ("sigmoid(x) == (1 + tanh(x/2))/2", "(1 + tanh(x))/2", "B 3.100"),
    ("tanh(x) == 2*sigmoid(2*x) - 1", "2*sigmoid(x) - 1", "B 3.100"),
    ("logit(sigmoid(x)) == x", "-x", "B 4.61"),
    ("sigmoid(logit(q)) == q", "1 - q", "q probability", "B 4.61"),
    ("sigmoid(x) == exp(x)/(1 + exp(x))", "exp(x)/(1 - exp(x))", "B 4.59"),
    ("softplus(x) - softplus(-x) == x", "2*x", "softplus"),
    ("log_sigmoid(x) == -softplus(-x)", "-softplus(x)", "softplus"),
    ("log(1 - sigmoid(x)) == -softplus(x)", "-softplus(-x)", "softplus"),
    ("relu(x) == (x + abs(x))/2", "x + abs(x)/2", "rectifier"),
    ("relu(x) - relu(-x) == x", "abs(x)", "rectifier"),
    ("maximum(x, y) == (x + y + abs(x - y))/2", "(x + y - abs(x - y))/2", "AS"),
    ("maximum(x, y) + minimum(x, y) == x + y", "2*maximum(x, y)", "AS"),
    ("maximum(x, y) == x + relu(y - x)", "x + relu(x - y)", "rectifier"),
    ("leaky_relu(x, a) == relu(x) - a*relu(-x)", "relu(x) + a*relu(-x)", "rectifier"),
    ("normal_cdf(-x) == 1 - normal_cdf(x)", "-normal_cdf(x)", "AS 26.2.5"),
    ("erf(-x) == -erf(x)", "1 - erf(x)", "AS 7.1.9"),
    ("normal_cdf(x) == (1 + erf(x/sqrt(2)))/2", "(1 + erf(x))/2", "AS 26.2.29"),
    ("gelu(x) - gelu(-x) == x", "2*x", "GELU"),
    ("swish(x) == x*(1 + tanh(x/2))/2", "x*(1 + tanh(x))/2", "swish"),
    ("sigmoid(x)*(1 - sigmoid(x)) == exp(-x)/(1 + exp(-x))**2", "exp(-x)/(1 + exp(-x))", "B 4.88"),
    ("sign(x)*abs(x) == x", "abs(x)", "AS"),
    ("indicator(x > 0) + indicator(x <= 0) == 1", "2", "indicator"),
    ("where(x > y, x, y) == maximum(x, y)", "minimum(x, y)", "cases"),
)
DERIVATIVES: tuple[Row, ...] = (
    ("D(x**3, x) == 3*x**2", "3*x**3", "AS 3.3"),
    ("D(u**a, u) == a*u**(a - 1)", "u**(a - 1)", "u positive", "AS 3.3.4"),
    ("D(u**x, x) == u**x*log(u)", "x*u**(x - 1)", "u positive", "AS 4.2.4"),
    ("D(sin(x)*cos(x), x) == cos(2*x)", "-sin(x)*cos(x)", "AS 3.3.2"),
    ("D(x/(1 + x**2), x) == (1 - x**2)/(1 + x**2)**2", "1/(2*x)", "AS 3.3.3"),
    ("D(sin(x**2), x) == 2*x*cos(x**2)", "cos(x**2)", "AS 3.3.5"),
    ("D(tan(x), x) == sec(x)**2", "sec(x)*tan(x)", "AS 4.3.107"),
    ("D(sec(x), x) == sec(x)*tan(x)", "sec(x)**2", "AS 4.3.109"),
    ("D(arcsin(x), x) == 1/sqrt(1 - x**2)", "-1/sqrt(1 - x**2)", "AS 4.4.52"),
    ("D(arctan(x/a), x) == a/(a**2 + x**2)", "1/(a**2 + x**2)", "AS 4.4.54"),
    ("D(arcsinh(x), x) == 1/sqrt(1 + x**2)", "1/sqrt(1 - x**2)", "AS 4.6.37"),
    ("D(log(abs(x)), x) == 1/x", "1/abs(x)", "AS 4.1"),
    ("D(log(cosh(x)), x) == tanh(x)", "1/cosh(x)", "AS 4.5"),
    ("D(u*log(u) - u, u) == log(u)", "log(u) + 1", "u positive", "AS 4.1.49"),
    ("D(sigmoid(x), x) == sigmoid(x)*(1 - sigmoid(x))", "sigmoid(x)*(1 + sigmoid(x))", "B 4.88"),
    ("D(tanh(x), x) == 1 - tanh(x)**2", "1 - tanh(x)", "AS 4.5.73"),
    ("D(softplus(x), x) == sigmoid(x)", "1 - sigmoid(x)", "softplus"),
    ("D(log(sigmoid(x)), x) == 1 - sigmoid(x)", "sigmoid(x)", "B"),
    ("D(erf(x), x) == 2/sqrt(pi)*exp(-x**2)", "exp(-x**2)/sqrt(pi)", "AS 7.1.19"),
    ("D(exp(-x**2/2), x, x) == (x**2 - 1)*exp(-x**2/2)", "x**2*exp(-x**2/2)", "AS 26.2"),
    ("D(exp(x*y), x, y) == (1 + x*y)*exp(x*y)", "x*y*exp(x*y)", "AS 3.3"),
    ("D(relu(x)**2/2, x) == relu(x)", "x", "rectifier"),
    ("D(swish(x), x) == swish(x) + sigmoid(x)*(1 - swish(x))", "sigmoid(x)*(1 - swish(x))", "swish"),
    ("D(log(q/(1 - q)), q) == 1/(q*(1 - q))", "1/q", "B 4.61"),
    ("D(sqrt(1 + x**2), x) == x/sqrt(1 + x**2)", "1/(2*sqrt(1 + x**2))", "AS 3.3"),
    ("D(x**4, x, x, x) == 24*x", "12*x**2", "AS 3.3"),
)
TRACES: tuple[Row, ...] = (
    ("tr(A @ B) == tr(B @ A)", "tr(A)*tr(B)", "PP 15"),
    ("tr(M @ N) == tr(N @ M)", "tr(N @ M)/n", "PP 15"),
    ("tr(A @ B @ C) == tr(B @ C @ A)", "tr(B @ A @ C)", "PP 16"),
    ("tr(A.T) == tr(A)", "-tr(A)", "PP 13"),
    ("tr(A + B) == tr(A) + tr(B)", "tr(A) - tr(B)", "PP 14"),
    ("x @ A @ x.T == tr(A @ x.T @ x)", "tr(A)*x @ x.T", "PP 17"),
    ("tr(A.T @ B) == sum(A*B)", "sum(A @ B)", "HJ"),
    ("tr(M.T @ Z) == vec(M).T @ vec(Z)", "sum(M)*sum(Z)", "PP 521"),
    ("tr(c*A) == c*tr(A)", "c**n*tr(A)", "PP"),
    ("tr(eye(n)) == n", "1", "PP"),
    ("tr(A @ B @ A.T) == tr(A.T @ A @ B)", "tr(A @ A.T @ B)", "PP 16"),
    ("tr(outer(x, y)) == dot(x, y)", "norm(x)*norm(y)", "HJ"),
    ("(A @ B).T == B.T @ A.T", "A.T @ B.T", "PP 5"),
    ("(A @ B @ C).T == C.T @ B.T @ A.T", "C.T @ A.T @ B.T", "PP 6"),
    ("tr(S @ A) == tr(S @ A.T)", "tr(S)*tr(A)", "S symmetric", "HJ"),
    ("tr(S @ (A - A.T)) == 0", "1", "S symmetric", "HJ"),
)
DETERMINANTS: tuple[Row, ...] = (
    ("det(A @ B) == det(A)*det(B)", "det(A) + det(B)", "PP 21"),
    ("det(A.T) == det(A)", "-det(A)", "PP 20"),
    ("det(inv(A)) == 1/det(A)", "det(A)", "PP 22"),
    ("det(c*A) == c**n*det(A)", "c*det(A)", "PP 19"),
    ("det(matrix_power(A, 3)) == det(A)**3", "3*det(A)", "PP 23"),
    ("det(eye(n) + x.T @ y) == 1 + dot(x, y)", "dot(x, y)", "PP 24"),
    ("det(A + x.T @ y) == det(A)*(1 + y @ inv(A) @ x.T)", "det(A)*(1 + x @ inv(A) @ y.T)", "determinant lemma"),
    (
        "det(A + U @ V) == det(A)*det(eye(m) + V @ inv(A) @ U)",
        "det(A)*det(eye(m) - V @ inv(A) @ U)",
        "determinant lemma",
    ),
    ("det(eye(m) + M @ N) == det(eye(n) + N @ M)", "det(eye(n) - N @ M)", "Sylvester"),
    ("logdet(A @ B) == logdet(A) + logdet(B)", "logdet(A)*logdet(B)", "PP"),
    ("logdet(inv(A)) == -logdet(A)", "logdet(A)", "PP"),
    ("log(det(P)) == logdet(P)", "logdet(P)/2", "P positive-definite", "BV"),
    ("logdet(c*A) == logdet(A) + n*log(abs(c))", "logdet(A) + log(abs(c))", "PP 19"),
    ("det(Q)**2 == 1", "-1", "Q orthogonal", "HJ"),
    ("det(T) == prod(T[i, i] for i in n)", "sum(T[i, i] for i in n)", "T diagonal", "HJ"),
    ("det(diag(x)) == prod(x)", "sum(x)", "HJ"),
    (
        "det(vstack(hstack(A, N), hstack(M, G))) == det(A)*det(G - M @ inv(A) @ N)",
        "det(A)*det(G + M @ inv(A) @ N)",
        "PP 399",
    ),
    ("det(vstack(hstack(A, N), hstack(zeros(m, n), G))) == det(A)*det(G)", "det(A) + det(G)", "PP 399"),
)
INVERSES: tuple[Row, ...] = (
    ("inv(A @ B) == inv(B) @ inv(A)", "inv(A) @ inv(B)", "PP 1"),
    ("inv(A.T) == inv(A).T", "inv(A)", "PP 3"),
    ("inv(c*A) == inv(A)/c", "c*inv(A)", "PP"),
    (
        "inv(A + x.T @ y) == inv(A) - inv(A) @ x.T @ y @ inv(A)/(1 + y @ inv(A) @ x.T)",
        "inv(A) + inv(A) @ x.T @ y @ inv(A)/(1 + y @ inv(A) @ x.T)",
        "PP 160",
    ),
    (
        "inv(A + U @ G @ V) == inv(A) - inv(A) @ U @ inv(inv(G) + V @ inv(A) @ U) @ V @ inv(A)",
        "inv(A) - inv(A) @ U @ inv(G + V @ inv(A) @ U) @ V @ inv(A)",
        "PP 156",
    ),
    ("inv(eye(m) + M @ N) @ M == M @ inv(eye(n) + N @ M)", "M @ inv(eye(n) - N @ M)", "PP 167"),
    ("inv(eye(n) + A) == eye(n) - inv(eye(n) + A) @ A", "eye(n) + inv(eye(n) + A) @ A", "PP 165"),
    ("inv(eye(n) + inv(A)) == A @ inv(A + eye(n))", "inv(A + eye(n))", "PP 163"),
    ("inv(A + B) == inv(A) @ inv(inv(A) + inv(B)) @ inv(B)", "inv(A) + inv(B)", "PP 164"),
    ("inv(A) - inv(B) == inv(A) @ (B - A) @ inv(B)", "inv(A) @ (A - B) @ inv(B)", "PP"),
    ("inv(A) + inv(B) == inv(A) @ (A + B) @ inv(B)", "inv(A + B)", "PP 166"),
    ("A - A @ inv(A + B) @ A == B - B @ inv(A + B) @ B", "B + B @ inv(A + B) @ B", "PP 170"),
    ("inv(Q) == Q.T", "Q", "Q orthogonal", "HJ"),
    ("Q.T @ Q == eye(n)", "Q @ Q + eye(n)", "Q orthogonal", "HJ"),
    ("inv(S) == inv(S).T", "-inv(S).T", "S symmetric", "HJ"),
    (
        "hstack(eye(n), zeros(n, m)) @ inv(vstack(hstack(A, N), hstack(M, G))) @ vstack(eye(n), zeros(m, n))"
        " == inv(A - N @ inv(G) @ M)",
        "inv(A + N @ inv(G) @ M)",
        "PP 400",
    ),
    ("pinv(A) == inv(A)", "A", "PP 3.6"),
    ("M @ pinv(M) @ M == M", "pinv(M).T", "PP 3.6"),
    ("pinv(M.T) == pinv(M).T", "-pinv(M).T", "PP 3.6"),
    ("A @ inv(A) == eye(n)", "ones(n, n)", "HJ"),
    ("matrix_power(A, 2) @ inv(A) == A", "A.T", "HJ"),
)
KRONECKER: tuple[Row, ...] = (
    ("kron(A, G) @ kron(B, H) == kron(A @ B, G @ H)", "kron(B @ A, G @ H)", "PP 510"),
    ("kron(M, F) @ kron(N, Z) == kron(M @ N, F @ Z)", "-kron(M @ N, F @ Z)", "PP 510"),
    ("kron(A, G).T == kron(A.T, G.T)", "kron(A, G.T)", "PP 508"),
    ("inv(kron(A, G)) == kron(inv(A), inv(G))", "kron(inv(A), G)", "PP 512"),
    ("tr(kron(A, G)) == tr(A)*tr(G)", "tr(A) + tr(G)", "PP 515"),
    ("det(kron(A, G)) == det(A)**m*det(G)**n", "det(A)**n*det(G)**m", "PP 519"),
    ("kron(A + B, G) == kron(A, G) + kron(B, G)", "kron(A, G) - kron(B, G)", "PP 505"),
    ("kron(A, kron(B, G)) == kron(kron(A, B), G)", "kron(kron(B, A), G)", "PP 506"),
    ("vec(A @ X @ B) == kron(B.T, A) @ vec(X)", "kron(B, A) @ vec(X)", "PP 520"),
    ("vec(M @ A @ N) == kron(N.T, M) @ vec(A)", "kron(N.T, M) @ vec(A.T)", "PP 520"),
    ("vec(A @ B) == kron(eye(n), A) @ vec(B)", "kron(A, eye(n)) @ vec(B)", "MN 2.4"),
    ("vec(A @ B) == kron(B.T, eye(n)) @ vec(A)", "kron(B, eye(n)) @ vec(A)", "MN 2.4"),
    ("vec(A + B) == vec(A) + vec(B)", "vec(A) - vec(B)", "PP 522"),
    ("vec(x.T @ r) == kron(r.T, x.T)", "-kron(r.T, x.T)", "MN 2.4"),
    ("vec(M.T) == commutation(m, n) @ vec(M)", "-commutation(m, n) @ vec(M)", "MN 3.7"),
    ("commutation(m, n).T == commutation(n, m)", "commutation(m, n)", "MN 3.7"),
    ("commutation(m, n) @ kron(A, G) @ commutation(n, m) == kron(G, A)", "kron(A, G)", "MN 3.7"),
    ("tr(A.T @ B @ X @ C) == vec(A).T @ kron(C.T, B) @ vec(X)", "vec(A).T @ kron(C, B) @ vec(X)", "PP 521"),
    ("norm(kron(A, G)) == norm(A)*norm(G)", "norm(A) + norm(G)", "HJ"),
)
HADAMARD: tuple[Row, ...] = (
    ("A*B == B*A", "A @ B", "HJ 5"),
    ("(A*B).T == A.T*B.T", "(A @ B).T", "HJ 5"),
    ("A*(B + C) == A*B + A*C", "A*B + C", "HJ 5"),
    ("diag(x) @ A @ diag(y) == outer(x, y)*A", "outer(y, x)*A", "HJ 5.1"),
    ("x @ (A*B) @ y.T == tr(diag(x) @ A @ diag(y) @ B.T)", "tr(diag(x) @ A @ diag(y) @ B)", "HJ 5.1.5"),
    ("sum(A*B, axis=1) == diag(A @ B.T).T", "diag(A @ B).T", "HJ 5.1"),
    ("outer(x, y)*outer(z, w) == outer(x*z, y*w)", "outer(x*w, y*z)", "HJ 5"),
    ("diag(x*y) == diag(x) @ diag(y)", "diag(x) + diag(y)", "HJ"),
    ("x @ diag(y) == x*y", "y @ x.T*ones(1, n)", "HJ"),
    ("diag(diag(x)) == x", "2*x", "HJ"),
    ("sum(A) == ones(1, n) @ A @ ones(n, 1)", "tr(A)", "HJ"),
    ("sum(A, axis=0) == ones(1, n) @ A", "(A @ ones(n, 1)).T", "HJ"),
    ("A*eye(n) == diag(diag(A))", "A", "HJ 5"),
    ("tr(A @ (B*C)) == sum(A.T*B*C)", "sum(A*B*C)", "HJ 5.1"),
    ("(x*y) @ z.T == (x*z) @ y.T", "x @ y.T*z @ z.T", "HJ"),
)
NORMS: tuple[Row, ...] = (
    ("norm(x)**2 == dot(x, x)", "sum(x)**2", "HJ"),
    ("norm(x + y)**2 == norm(x)**2 + 2*dot(x, y) + norm(y)**2", "norm(x)**2 + norm(y)**2", "HJ"),
    ("norm(x + y)**2 + norm(x - y)**2 == 2*norm(x)**2 + 2*norm(y)**2", "norm(x)**2 + norm(y)**2", "parallelogram law"),
    ("dot(x, y) == (norm(x + y)**2 - norm(x - y)**2)/4", "(norm(x + y)**2 - norm(x - y)**2)/2", "polarization"),
    (
        "norm(x)**2*norm(y)**2 - dot(x, y)**2 == sum((x[i]*y[j] - x[j]*y[i])**2 for i in n for j in n)/2",
        "sum((x[i]*y[j] - x[j]*y[i])**2 for i in n for j in n)",
        "Lagrange",
    ),
    ("norm(A)**2 == tr(A.T @ A)", "tr(A)**2", "PP 523"),
    ("norm(Q @ A) == norm(A)", "norm(Q)*norm(A)", "Q orthogonal", "HJ 5.6"),
    ("norm(outer(x, y)) == norm(x)*norm(y)", "abs(dot(x, y))", "HJ"),
    ("norm(c*x) == abs(c)*norm(x)", "c*norm(x)", "HJ 5.4"),
    ("norm1(c*A) == abs(c)*norm1(A)", "c*norm1(A)", "HJ 5.4"),
    ("norm(A)**2 == sum(norm(A[i, :])**2 for i in n)", "sum(norm(A[i, :]) for i in n)**2", "HJ"),
    (
        "norm(x - y)**2 == norm(x - z)**2 + norm(z - y)**2 + 2*dot(x - z, z - y)",
        "norm(x - z)**2 + norm(z - y)**2 - 2*dot(x - z, z - y)",
        "BV",
    ),
    ("norm1(l) == sum(l)", "norm(l)", "l positive", "HJ"),
    ("norm(x/norm(x)) == 1", "1/norm(x)", "HJ"),
    ("norm(vec(A)) == norm(A)", "norm1(A)", "HJ"),
)
SOFTMAX: tuple[Row, ...] = (
    ("softmax(x + c) == softmax(x)", "softmax(x) + c", "BV 3.1.5"),
    ("sum(softmax(x)) == 1", "n", "B 4.62"),
    ("log_softmax(x) == x - logsumexp(x)", "x + logsumexp(x)", "B"),
    ("softmax(x) == exp(x - logsumexp(x))", "exp(x)/logsumexp(x)", "B"),
    ("logsumexp(x + c) == logsumexp(x) + c", "logsumexp(x) + n*c", "BV 3.1.5"),
    ("logsumexp(x) == log(sum(exp(x)))", "sum(log(exp(x)))", "BV 3.1.5"),
    ("logsumexp(x) == max(x) + log(sum(exp(x - max(x))))", "max(x) + sum(exp(x - max(x)))", "log-sum-exp trick"),
    ("-sum(e*log(softmax(x))) == logsumexp(x) - dot(e, x)", "logsumexp(x) + dot(e, x)", "e sums-to-one", "B 4.108"),
    ("softmax(x*t)[i]/softmax(x*t)[j] == exp(t*(x[i] - x[j]))", "exp(t*(x[j] - x[i]))", "B"),
    ("softmax(log(l)) == l/sum(l)", "l", "l positive", "B 4.62"),
    ("-sum(softmax(x)*log(softmax(x))) == logsumexp(x) - sum(x*softmax(x))", "logsumexp(x) - sum(softmax(x))", "BV"),
    ("sum(softmax(x)*(y - dot(softmax(x), y))) == 0", "1", "B"),
    ("softmax(A + ones(n, 1) @ x - ones(n, 1) @ x, axis=1) == softmax(A, axis=1)", "softmax(A, axis=0)", "B"),
    ("softmax(A, axis=0) == softmax(A.T, axis=1).T", "softmax(A.T, axis=0).T", "B"),
    ("softmax(A + x.T, axis=1) == softmax(A, axis=1)", "softmax(A, axis=1) + x.T", "BV"),
    ("sum(softmax(A, axis=1), axis=1) == ones(n, 1)", "n*ones(n, 1)", "B 4.62"),
    ("dot(h, log(softmax(x))) == dot(h, x) - logsumexp(x)", "dot(h, x) + logsumexp(x)", "h one-hot", "B 4.108"),
)
GRADIENTS: tuple[Row, ...] = (
    ("D(dot(x, y), x) == y", "x", "PP 69"),
    ("D(x @ X @ y.T, X) == x.T @ y", "y.T @ x", "PP 70"),
    ("D(x @ X.T @ y.T, X) == y.T @ x", "x.T @ y", "PP 71"),
    ("D(x @ X @ x.T, X) == x.T @ x", "x @ x.T*eye(n)", "PP 72"),
    ("D(y @ X.T @ X @ z.T, X) == X @ (y.T @ z + z.T @ y)", "X @ y.T @ z", "PP 77"),
    ("D(x @ A @ x.T, x) == x @ (A + A.T)", "2*x @ A", "PP 81"),
    ("D(x @ S @ x.T, x) == 2*x @ S", "x @ S", "S symmetric", "PP 85"),
    ("D((x - y) @ S @ (x - y).T, x) == 2*(x - y) @ S", "2*(y - x) @ S", "S symmetric", "PP 86"),
    (
        "D((x - r @ M) @ S @ (x - r @ M).T, r) == -2*(x - r @ M) @ S @ M.T",
        "2*(x - r @ M) @ S @ M.T",
        "S symmetric",
        "PP 84",
    ),
    ("D(tr(X), X) == eye(n)", "ones(n, n)", "PP 99"),
    ("D(tr(X @ A), X) == A.T", "A", "PP 100"),
    ("D(tr(A @ X @ B), X) == A.T @ B.T", "B.T @ A.T", "PP 101"),
    ("D(tr(A @ X.T @ B), X) == B @ A", "A @ B", "PP 102"),
    ("D(tr(X.T @ A), X) == A", "A.T", "PP 103"),
    ("D(tr(matrix_power(X, 2)), X) == 2*X.T", "2*X", "PP 106"),
    ("D(tr(matrix_power(X, 2) @ B), X) == (X @ B + B @ X).T", "X @ B + B @ X", "PP 107"),
    ("D(tr(X.T @ B @ X), X) == B @ X + B.T @ X", "2*B @ X", "PP 108"),
    ("D(tr(X @ B @ X.T), X) == X @ B.T + X @ B", "B.T @ X + B @ X", "PP 111"),
    ("D(tr(A @ X @ B @ X), X) == A.T @ X.T @ B.T + B.T @ X.T @ A.T", "2*A.T @ X.T @ B.T", "PP 112"),
    ("D(tr(X.T @ X), X) == 2*X", "X", "PP 115"),
    ("D(tr(matrix_power(X, 3)), X) == 3*matrix_power(X, 2).T", "3*matrix_power(X, 2)", "PP 121"),
    ("D(tr(A @ inv(X) @ B), X) == -(inv(X) @ B @ A @ inv(X)).T", "(inv(X) @ B @ A @ inv(X)).T", "PP 124"),
    ("D(x @ inv(X) @ y.T, X) == -inv(X).T @ x.T @ y @ inv(X).T", "-inv(X) @ x.T @ y @ inv(X)", "PP 61"),
    ("D(det(X), X) == det(X)*inv(X).T", "det(X)*inv(X)", "PP 49"),
    ("D(det(A @ X @ B), X) == det(A @ X @ B)*inv(X).T", "det(X)*inv(X).T", "PP 51"),
    ("D(logdet(X), X) == inv(X).T", "inv(X)", "PP 57"),
    ("D(logdet(X.T @ X), X) == 2*inv(X).T", "inv(X).T", "PP 58"),
    ("D(log(det(P)), P) == inv(P)", "-inv(P)", "P positive-definite", "PP 57"),
    ("D(norm(X)**2, X) == 2*X", "2*norm(X)*ones(n, n)", "PP 132"),
    ("D(norm(x), x) == x/norm(x)", "x/norm(x)**2", "PP 129"),
    ("D(norm(x - y), x) == (x - y)/norm(x - y)", "(y - x)/norm(x - y)", "PP 129"),
    (
        "D((x - y)/norm(x - y), x) == eye(n)/norm(x - y) - outer(x - y, x - y)/norm(x - y)**3",
        "eye(n)/norm(x - y) - outer(x - y, x - y)/norm(x - y)**2",
        "PP 130",
    ),
    ("D(norm(r @ M - x)**2, r) == 2*(r @ M - x) @ M.T", "(r @ M - x) @ M.T", "PP 84"),
    ("D(norm(r @ M - x)**2, M) == 2*r.T @ (r @ M - x)", "2*(r @ M - x).T @ r", "PP 88"),
    ("D(x @ A, x) == A.T", "A", "MN 9"),
    ("D(x*y, x) == diag(y)", "outer(x, y)", "MN 9"),
    ("D(sin(x), x) == diag(cos(x))", "outer(cos(x), cos(x))", "MN 9"),
    ("D(exp(x @ A), x) == diag(exp(x @ A)) @ A.T", "diag(exp(x @ A)) @ A", "MN 9"),
    ("D(x @ A @ x.T, x, x) == A + A.T", "2*A", "PP 98"),
    ("D(logsumexp(x), x) == softmax(x)", "log_softmax(x)", "BV 3.1.5"),
    ("D(logsumexp(x), x, x) == diag(softmax(x)) - outer(softmax(x), softmax(x))", "diag(softmax(x))", "BV 3.1.5"),
    (
        "D(softmax(x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x))",
        "diag(softmax(x)*(1 - softmax(x)))",
        "B 4.106",
    ),
    ("D(log_softmax(x), x) == eye(n) - ones(n, 1) @ softmax(x)", "eye(n) - softmax(x).T @ ones(1, n)", "B"),
    (
        "D(softmax(x)[i], x[j]) == softmax(x)[i]*(delta(i, j) - softmax(x)[j])",
        "softmax(x)[i]*(1 - softmax(x)[j])",
        "B 4.106",
    ),
    ("D(-sum(e*log(softmax(x))), x) == softmax(x) - e", "e - softmax(x)", "e sums-to-one", "B 4.109"),
    ("D(sum(log(1 + exp(-w*x))), x) == -w*sigmoid(-w*x)", "w*sigmoid(-w*x)", "B"),
    ("D(mean(x**2), x) == 2*x/n", "2*x", "B"),
    ("D(sum(relu(x)), x) == indicator(x > 0)", "relu(x)", "B"),
    ("D(prod(x), x[i]) == prod(x)/x[i]", "prod(x)", "AS 3.3"),
    ("D(A @ X @ B, X) == kron(B.T, A)", "kron(B, A)", "MN 9.2"),
    ("D(tr(A @ X), X[i, j]) == A[j, i]", "A[i, j]", "PP 100"),
    ("D(inv(X), t) == zeros(n, n)", "inv(X)", "PP 59"),
    ("D(inv(A + t*B), t) == -inv(A + t*B) @ B @ inv(A + t*B)", "inv(A + t*B) @ B @ inv(A + t*B)", "PP 59"),
    ("D(logdet(A + t*B), t) == tr(inv(A + t*B) @ B)", "tr(inv(B) @ A)", "PP 46"),
    ("D(det(A + t*B), t) == det(A + t*B)*tr(inv(A + t*B) @ B)", "det(A + t*B)*tr(B)", "PP 46"),
    ("D(tr(inv(A + t*B)), t) == -tr(matrix_power(inv(A + t*B), 2) @ B)", "-tr(inv(A + t*B) @ B)", "PP 59"),
)
DIFFERENTIALS: tuple[Row, ...] = (
    ("d(A @ X) == A @ d(X)", "d(X) @ A", "d X", "PP 33"),
    ("d(X @ Y) == d(X) @ Y + X @ d(Y)", "d(X) @ Y + d(Y) @ X", "d X Y", "PP 37"),
    ("d(X*Y) == d(X)*Y + X*d(Y)", "d(X)*d(Y)", "d X Y", "PP 38"),
    ("d(kron(X, Y)) == kron(d(X), Y) + kron(X, d(Y))", "kron(d(X), Y)", "d X Y", "PP 39"),
    ("d(inv(X)) == -inv(X) @ d(X) @ inv(X)", "-d(X) @ inv(X) @ inv(X)", "d X", "PP 40"),
    ("d(det(X)) == det(X)*tr(inv(X) @ d(X))", "tr(inv(X) @ d(X))", "d X", "PP 41"),
    ("d(logdet(X)) == tr(inv(X) @ d(X))", "tr(X @ d(X))", "d X", "PP 43"),
    ("d(X.T) == d(X).T", "d(X)", "d X", "PP 44"),
    ("d(tr(X)) == tr(d(X))", "sum(d(X))", "d X", "PP 36"),
    ("d(norm(x)**2) == 2*dot(x, d(x))", "dot(x, d(x))", "d x", "MN 8"),
    ("d(exp(x)) == exp(x)*d(x)", "exp(d(x))", "d x", "MN 8"),
    ("d(softmax(x)) == softmax(x)*(d(x) - dot(softmax(x), d(x)))", "softmax(x)*d(x)", "d x", "MN 8"),
    ("d(logsumexp(x)) == dot(softmax(x), d(x))", "sum(d(x))", "d x", "MN 8"),
    ("d(matrix_power(X, 2)) == d(X) @ X + X @ d(X)", "2*X @ d(X)", "d X", "MN 8"),
    ("d(x @ A @ x.T) == d(x) @ (A + A.T) @ x.T", "2*d(x) @ A @ x.T", "d x", "MN 8"),
)
SUMS: tuple[Row, ...] = (
    ("sum(k for k in n) == n*(n + 1)/2", "n*(n - 1)/2", "GKP 2"),
    ("sum(k**2 for k in n) == n*(n + 1)*(2*n + 1)/6", "(n*(n + 1)/2)**2", "GKP 2"),
    ("sum(k**3 for k in n) == (n*(n + 1)/2)**2", "n*(n + 1)*(2*n + 1)/6", "GKP 2"),
    ("sum(2*k - 1 for k in n) == n**2", "n*(n + 1)", "GKP 2"),
    ("sum(c**k for k in n) == c*(1 - c**n)/(1 - c)", "(1 - c**n)/(1 - c)", "GKP 2"),
    ("sum(1/(k*(k + 1)) for k in n) == n/(n + 1)", "1 + 1/(n + 1)", "GKP 2"),
    ("sum(x[k]*y[o] for k in n for o in n) == sum(x)*sum(y)", "sum(x*y)", "GKP 2"),
    ("sum(delta(i, k)*x[k] for k in n) == x[i]", "sum(x)", "GKP 2"),
    ("sum(x[k] for k in n if k != i) == sum(x) - x[i]", "sum(x)", "GKP 2"),
    ("sum(c*x[k] for k in n) == c*sum(x)", "n*c*sum(x)", "GKP 2"),
    ("sum(c for k in n) == n*c", "c", "GKP 2"),
    ("mean((x - mean(x))**2) == mean(x**2) - mean(x)**2", "mean(x**2) - mean(x)", "B 1.40"),
    ("sum((x - mean(x))*(y - mean(y))) == sum(x*y) - n*mean(x)*mean(y)", "sum(x*y) - mean(x)*mean(y)", "B 1.41"),
    (
        "sum((x[k] - x[l2])**2 for k in n for l2 in n) == 2*n*sum(x**2) - 2*sum(x)**2",
        "n*sum(x**2) - sum(x)**2",
        "GKP 2",
    ),
    ("prod(exp(x)) == exp(sum(x))", "exp(prod(x))", "AS 4.2"),
    ("log(prod(l)) == sum(log(l))", "prod(log(l))", "l positive", "AS 4.1"),
    ("prod(c*x[k] for k in n) == c**n*prod(x)", "c*prod(x)", "GKP 2"),
    ("(A @ B)[i, j] == sum(A[i, k]*B[k, j] for k in n)", "sum(A[i, k]*B[j, k] for k in n)", "HJ 0"),
    (
        "(eye(n) - ones(n, n)/n) @ (eye(n) - ones(n, n)/n) == eye(n) - ones(n, n)/n",
        "eye(n) - ones(n, n)",
        "centring matrix",
    ),
    ("matrix(delta(k, o) for k in n for o in n) == eye(n)", "ones(n, n)", "HJ 0"),
    ("basis(i, n) @ A @ basis(j, n).T == A[i, j]", "A[j, i]", "HJ 0"),
    ("sum(outer(basis(k, n), basis(k, n)) for k in n) == eye(n)", "ones(n, n)", "HJ 0"),
    ("sum(A[k, :] for k in n) == sum(A, axis=0)", "sum(A, axis=1).T", "HJ 0"),
    ("tril(A) + tril(A.T).T - diag(diag(A)) == A", "2*A", "HJ 0"),
)
TALL_ROWS: tuple[Row, ...] = (
    ("(M @ inv(M.T @ M) @ M.T) @ (M @ inv(M.T @ M) @ M.T) == M @ inv(M.T @ M) @ M.T", "eye(m)", "projection"),
    ("pinv(M) == inv(M.T @ M) @ M.T", "inv(M.T @ M) @ M.T*2", "PP 3.6"),
    ("pinv(M) @ M == eye(n)", "ones(n, n)", "PP 3.6"),
    ("M.T @ (b - M @ pinv(M) @ b) == zeros(n, 1)", "ones(n, 1)", "normal equations"),
    ("tr(M @ inv(M.T @ M) @ M.T) == n", "m", "rank of a projection"),
    ("D(norm(M @ x - b)**2, x) == 2*M.T @ (M @ x - b)", "2*(M @ x - b).T @ M", "PP 84"),
)
TABLES: tuple[tuple[World, tuple[Row, ...]], ...] = (
    (SCALARS, TRIGONOMETRY), (SCALARS, HYPERBOLIC), (SCALARS, LOGARITHMS), (SCALARS, ALGEBRA), (SCALARS, ACTIVATIONS),
    (SCALARS, DERIVATIVES), (VECTORS, TRACES), (VECTORS, DETERMINANTS), (VECTORS, INVERSES), (VECTORS, KRONECKER),
    (VECTORS, HADAMARD), (VECTORS, NORMS), (VECTORS, SOFTMAX), (VECTORS, GRADIENTS), (VECTORS, DIFFERENTIALS),
    (VECTORS, SUMS), (TALL, TALL_ROWS),
)  # fmt: skip


def identities() -> Iterator[Identity]:
    """All of them, read."""
    for world, rows in TABLES:
        problem, scope = world.problem()
        for text, wrong, *more, source in rows:
            left, right = read_equation(text, _around(text, scope))
            facts = tuple(Fact(*fact.split()) for fact in more if not fact.startswith("d "))
            moving = tuple(name for fact in more if fact.startswith("d ") for name in fact.split()[1:])
            variables = tuple(scope.symbols[name] for name in moving)
            yield Identity(problem, source, text, left, right, read(wrong, _around(wrong, scope)), facts, variables)


def _around(text: str, scope: Scope) -> Scope:
    """The scope without the letters that the text binds itself."""
    bound = set(re.findall(r"for (\w+) in", text))
    return replace(scope, indices={name: index for name, index in scope.indices.items() if name not in bound})
