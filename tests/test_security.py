"""What docs/security.md promises of the code: it runs nothing that came as data, and listens nowhere unasked."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = sorted(path for top in ("gatewayd", "plugins", "ext") for path in (ROOT / top).rglob("*.py"))
KIT = ("gatewayd/testing/", "plugins/simulator/demo/")
"""What the daemon never imports: the kit for tests of plugins, and the demo."""

EXECUTING = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "yaml",
    "code",
    "runpy",
}
"""Reading what these wrote can run anything (yaml: by its usual loader), or that is what they are for."""
SHARING = {"multiprocessing", "multiprocessing.connection", "xmlrpc", "concurrent.futures.process"}
"""They speak pickle, or execute what is asked."""
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
SHELLS = {"system", "popen", "execv", "execve", "execvp", "spawnv", "posix_spawn", "create_subprocess_shell"}
UNVERIFIED = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context", "_create_stdlib_context"}
SERVERS = {"start_server", "start_unix_server", "create_server", "create_unix_server", "listen"}

STARTS_PROCESSES = {"gatewayd/isolation/process.py", "gatewayd/doctor/service.py"}
"""Itself, for an isolated line; and `systemctl show`, for who asks the doctor."""
LISTENS = {
    "gatewayd/control/door.py": "a Unix socket for root and its own user",
    "gatewayd/metrics/server.py": "when told to",
}


WORDS = EXECUTING | SHARING | CALLS | SHELLS | UNVERIFIED | {"shell", "numpy"}
SUSPECT = re.compile(rf"\b({'|'.join(map(re.escape, sorted(WORDS)))})\b")
"""To parse all of our files would take seconds."""


def breaches(source):
    """What a module does that none of ours may do, in words."""
    for node in ast.walk(ast.parse(source)) if SUSPECT.search(source) else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"imports {name}" for name in names if {name, name.split(".")[0]} & (EXECUTING | SHARING))
        elif isinstance(node, ast.Call):
            yield from _calls(node)
        elif isinstance(node, ast.Attribute) and node.attr in UNVERIFIED | SHELLS:
            yield f"uses {node.attr}"


def _calls(node):
    name, owner = _called(node)
    given = {each.arg: getattr(each.value, "value", None) for each in node.keywords}
    if name in CALLS and not owner:
        yield f"calls {name}"
    if given.get("shell"):
        yield "uses a shell"
    if (name, owner) in {("load", "np"), ("load", "numpy")} and given.get("allow_pickle") is not False:
        yield "np.load without allow_pickle=False"


def _called(node):
    """The name of what is called, and of the module or object that it is of."""
    if isinstance(node.func, ast.Name):
        return node.func.id, ""
    return getattr(node.func, "attr", ""), getattr(getattr(node.func, "value", None), "id", "?")


def calling(*names):
    """The modules that the daemon or its command line may import in which something of these names is called."""
    mentioned = re.compile(rf"\b({'|'.join(names)})\(")
    found = set()
    for path in OURS:
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if not name.startswith(KIT) and mentioned.search(text):
            calls = (_called(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            found |= {name for called, owner in calls if called in names and owner}
    return found


def test_nothing_that_came_as_data_is_executed_and_no_certificate_goes_unverified():
    assert not [f"{path}: {breach}" for path in OURS for breach in breaches(path.read_text())]


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from shelve import open",
        "def f():\n    import multiprocessing.pool",
        "eval(text)",
        "exec(compile(text, '', 'exec'))",
        "import numpy as np\nnp.load(path)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "subprocess.run(text, shell=True)",
        "os.system(text)",
        "context.verify_mode = ssl.CERT_NONE",
        "ssl._create_unverified_context()",
    ],
)
def test_a_breach_is_noticed(source):
    assert list(breaches(source))


def test_processes_are_started_for_isolated_lines_and_by_the_doctor():
    starting = calling("Popen", "run", "check_output", "create_subprocess_exec")
    assert {name for name in starting if "import subprocess" in (ROOT / name).read_text()} == STARTS_PROCESSES


def test_it_listens_at_its_control_socket_and_where_it_is_told_to():
    assert calling(*SERVERS) == LISTENS.keys()


def test_nobody_upstream_can_say_anything():
    """Nothing is subscribed to: what the broker has to say are acknowledgements."""
    assert not {name for name in calling("subscribe") if name.startswith("gatewayd/")}
