"""The words of reasons: those of rules, and those that plans give for moves that are no rule of their own."""

from __future__ import annotations

from solver.rules.rule import all_rules

PLANS: dict[str, str] = {
    "entries": "entry by entry",
    "entries together": "the entries together",
    "matrix product": "an entry of a matrix product",
    "chain rule through names": "chain rule",
    "both cases": "both cases in one",
    "two cases": "i = j, or not",
    "with a delta": "with a Kronecker delta",
    "written out": "both sides written out",
    "in the same way": "in the same way",
    "shared sum": "with {name} for the sum",
    "named quotient": "definition of {f}",
    "the same letter": "here {j} is {i}",
    "definition": "definition of {name}",
    "definitions": "by the definitions",
    "definitions of functions": "by the definitions of the functions",
    "established": "put in {g}",
    "part": "from before",
    "matrix of its entries": "the matrix of its entries",
    "rename the index": "another letter for the index",
    "reorder": "order of the factors",
    "factor": "factor out what is common",
    "multiply out": "multiply out",
    "sum as a product": "a sum is a product with ones",
    "collect terms": "collect terms",
    "common denominator": "over a common denominator",
    "add and subtract": "write the numerator through {v}",
    "equal entry by entry": "the entries agree",
    "entry of the gradient": "one entry of the whole gradient",
    "affine map": "{u} is affine in {v}",
    "entrywise function": "{u} is made of {v} entry by entry",
    "softmax": "derivative of the softmax",
    "log-sum-exp of the logits": "derivative of log softmax",
    "several users": "{v} enters in several places",
    "chain rule for matrices": "chain rule",
    "derivatives of the functions": "derivatives of the functions",
    "collect differentials": "collect the terms in {dX}",
    "read off the gradient": "read off what stands beside {dX}",
    "read off the Jacobian": "read off what multiplies {dX}",
    "with the name": "with the name {g}",
    "gradient of a linear form": "linear in {x}",
    "gradient of a quadratic form": "quadratic in {x}",
    "gradient of a power form": "product rule, one factor at a time",
    "gradient of log det": "gradient of log det",
    "gradient of the determinant": "gradient of the determinant",
    "gradient of a norm": "gradient of a norm",
    "gradient of the 1-norm": "gradient of the 1-norm",
    "gradient of log-sum-exp": "the gradient of log-sum-exp is the softmax",
    "gradient through an inverse": "gradient through an inverse",
    "gradient of a matrix power": "gradient of a matrix power",
    "gradient of an entrywise function": "entry by entry",
}
"""Reasons that a plan gives, by name, with captures in braces."""


def words(name: str) -> str:
    """The words of a reason; a name that is not known here stands for itself (`part (b)`)."""
    known = {rule.name: rule.words for rule in all_rules()}
    return known.get(name, PLANS.get(name, name))
