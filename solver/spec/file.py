"""The model of a whole problem file: the parts with every ask, the figures with every kind."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import Field, create_model

from solver.spec.asks import ASKS, AskModel
from solver.spec.figures import FIGURES, FigureModel
from solver.spec.forms import Alone, Bare, OneOrMany
from solver.spec.models import Model, PartModel, ProblemModel


def _asks() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, model in ASKS.items():
        form = Alone(model.alone) if model.alone else Bare() if model.bare else None
        kind = Annotated[model, form] if form is not None else model
        fields[key] = (kind | None, Field(None, description=_words(model)))
    return fields


def _words(model: type[Model]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


FigureSet = create_model(
    "Figure",
    __base__=Model,
    __doc__="A figure: its kind, and what it shows.",
    **cast(Any, {kind: (model | None, Field(None, description=_words(model))) for kind, model in FIGURES.items()}),
)
FigureSet.where = "a figure"
_figures = Annotated[list[FigureSet], OneOrMany()]  # type: ignore[valid-type]

FilePart = create_model(
    "Part",
    __base__=PartModel,
    __doc__=PartModel.__doc__,
    **cast(
        Any,
        {
            **_asks(),
            "figure": (_figures | None, Field(None, description="One figure or several.")),
            "figures": (_figures | None, Field(None, description="The same as `figure`.")),
        },
    ),
)

FileModel = create_model(
    "Problem",
    __base__=ProblemModel,
    __doc__=ProblemModel.__doc__,
    **cast(
        Any,
        {
            "figure": (_figures | None, Field(None, description="One figure or several, before the parts.")),
            "figures": (_figures | None, Field(None, description="The same as `figure`.")),
            "parts": (list[FilePart] | None, Field(None, description="The questions.", min_length=1)),  # type: ignore[valid-type]
        },
    ),
)


def asked(part: PartModel) -> list[tuple[str, AskModel]]:
    """The asks that stand in the part."""
    return [(key, found) for key in ASKS if (found := getattr(part, key)) is not None]


def figures(holder: Model) -> list[FigureModel]:
    """The figures under `figure` and `figures`, in order."""
    sets = [*(getattr(holder, "figure", None) or ()), *(getattr(holder, "figures", None) or ())]
    return [found for each in sets for kind in FIGURES if (found := getattr(each, kind)) is not None]
