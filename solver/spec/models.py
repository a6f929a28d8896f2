"""The models of a problem file: its keys, what each may hold, and, from the same lines, the JSON Schema.

Asks and kinds of figures register themselves: a class with `@ask("key")` or `@figure("kind")` is all that a new one
needs here.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from solver.spec.forms import OneOrMany, Short
from solver.spec.leaves import (
    Expression,
    Leaf,
    Named,
    Room,
    SizeText,
    Text,
    bad,
    choice,
    number,
)
from solver.spec.problem import PAPERS, ROUTES, SIZES
from solver.spec.traits import TRAITS
from solver.spec.tree import Fields, Scalar

Trait = Annotated[Scalar, choice(TRAITS, "trait")]
Route = Annotated[Scalar, choice(ROUTES, "route")]
LAYOUTS = ("row", "column")


class Model(BaseModel):
    """A mapping with known keys; `where` says in words what it describes."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, validate_default=False, defer_build=True)
    where: ClassVar[str] = ""
    _place: Fields = PrivateAttr()

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @property
    def place(self) -> Fields:
        """The mapping of the file that the model was made from."""
        return self._place

    @model_validator(mode="wrap")
    @classmethod
    def _known(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        keys = cls.known_keys()
        if not isinstance(value, Fields):
            listed = ", ".join(f"`{key}`" for key in keys[:6])
            raise bad(f"read {_kind(value)}, wanted a mapping with keys such as {listed}")
        unknown = [key for key in value if key not in keys]
        if unknown:
            raise PydanticCustomError("unknown", "unknown keys", {"keys": unknown, "known": keys})
        model = handler(value)
        model._place = value
        return model


def _kind(value: object) -> str:
    return f"the text `{value.text[:60]}`" if isinstance(value, Scalar) else "a list"


class NotationModel(Model):
    """How things are written."""

    where = "`notation`"
    vectors: Annotated[Scalar, choice(LAYOUTS, "way for vectors to lie")] | None = Field(
        None, description="How a shape [D] lies, and so how answers are laid out: a 1×D row or a D×1 column (default)."
    )


class SymbolModel(Model):
    """A symbol: data with a shape and traits, or an abstract function."""

    where = "a symbol"
    shape: list[SizeText] | None = Field(
        None,
        description="Up to two sizes: names, whole numbers, or sums and products of them. Left out: a scalar.",
        examples=[["D"], ["D", "H"], ["2*d", "d"], []],
    )
    is_: Annotated[list[Trait], OneOrMany()] | None = Field(
        None, alias="is", description="One trait or several.", examples=["one-hot", ["symmetric", "positive-definite"]]
    )
    about: Text | None = Field(None, description="What it is, in words.", examples=["the logits"])
    function: Annotated[Scalar, choice(("elementwise",), "kind of function")] | None = Field(
        None, description="An abstract function instead of data; its derivative is written f_prime."
    )


class DefinitionModel(Model):
    """A name for an expression."""

    where = "a definition"
    is_: Expression = Field(alias="is", description="The expression that the name stands for.")
    about: Text | None = Field(None, description="What it is, in words.")


Definition = Annotated[DefinitionModel, Short("is")]


class PartModel(Model):
    """One question, with one ask: what is to be derived."""

    where = "a part"
    id: Annotated[Scalar, Leaf("a name for the part")] | None = Field(
        None, description="The part's name, for references and for `--part`. Left out: a, b, c …", examples=["gradient"]
    )
    ask: Text | None = Field(
        None,
        description="The question in words; `...` is mathematics in the problem language.",
        examples=["Derive the gradient of `CE` with respect to `theta`."],
    )
    by: Annotated[list[Route], OneOrMany()] | None = Field(
        None, description="One route or several, each its own derivation. Left out: the route that reads best."
    )
    answer: Expression | None = Field(
        None, description="The form that the last line must reach.", examples=["yhat - y"]
    )
    given: Annotated[list[Expression], OneOrMany()] | None = Field(
        None, description="Conditions for this part.", examples=[["i != j"]]
    )
    intro: Text | None = Field(None, description="Words before the derivation.")
    hint: Text | None = Field(None, description="A hint for the handout.")
    remark: Text | None = Field(None, description="Words after the derivation.")
    points: Annotated[float, number(0, 1000)] | None = Field(None, description="Points for the part.", examples=[4])
    space: Room | None = Field(
        None, description="Room for the answer on the handout: ruled lines, or a height.", examples=["8 lines", "6 cm"]
    )


class ProblemModel(Model):
    """A problem file."""

    where = "the problem"
    title: Text | None = Field(None, description="Left out: the file's name.", examples=["Softmax and cross-entropy"])
    source: Text | None = Field(None, description="Where the problem is from.")
    notation: NotationModel | None = Field(None, description="How things are written.")
    dims: dict[Named, Text] | None = Field(
        None, description="Words for sizes that shapes use.", examples=[{"D": "number of classes"}]
    )
    symbols: dict[Named, SymbolModel] | None = Field(
        None, description="The data of the problem.", examples=[{"theta": {"shape": ["D"], "about": "the logits"}}]
    )
    define: dict[Named, Definition] | None = Field(
        None, description="Names for expressions, in any order.", examples=[{"yhat": "softmax(theta)"}]
    )
    indices: dict[Named, SizeText] | None = Field(
        None, description="Indices that `define` uses, each with its range.", examples=[{"o": "V", "i": "N"}]
    )
    given: Annotated[list[Expression], OneOrMany()] | None = Field(
        None, description="Assumptions on indices, sizes and scalars.", examples=[["w != o", "m > n", "lam > 0"]]
    )
    intro: Text | None = Field(None, description="Words before the parts.")


class SheetModel(Model):
    """The file sheet.yaml of a folder."""

    where = "the sheet"
    title: Text | None = Field(None, description="Left out: the folder's name.")
    course: Text | None = Field(None, description="The course, as the page's head shows it.")
    author: Text | None = Field(None, description="Who gives the course, for the PDF's properties.")
    order: list[Annotated[Scalar, Leaf("the name of a problem file")]] | None = Field(
        None, description="Names of problem files without .yaml; those left out follow by name.", examples=[["softmax"]]
    )
    intro: Text | None = Field(None, description="Words before the problems.")
    language: Annotated[Scalar, Leaf("a language's code")] | None = Field(None, description="As in `en`, `de`.")
    paper: Annotated[Scalar, choice(PAPERS, "paper")] | None = Field(None, description="Left out: a4.")
    size: Annotated[Scalar, choice(SIZES, "size of print")] | None = Field(
        None, description="The size of print; `large` is 17 pt, lines broken for it. Left out: normal."
    )
    space: Room | None = Field(
        None, description="Room for answers on the handout, for parts that say none.", examples=["8 lines", "6 cm"]
    )


def known_elsewhere(key: str) -> str | None:
    """In words, what the key belongs to, where another model knows it."""
    for model in every_model():
        if model.where and key in model.known_keys():
            return model.where
    return None


def every_model(base: type[Model] = Model) -> list[type[Model]]:
    """All models that have been declared."""
    below = base.__subclasses__()
    return below + [each for sub in below for each in every_model(sub)]
