"""The reports of models: what `gatewayd model status` and `gatewayd model card` print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatewayd.report.words import Answer, ago, number, span, table

HEADING = ("model", "state", "health", "version", "learned", "drift", "remarks")


def headline(model: Answer) -> str:
    """One model in a line of the status."""
    health = f", health {number(model['score'])}" if model["score"] is not None else ""
    version = f", version {model['version']}" if model["version"] else ""
    why = f"  {model['why']}" if model["why"] else ""
    return f"model {model['name']}  {model['state']}{health}{version}{why}"


def model_lines(models: Sequence[Answer]) -> Iterator[str]:
    """How each stands; a health above 1 is beyond the edge of normal."""
    if not models:
        yield "the config has no models"
        return
    yield from table(HEADING, (_row(model) for model in models))
    for model in models:
        if len(model["points"]) > 1:
            yield ""
            points = (
                (each["point"], str(each["version"] or "-"), _percent(each["progress"])) for each in model["points"]
            )
            yield from table((f"{model['name']} at", "version", "learning"), points)


def _row(model: Answer) -> tuple[str, ...]:
    version = f"{model['version']} of {', '.join(map(str, model['versions']))}" if model["version"] else "-"
    learned = ago(model["learned"]) if model["version"] else "-"
    drift = "frozen" if model["frozen"] else _percent(model["adapted"])
    return model["name"], model["state"], number(model["score"]), version, learned, drift, _remarks(model)


def _remarks(model: Answer) -> str:
    moved = ", ".join(f"{cause['channel']} {cause['share']:.0%}" for cause in model["causes"][:3])
    beyond = model["score"] is not None and model["score"] > 1.0
    told = [model["why"], f"moved by {moved}" if moved and beyond else "", *model["doubts"]]
    return "; ".join(filter(None, told))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def card_lines(card: Answer) -> Iterator[str]:
    """What one version has learned, when, from how much, and how stable that was."""
    force = "in force" if card["in_force"] else "not in force"
    at = f" at {card['point']}" if card["point"] else ""
    yield f"model {card['model']}, version {card['version']}{at} ({force})"
    yield f"  made for    {card['why']}"
    yield f"  learned     {ago(card['learned'])}, begun {ago(card['begun'])}"
    passed = f"; {card['passed_over']} rows were not fit" if card["passed_over"] else ""
    yield f"  from        {card['rows']} rows, {span(card['seconds'])} of healthy running{passed}"
    yield f"  stability   spread {number(card['spread'])} (1 is the most that counts as one normal)"
    accepted = " (accepted)" if card["accepted"] else ""
    for doubt in card["doubts"]:
        yield f"  doubt       {doubt}{accepted}"
    yield ""
    yield from table(
        ("channel", "normal", "from", "to", "unit", "remark"), (_channel(each) for each in card["channels"])
    )


def _channel(channel: Answer) -> tuple[str, ...]:
    numbers = (number(channel[key]) if channel["judged"] else "-" for key in ("middle", "low", "high"))
    return channel["channel"], *numbers, channel["unit"], channel["remark"]
