"""A Debian with systemd as its first process, in a container on a throw-away copy of a tree that was made once."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import gatewayd

TREE = Path(os.environ.get("GATEWAYD_TREE", "~/.cache/gatewayd-testbed/bookworm")).expanduser()
MAKING = f"debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3,mosquitto,iproute2 bookworm {TREE}"
ROOT = Path(__file__).parents[2]
HOME = "/opt/gatewayd"
PATIENCE = 40.0

ENTERING = """
echo $$ > "$CGROUP/cgroup.procs"
exec unshare --cgroup --mount --pid --fork --kill-child --mount-proc --propagation private "$@"
"""
# PID 1 of this machine may be anything, and cgroups those of version 1: so the container gets its own of version 2.
BOOTING = """
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/outside
echo $$ > /sys/fs/cgroup/outside/cgroup.procs
mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$FOLDER/root"
exec systemd-nspawn --register=no --keep-unit --quiet --boot --directory="$FOLDER/root" --private-network \\
    --console=pipe "$@"
"""


def obstacle():
    """Why no system can be booted here; empty when it can."""
    tools = ("systemd-nspawn", "unshare", "nsenter")
    if os.geteuid() != 0:
        return "needs root"
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        return f"{', '.join(missing)} is not installed (apt-get install systemd-container)"
    if not (TREE / "usr/lib/systemd/systemd").exists():
        return f"there is no tree at {TREE}: {MAKING}"
    if not (TREE / f"usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}").exists():
        return f"the tree at {TREE} has another Python than this one"
    return "" if _cgroups() else "there are no cgroups of version 2"


def _cgroups():
    """Where cgroups of version 2 are mounted, if they are."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next((Path(parts[1]) for parts in mounts if parts[2] == "cgroup2"), None)


class Booted:
    """A system whose disk is `folder`: what was written to it is there again after `cut` and `boot`."""

    def __init__(self, folder):
        self.folder = folder
        self._cgroup = _cgroups() / f"gatewayd-test-{os.getpid()}"
        self._process = None
        self._leader = 0
        for each in ("upper", "work", "root"):
            (folder / each).mkdir(parents=True)

    def write(self, name, text, mode=0o644):
        """A file of the disk, while the system does not run."""
        path = self.folder / "upper" / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def install(self):
        """The installed gatewayd, as pip would have put it into a virtual environment with Debian's Python."""
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self.write(f"{HOME}/pyvenv.cfg", f"home = /usr/bin\nversion = {version}\n")
        self.write(f"{HOME}/bin/gatewayd", f"#!{HOME}/bin/python3\nfrom gatewayd.cli import main\nmain()\n", 0o755)
        (self.folder / "upper" / HOME[1:] / "bin/python3").symlink_to("/usr/bin/python3")
        for part in ("sysusers.d", "tmpfiles.d"):
            self.write(f"{HOME}/lib/{part}/gatewayd.conf", (ROOT / "systemd" / part / "gatewayd.conf").read_text())
        unit = (ROOT / "systemd/gatewayd.service").read_text()
        self.write(f"{HOME}/lib/systemd/system/gatewayd.service", unit)

    def boot(self):
        """Switch it on, and wait until it is up; gives the seconds that it took."""
        begun = time.monotonic()
        self._cgroup.mkdir(exist_ok=True)
        binds = [f"--bind-ro={sysconfig.get_path('purelib')}:{HOME}/lib/python3.{sys.version_info[1]}/site-packages"]
        if Path(gatewayd.__file__).is_relative_to(ROOT):  # an editable install
            binds.append(f"--bind-ro={ROOT}")
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                ["bash", "-c", ENTERING, "entering", "bash", "-c", BOOTING, "booting", *binds],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "TREE": str(TREE), "FOLDER": str(self.folder), "CGROUP": str(self._cgroup)},
            )
        self._leader = self.until(self._first_process, "it did not boot")
        self.until(self._is_up, "it did not come up")
        return time.monotonic() - begun

    def cut(self):
        """Switch it off, without a word to anybody in it."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._leader = 0
        self.until(lambda: not self._all(), "it lives on")
        for path in sorted(self._cgroup.rglob("*/"), reverse=True):
            path.rmdir()
        self._cgroup.rmdir()

    def run(self, *command, check=True):
        """The output of a command within the system."""
        ran = self._ran(*command)
        assert ran.returncode == 0 or not check, f"{command}: {ran.stdout}{ran.stderr}{self.log()}"
        return ran.stdout.strip()

    def path(self, name):
        """Where a file of the running system is, seen from outside."""
        return Path(f"/proc/{self._leader}/root") / name.lstrip("/")

    def told(self, *properties):
        """What systemd says of the unit: a text each."""
        lines = self.run("systemctl", "show", "gatewayd", *(f"--property={each}" for each in properties)).splitlines()
        found = dict(line.split("=", 1) for line in lines)
        return tuple(found[each] for each in properties)

    def log(self):
        """The last of the unit's log."""
        return self._ran("journalctl", "-u", "gatewayd", "-n", "40", "-o", "cat").stdout if self._leader else ""

    def signal(self, number):
        """Send the daemon a signal."""
        self.run("systemctl", "kill", "--kill-whom=main", f"--signal={signal.Signals(number).name}", "gatewayd")

    def until(self, condition, otherwise, patience=PATIENCE):
        """Ask again until it holds; gives what it gave."""
        deadline = time.monotonic() + patience
        while not (found := condition()):
            assert time.monotonic() < deadline, f"{otherwise}: {self._console()}\n{self.log()}"
            time.sleep(0.02)
        return found

    def _ran(self, *command):
        entering = ["nsenter", "--target", str(self._leader), "--all", "--", *command]
        return subprocess.run(entering, capture_output=True, text=True, check=False, timeout=PATIENCE)

    def _is_up(self):
        return self.run("systemctl", "is-system-running", check=False) in {"running", "degraded"}

    def _first_process(self):
        """The pid, outside, of what is process 1 inside; 0 before there is one."""
        assert self._process.poll() is None, self._console()
        return next((int(pid) for pid in self._all() if _is_first(Path("/proc") / pid)), 0)

    def _all(self):
        return [pid for each in self._cgroup.rglob("cgroup.procs") for pid in each.read_text().split()]

    def _console(self):
        return (self.folder / "console").read_text(errors="replace")[-2000:]


def _is_first(process):
    """Whether a process is systemd, and the first of its namespace."""
    try:
        numbers = next(line for line in (process / "status").read_text().splitlines() if line.startswith("NSpid:"))
        return (process / "comm").read_text() == "systemd\n" and numbers.split()[-1] == "1"
    except OSError:  # it is gone
        return False
