"""Gradient problems of every kind that courses set: a table that the tests of every route read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from solver.spec.load import load_problem
from solver.spec.problem import Problem


@dataclass(frozen=True)
class Case:
    """One gradient: symbols as `name:size,size:trait+trait`, definitions, and what is differentiated by what."""

    name: str
    layout: str
    symbols: str
    define: dict[str, str]
    of: str
    wrt: str
    indices: dict[str, str] = field(default_factory=dict)
    ask: str = "gradient"

    def text(self) -> str:
        """The case as a problem file."""
        lines = [f"title: {self.name}", f"notation: {{vectors: {self.layout}}}", "symbols:"]
        for symbol in self.symbols.split():
            name, *rest = symbol.split(":")
            if rest == ["function"]:
                lines.append(f"  {name}: {{function: elementwise}}")
                continue
            shape = f"[{rest[0]}]" if rest else "[]"
            traits = f", is: [{', '.join(rest[1].split('+'))}]" if len(rest) > 1 else ""
            lines.append(f"  {name}: {{shape: {shape}{traits}}}")
        for key, values in (("define", self.define), ("indices", self.indices)):
            if values:
                lines += [f"{key}:", *(f'  {name}: "{text}"' for name, text in values.items())]
        lines += ["parts:", "  - id: p", "    ask: Find it.", f'    {self.ask}: {{of: "{self.of}", wrt: "{self.wrt}"}}']
        return "\n".join(lines) + "\n"

    def problem(self, folder: Path) -> Problem:
        """The case, read by the reader of problem files."""
        file = folder / "case.yaml"
        file.write_text(self.text(), encoding="utf-8")
        return load_problem(file)


ROW, COLUMN = "row", "column"
MATRICES = "A:n,n B:n,n X:n,n a:n b:n x:n t"
REGRESSION = "X:n,d y:n:binary w:d b lam W:d,K Y:n,K:one-hot"

GRADIENTS = (
    Case("tr AX", COLUMN, MATRICES, {}, "tr(A@X)", "X"),
    Case("tr AXB", COLUMN, MATRICES, {}, "tr(A@X@B)", "X"),
    Case("tr AXTB", COLUMN, MATRICES, {}, "tr(A@X.T@B)", "X"),
    Case("tr XAX", COLUMN, MATRICES, {}, "tr(X@A@X)", "X"),
    Case("tr XTAX", COLUMN, MATRICES, {}, "tr(X.T@A@X)", "X"),
    Case("trX3", COLUMN, MATRICES, {}, "tr(matrix_power(X,3))", "X"),
    Case("tr inv", COLUMN, MATRICES, {}, "tr(A@inv(X))", "X"),
    Case("tr AinvXB", COLUMN, MATRICES, {}, "tr(A@inv(X)@B)", "X"),
    Case("logdet", COLUMN, MATRICES, {}, "logdet(X)", "X"),
    Case("det", COLUMN, MATRICES, {}, "det(X)", "X"),
    Case("logdet AXB", COLUMN, MATRICES, {}, "logdet(A@X@B)", "X"),
    Case("quad", COLUMN, MATRICES, {}, "x.T@A@x", "x"),
    Case("bil", COLUMN, MATRICES, {}, "a.T@X@b", "X"),
    Case("aXTb", COLUMN, MATRICES, {}, "a.T@X.T@b", "X"),
    Case("aXXb", COLUMN, MATRICES, {}, "a.T@X@X@b", "X"),
    Case("aXTXb", COLUMN, MATRICES, {}, "a.T@X.T@X@b", "X"),
    Case("norm", COLUMN, MATRICES, {}, "norm(x)", "x"),
    Case("norm2", COLUMN, MATRICES, {}, "norm(x)**2", "x"),
    Case("normA", COLUMN, MATRICES, {}, "norm(A@x-b)", "x"),
    Case("frob", COLUMN, MATRICES, {}, "norm(X)**2", "X"),
    Case("frobAXB", COLUMN, MATRICES, {}, "norm(A@X@B)**2", "X"),
    Case("sumexp", COLUMN, MATRICES, {}, "sum(exp(A@x))", "x"),
    Case("trsin", COLUMN, MATRICES, {}, "tr(sin(X))", "X"),
    Case("trAexp", COLUMN, MATRICES, {}, "tr(A@exp(X))", "X"),
    Case("had", COLUMN, MATRICES, {}, "sum((A*X)@B)", "X"),
    Case("x/|x|", COLUMN, MATRICES, {}, "a.T@(x/norm(x))", "x"),
    Case("lse", COLUMN, MATRICES, {}, "logsumexp(A@x+b)", "x"),
    Case("softmaxdot", COLUMN, MATRICES, {}, "a.T@softmax(x)", "x"),
    Case("invquad", COLUMN, MATRICES, {}, "a.T@inv(X)@b", "X"),
    Case("trXinvA", COLUMN, MATRICES, {}, "tr(inv(X+A))", "X"),
    Case("logdetAAT", COLUMN, MATRICES, {}, "logdet(X@X.T)", "X"),
    Case("kron", COLUMN, MATRICES, {}, "sum(kron(A,X))", "X"),
    Case("outer", COLUMN, MATRICES, {}, "tr(A@outer(x,x))", "x"),
    Case("dot", COLUMN, MATRICES, {}, "dot(a,x)*dot(b,x)", "x"),
    Case("diag", COLUMN, MATRICES, {}, "tr(A@diag(x)@B)", "x"),
    Case("vec", COLUMN, MATRICES, {}, "vec(A).T@vec(X@X)", "X"),
    Case("tdet", COLUMN, MATRICES, {}, "log(1+x.T@A@x)", "x"),
    Case("trAXpow", COLUMN, "A:n,n B:n,n X:n,n a:n b:n x:n t ", {}, "tr(matrix_power(X,n))", "X"),
    Case("scalar t", COLUMN, MATRICES, {}, "sum(log(softmax(x/t))*a)", "t"),
    Case("gaussian mu", COLUMN, "S:d,d:positive-definite X:d,n mu:d x:d", {}, "-1/2*(x-mu).T@inv(S)@(x-mu)", "mu"),
    Case("gaussian S", COLUMN, "S:d,d:positive-definite mu:d x:d", {}, "-1/2*logdet(S) - 1/2*(x-mu).T@inv(S)@(x-mu)", "S"),
    Case("logreg", COLUMN, REGRESSION, {"z": "X@w+b", "p": "sigmoid(z)", "L": "-sum(y*log(p)+(1-y)*log(1-p))/n"}, "L", "w"),
    Case("logreg b", COLUMN, REGRESSION, {"z": "X@w+b", "p": "sigmoid(z)", "L": "-sum(y*log(p)+(1-y)*log(1-p))/n"}, "L", "b"),
    Case("ridge", COLUMN, REGRESSION, {"L": "1/2*norm(X@w-y)**2 + lam/2*norm(w)**2"}, "L", "w"),
    Case("softmaxreg", ROW, REGRESSION, {"P": "softmax(X@W)", "L": "-sum(Y*log(P))/n + lam*norm(W)**2"}, "L", "W"),
    Case("hinge", COLUMN, REGRESSION, {}, "sum(maximum(0, 1-y*(X@w))) + lam*norm(w)**2", "w"),
    Case("huber", COLUMN, REGRESSION, {"r": "X@w-y", "L": "sum(where(abs(r) < 1, r**2/2, abs(r)-1/2))"}, "L", "w"),
    Case("poisson", COLUMN, REGRESSION, {}, "sum(exp(X@w) - y*(X@w))", "w"),
    Case("labelsmooth", ROW, "theta:D y:D:one-hot eps T", {"q": "(1-eps)*y + eps/D", "p": "softmax(theta/T)", "L": "-sum(q*log(p))"}, "L", "theta"),
    Case("temp", ROW, "theta:D y:D:one-hot T", {"p": "softmax(theta/T)", "L": "-sum(y*log(p))"}, "L", "T"),
    Case("mf", ROW, "R:m,n U:m,k V:n,k lam", {}, "norm(R-U@V.T)**2 + lam*(norm(U)**2+norm(V)**2)", "U"),
    Case("w2v naive", COLUMN, "vc:d U:d,V", {"yhat": "softmax(U.T@vc)", "J": "-log(yhat[o])"}, "J", "vc", {"o": "V"}),
    Case("w2v naive U", COLUMN, "vc:d U:d,V", {"yhat": "softmax(U.T@vc)", "J": "-log(yhat[o])"}, "J", "U", {"o": "V"}),
    Case("negs", COLUMN, "vc:d uo:d N:d,K", {"J": "-log(sigmoid(uo.T@vc)) - sum(log(sigmoid(-N.T@vc)))"}, "J", "vc"),
    Case("negs U", COLUMN, "vc:d uo:d N:d,K", {"J": "-log(sigmoid(uo.T@vc)) - sum(log(sigmoid(-N.T@vc)))"}, "J", "N"),
    Case("rnn", COLUMN, "x1:d x2:d x3:d h0:h W:h,h U:h,d b:h a:h", {"h1": "tanh(W@h0+U@x1+b)", "h2": "tanh(W@h1+U@x2+b)", "h3": "tanh(W@h2+U@x3+b)", "L": "1/2*norm(h3-a)**2"}, "L", "W"),
    Case("gru", COLUMN, "x:d h0:h Wz:h,d Uz:h,h Wr:h,d Ur:h,h Wh:h,d Uh:h,h a:h", {"z": "sigmoid(Wz@x+Uz@h0)", "r": "sigmoid(Wr@x+Ur@h0)", "c": "tanh(Wh@x+Uh@(r*h0))", "h1": "(1-z)*h0+z*c", "L": "a.T@h1"}, "L", "h0"),
    Case("lstm", COLUMN, "x:d h0:h c0:h Wi:h,d Wf:h,d Wo:h,d Wg:h,d Ui:h,h Uf:h,h Uo:h,h Ug:h,h a:h", {"i1": "sigmoid(Wi@x+Ui@h0)", "f1": "sigmoid(Wf@x+Uf@h0)", "o1": "sigmoid(Wo@x+Uo@h0)", "g1": "tanh(Wg@x+Ug@h0)", "c1": "f1*c0+i1*g1", "h1": "o1*tanh(c1)", "L": "a.T@h1"}, "L", "Wf"),
    Case("attn", ROW, "Q:n,d K:m,d V:m,p G:n,p", {"S": "Q@K.T/sqrt(d)", "P": "softmax(S)", "O": "P@V", "L": "sum(G*O)"}, "L", "Q"),
    Case("attn V", ROW, "Q:n,d K:m,d V:m,p G:n,p", {"L": "sum(G*(softmax(Q@K.T/sqrt(d))@V))"}, "L", "K"),
    Case("layernorm", ROW, "x:d g:d b:d a:d eps", {"mu": "mean(x)", "v": "mean((x-mu)**2)", "xhat": "(x-mu)/sqrt(v+eps)", "o": "g*xhat+b", "L": "sum(a*o)"}, "L", "x"),
    Case("batchnorm", ROW, "X:n,d g:d b:d A:n,d eps", {"mu": "mean(X, axis=0)", "v": "mean((X-mu)**2, axis=0)", "Xhat": "(X-mu)/sqrt(v+eps)", "O": "g*Xhat+b", "L": "sum(A*O)"}, "L", "X"),
    Case("ae", COLUMN, "X:p,n W1:m,p b1:m W2:p,m b2:p", {"H": "relu(W1@X+b1)", "Xhat": "relu(W2@H+b2)", "L": "1/n*norm(X-Xhat)**2"}, "L", "W1"),
    Case("tied ae", COLUMN, "x:p W:m,p", {"h": "sigmoid(W@x)", "xh": "W.T@h", "L": "1/2*norm(x-xh)**2"}, "L", "W"),
    Case("f abstract", COLUMN, "x:d W:h,d f:function a:h", {"L": "a.T@f(W@x)"}, "L", "W"),
    Case("resnet", ROW, "x:d W1:d,d W2:d,d a:d", {"h": "x + relu(x@W1)@W2", "L": "sum(a*h**2)"}, "L", "x"),
    Case("cos sim", COLUMN, "x:d y:d", {}, "x.T@y/(norm(x)*norm(y))", "x"),
    Case("triplet", COLUMN, "a:d p:d n1:d m", {}, "maximum(0, norm(a-p)**2 - norm(a-n1)**2 + m)", "a"),
    Case("kl", ROW, "theta:D q:D:simplex", {"p": "softmax(theta)", "L": "sum(q*(log(q)-log(p)))"}, "L", "theta"),
    Case("entropy", ROW, "theta:D", {"p": "softmax(theta)", "L": "-sum(p*log(p))"}, "L", "theta"),
    Case("swiglu", ROW, "x:d W:d,h V:d,h a:h", {"L": "sum(a*(swish(x@W)*(x@V)))"}, "L", "x"),
    Case("gelu net", ROW, "x:d W:d,h a:h", {"L": "sum(a*gelu(x@W))"}, "L", "W"),
    Case("sumloop", ROW, "x:N t:N", {}, "-sum(t[i]*log(x[i]) for i in N)", "x"),
    Case("idxquad", ROW, "x:N A:N,N", {}, "sum(sum(x[i]*A[i,j]*x[j] for j in N) for i in N)", "x"),
    Case("gauss ll", COLUMN, "X:d,n mu:d S:d,d:positive-definite", {}, "-n/2*logdet(S) - 1/2*tr(inv(S)@(X-mu)@(X-mu).T)", "mu"),
    Case("gauss llS", COLUMN, "X:d,n mu:d S:d,d:positive-definite", {}, "-n/2*logdet(S) - 1/2*tr(inv(S)@(X-mu)@(X-mu).T)", "S"),
    Case("entry", COLUMN, MATRICES, {"L": "norm(X@X)**2"}, "L", "X[i,j]"),
    Case("two norm rows", ROW, "X:n,d c:d", {}, "sum((X-c)**2)", "c"),
    Case("hs", ROW, "x:d y:h W:d+h,k a:k", {}, "hstack(x,y)@W@a.T", "x"),
    Case("prod", ROW, "x:N", {}, "prod(x)", "x"),
    Case("maxred", ROW, "x:N", {}, "logsumexp(x) - mean(x)", "x"),
    Case("poly", COLUMN, MATRICES, {}, "(a.T@x)**3", "x"),
    Case("triu", COLUMN, MATRICES, {}, "sum(tril(X)@A)", "X"),
    Case("norm1", COLUMN, REGRESSION, {}, "norm(X@w-y)**2/2 + lam*norm1(w)", "w"),
    Case("log1pexp", COLUMN, REGRESSION, {}, "sum(softplus(X@w) - y*(X@w))", "w"),
    Case("max", COLUMN, "A:m,n x:n", {"z": "tanh(A@x)"}, "max(exp(z))", "x"),
    Case("min axis", ROW, "X:n,d a:n,1", {}, "sum(a*min(X**2, axis=1))", "X"),
    Case("linf", COLUMN, REGRESSION, {}, "max(abs(X@w - y))", "w"),
    Case("lse matrix", ROW, "X:n,d e:n,1", {}, "logsumexp(X + e, axis=None)", "X"),
    Case("pinvA", COLUMN, "A:m,n", {}, "sum(pinv(A))", "A"),
)  # fmt: skip
