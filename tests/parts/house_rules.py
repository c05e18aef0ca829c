"""The import rules of the house (docs/architecture.md), as a check of any tree that is laid out like ours."""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter

FOLDERS = {"gatewayd": "gatewayd", "plugins": "gatewayd_plugins", "ext": "gatewayd_ext"}

LAYERS = (
    ("gatewayd.timeservice", "gatewayd.beside"),
    (
        *("gatewayd", "gatewayd.model", "gatewayd.errors", "gatewayd.clock", "gatewayd.duration", "gatewayd.foreign"),
        "gatewayd.ucum",
        *("gatewayd.early", "gatewayd.logs.outlet", "gatewayd.daemon.garbage"),
        *("gatewayd.state.disk", "gatewayd.state.storage"),
        "gatewayd_ext",
    ),
    ("gatewayd.records",),
    ("gatewayd.features",),
    ("gatewayd.formulas", "gatewayd.models", "gatewayd.forecasts"),
    ("gatewayd.plugin", "gatewayd.engine"),
    ("gatewayd.registry.deprecation",),
    ("gatewayd.registry.registration",),
    (
        *("gatewayd.registry.registry", "gatewayd.state.places", "gatewayd.logs.logs"),
        *("gatewayd.daemon.orders", "gatewayd.daemon.succession", "gatewayd.daemon.systemd"),
    ),
    (
        *("gatewayd.state.folder", "gatewayd.state.signpost", "gatewayd.control.asking"),
        *("gatewayd.configured", "gatewayd.daemon.upkeep"),
    ),
    ("gatewayd.control.door", "gatewayd.moving"),
    ("gatewayd.budget",),
    (
        *("gatewayd.config", "gatewayd.sources", "gatewayd.uplink", "gatewayd.calculator"),
        *("gatewayd.recorder", "gatewayd.evidence"),
    ),
    (
        *("gatewayd.isolation", "gatewayd.operators", "gatewayd.report", "gatewayd.pages"),
        *("gatewayd.explain", "gatewayd.editing", "gatewayd.control.whereabouts"),
        *(
            "gatewayd.daemon.status",
            "gatewayd.daemon.allowance",
            "gatewayd.daemon.changes",
            "gatewayd.daemon.forgetting",
        ),
    ),
    ("gatewayd.daemon.judging", "gatewayd.replay", "gatewayd.testing", "gatewayd.metrics", "gatewayd.top"),
    ("gatewayd.daemon.reloading",),
    ("gatewayd.daemon.run",),
    ("gatewayd.daemon.daemon", "gatewayd.analysis", "gatewayd.scaffold", "gatewayd.doctor"),
    ("gatewayd.daemon", "gatewayd.state", "gatewayd.control", "gatewayd.registry", "gatewayd.logs"),
    ("gatewayd.cli",),
    ("gatewayd.__main__",),
)
"""From the ground up; what stands in one row does not know each other."""

WITHIN_SOURCES = (
    ("gatewayd.sources.calling", "gatewayd.sources.timing", "gatewayd.sources.reading", "gatewayd.sources.memory"),
    ("gatewayd.sources.health",),
    ("gatewayd.sources.lines", "gatewayd.sources.polling", "gatewayd.sources.way"),
    ("gatewayd.sources.places",),
    ("gatewayd.sources.field",),
)
"""The same within `gatewayd.sources`."""

PURE = (
    *("gatewayd.engine", "gatewayd.features", "gatewayd.formulas", "gatewayd.models", "gatewayd.forecasts"),
    *("gatewayd.model", "gatewayd.records"),
    *("gatewayd.errors", "gatewayd.duration", "gatewayd.foreign", "gatewayd.ucum", "gatewayd.explain"),
)
OF_THE_WORLD = (
    *("time", "datetime", "random", "secrets", "uuid", "gatewayd.clock", "gatewayd.timeservice"),
    *("asyncio", "concurrent", "threading", "multiprocessing", "queue", "select", "signal"),
    *("io", "os", "pathlib", "shutil", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "urllib"),
    *("logging", "structlog"),
)
"""What a pure module has no use for: clocks, chance, I/O, threads."""

ONLY_IN = {"aiomqtt": "gatewayd.uplink.mqtt.client", "paho": "gatewayd.uplink.mqtt.client", "scipy": None}
"""Who alone may import what (None: nobody). A plugin may speak MQTT as it may any protocol."""

PLANS_ONLY = (
    *("gatewayd.config", "gatewayd.sources", "gatewayd.uplink", "gatewayd.calculator"),
    *("gatewayd.recorder", "gatewayd.evidence", "gatewayd.isolation"),
)
"""They know the engine's plan, not the engine."""


def broken_rules(root):
    """Every breach of the rules below `root`, in words."""
    graph = _imports(root)
    found = [breach for name, targets in graph.items() for breach in _breaches(name, targets)]
    return sorted(found + _cycle(graph))


def _imports(root):
    """What each module imports, wherever in its text; importing a module's name means importing the module."""
    files = {_name(path.relative_to(root)): path for top in FOLDERS for path in (root / top).rglob("*.py")}
    return {name: _targets(path, files) - {name} for name, path in sorted(files.items())}


def _name(path):
    folder, *rest = path.with_suffix("").parts
    return ".".join([FOLDERS[folder], *(part for part in rest if part != "__init__")])


def _targets(path, modules):
    targets = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            inner = {f"{origin}.{alias.name}" for alias in node.names}
            targets |= {name for name in inner if name in modules}
            targets |= {origin} if inner - modules.keys() else set()
    return targets


def _statements(block):
    """All statements within one, in an eighth of the time that looking at all expressions, too, would take."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for statement in getattr(block, part, ()):
            yield statement
            yield from _statements(statement)


def _breaches(name, targets):
    for target in sorted(targets):
        for wrong in _wrongs(name, target):
            yield f"{name} imports {target}: {wrong}"
    if name.split(".")[0] != "gatewayd_plugins" and _layer(name) is None:
        yield f"{name} has no layer: give it one in tests/parts/house_rules.py"


def _wrongs(name, target):
    if target.startswith("."):
        yield "relative imports hide what is imported"
    if any(_inside(name, pure) for pure in PURE) and (target in OF_THE_WORLD or _top(target) in OF_THE_WORLD):
        yield "it must stay pure"
    if _top(target) in ONLY_IN:
        yield from _wrongs_of_owner(name, ONLY_IN[_top(target)])
    if _top(name) == "gatewayd_plugins":
        yield from _wrongs_of_plugin(name, target)
    elif _top(target) in FOLDERS.values():
        yield from _wrongs_of_layer(name, target)


def _wrongs_of_owner(name, owner):
    if owner is None:
        yield "only tests and benchmarks may"
    elif name != owner and _top(name) != "gatewayd_plugins":
        yield f"only {owner} may"


def _wrongs_of_plugin(name, target):
    own = ".".join(name.split(".")[:2])
    if _top(target) in FOLDERS.values() and target != "gatewayd.plugin" and not _inside(target, own):
        yield "a plugin knows gatewayd.plugin and itself, nothing else of ours"


def _wrongs_of_layer(name, target):
    if _top(target) == "gatewayd_plugins":
        yield "plugins come in through their entry points"
        return
    here, there = _layer(name), _layer(target)
    if here is None or there is None:
        return
    if _goes_up(here, there) or _goes_up(_layer(name, WITHIN_SOURCES), _layer(target, WITHIN_SOURCES)):
        yield "imports go down only"
    if here[1] in PLANS_ONLY and there[1] == "gatewayd.engine" and target != "gatewayd.engine.plan":
        yield "of the engine only its plan is known here"


def _goes_up(here, there):
    """Whether who is `here` would import upwards, or sideways, from `there`."""
    return bool(here and there) and (there[0] > here[0] or (there[0] == here[0] and there != here))


@cache
def _layer(name, layers=LAYERS):
    """(height, part) of a module; None where it has no place."""
    if name == "gatewayd":
        return 0, "gatewayd"
    places = [(height, part) for height, layer in enumerate(layers) for part in layer if part != "gatewayd"]
    return next(((height, part) for height, part in places if _inside(name, part)), None)


def _cycle(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"modules import each other: {' -> '.join(reversed(error.args[1]))}"]
    return []


def _inside(name, package):
    return name == package or name.startswith(f"{package}.")


def _top(name):
    return name.split(".")[0]
