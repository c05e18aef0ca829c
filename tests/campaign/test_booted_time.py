"""Time and the doctor in a booted systemd: what can be asked within the sandbox, and what is seen from outside."""

import json
import shutil

import pytest
from booted import HOME, ROOT, Booted, obstacle

pytestmark = [pytest.mark.campaign, pytest.mark.skipif(bool(obstacle()), reason=obstacle())]

CONFIG = """\
[gateway]
id = "site"
[mqtt]
url = "mqtt://127.0.0.1"
username = "site"
password_file = "mqtt.password"
[sources.pump]
plugin = "simulator"
"""
ASKING = (
    "from gatewayd.timeservice import kernel, timedated;"
    "print('ANSWERS', kernel.synchronized(), timedated.synchronized())"
)
OTHER = ("Type=", "Watchdog", "Restart", "ExecStart=", "ExecReload=", "NotifyAccess=")


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    system = Booted(tmp_path_factory.mktemp("disk") / "disk")
    try:
        system.install()
        system.write("/etc/gatewayd/gatewayd.toml", CONFIG)
        system.write("/etc/gatewayd/mqtt.password", "secret\n", 0o600)
        system.write("/etc/systemd/system/gatewayd-asks.service", asking())
        handed_over = "[Service]\nLoadCredential=mqtt.password:/etc/gatewayd/mqtt.password\n"
        system.write("/etc/systemd/system/gatewayd.service.d/test.conf", handed_over)
        system.boot()
        system.run("systemd-sysusers", f"{HOME}/lib/sysusers.d/gatewayd.conf")
        system.run("systemd-tmpfiles", "--create", f"{HOME}/lib/tmpfiles.d/gatewayd.conf")
        yield system
    finally:
        system.cut()
        shutil.rmtree(system.folder, ignore_errors=True)


def asking():
    """A unit with the sandbox of ours that asks who keeps the clock."""
    lines = (ROOT / "systemd/gatewayd.service").read_text().splitlines()
    unit = "\n".join(line for line in lines if not line.startswith(OTHER))
    return unit.replace("[Service]", f'[Service]\nType=oneshot\nExecStart={HOME}/bin/python3 -c "{ASKING}"')


def test_within_the_sandbox_the_kernel_may_not_be_asked_and_timedated_answers_for_it(system):
    system.run("systemctl", "start", "gatewayd-asks")
    said = system.run("journalctl", "-u", "gatewayd-asks", "-o", "cat")
    truth = {"yes": "True", "no": "False"}[system.run("timedatectl", "show", "--property=NTPSynchronized", "--value")]
    assert f"ANSWERS None {truth}" in said


def grades(system):
    told = json.loads(system.run(f"{HOME}/bin/gatewayd", "doctor", "--json", check=False))
    return {(each["check"], each["grade"]): each["what"] for each in told}


def test_the_doctor_sees_the_service_before_and_after_it_is_started(system):
    before = grades(system)
    assert before["service", "warning"].startswith("there is no unit")
    assert ("broker", "ok") in before
    system.run("systemctl", "enable", "--now", f"{HOME}/lib/systemd/system/gatewayd.service")
    after = system.until(lambda: (found := grades(system)) and ("broker", "ok") in found and found, "no broker")
    assert after["service", "ok"] == "it is active"
    assert after["files", "ok"] == "gatewayd can read the config and write /var/lib/gatewayd"
    assert after["broker", "ok"] == "127.0.0.1:1883: the running gateway is connected"
    assert not [check for check, grade in after if grade == "problem"]
