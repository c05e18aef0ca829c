"""Files that anybody on the machine may write, or secrets that they may read, are not taken without a word."""

import os

import pytest
from certificates import made_certificates
from config_files import BASE, load, problems, write

from gatewayd.errors import ConfigError

MQTT = 'url = "mqtt://127.0.0.1"\n'
WITH_PASSWORD = BASE.replace(MQTT, f'{MQTT}password_file = "p"\n')
WITH_KEY = BASE.replace(MQTT, 'url = "mqtts://h"\ncert_file = "c.pem"\nkey_file = "k.pem"\n')


def written(folder, text, name, mode):
    path = write(folder, text, name)
    path.chmod(mode)
    return path


def a_secret(folder, name, mode):
    """A password, or a key beside its certificate."""
    made = made_certificates(folder)
    made.certificate.rename(folder / "c.pem")
    written(folder, made.key.read_bytes() if name == "k.pem" else "x", name, mode)


@pytest.mark.parametrize("name", ["gatewayd.toml", "conf.d/more.toml"])
def test_a_config_that_anybody_may_write_is_refused(tmp_path, name):
    path = write(tmp_path, BASE)
    if name != "gatewayd.toml":
        write(tmp_path, "[summary]\nevery = '5s'\n", name)
    (tmp_path / name).chmod(0o666)
    with pytest.raises(ConfigError, match=f"{name}: anybody on this machine may write it; chmod o-w /"):
        load(path)


def test_a_folder_into_which_anybody_may_put_configs_is_refused(tmp_path):
    path = write(tmp_path, BASE)
    write(tmp_path, "[summary]\nevery = '5s'\n", "conf.d/more.toml").parent.chmod(0o777)
    with pytest.raises(ConfigError, match=r"conf.d: anybody on this machine may write it"):
        load(path)


def test_a_folder_in_which_anybody_may_replace_the_config_is_refused(tmp_path):
    path = write(tmp_path, BASE)
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match=f"{tmp_path}: anybody on this machine may write it; chmod o-w /"):
        load(path)


def test_a_folder_in_which_everybody_keeps_what_is_theirs_is_right(tmp_path):
    path = write(tmp_path, BASE)
    tmp_path.chmod(0o1777)
    assert load(path).problems == ()


@pytest.mark.parametrize("name", ["gatewayd.toml", "."])
def test_a_config_of_another_user_is_told(tmp_path, name, monkeypatch):
    path = write(tmp_path, BASE)
    monkeypatch.delenv("SUDO_UID", raising=False)
    owner = (tmp_path / name).stat().st_uid
    monkeypatch.setattr("gatewayd.config.permissions._found", foreign(tmp_path / name, owner + 4_000_000))
    (problem,) = load(path).problems
    assert f"the user {owner + 4_000_000} could change it" in str(problem)
    assert "; chown root /" in str(problem)
    assert load(path, offline=True).problems == ()


def test_who_became_root_by_sudo_may_say_what_the_gateway_does(tmp_path, monkeypatch):
    path = write(tmp_path, BASE)
    monkeypatch.setattr("gatewayd.config.permissions._found", foreign(path, 4_000_000))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_UID", "4000000")
    assert load(path).problems == ()


def foreign(theirs, uid):
    """What is seen of files, of which one is somebody else's."""

    def found(path):
        seen = list(path.stat())
        return os.stat_result([*seen[:4], uid, *seen[5:]]) if path.samefile(theirs) else path.stat()

    return found


def test_to_try_a_config_on_a_recording_it_may_lie_anywhere(tmp_path):
    assert load(written(tmp_path, BASE, "gatewayd.toml", 0o666), offline=True)


@pytest.mark.parametrize(("text", "name", "line"), [(WITH_PASSWORD, "p", 5), (WITH_KEY, "k.pem", 6)])
def test_a_secret_that_anybody_may_read_is_told_and_used(tmp_path, text, name, line):
    a_secret(tmp_path, name, 0o644)
    (told,) = load(write(tmp_path, text)).problems
    assert not told.fatal
    secret = tmp_path / name
    assert str(told).endswith(f"toml:{line}:1: anybody may read {secret}, which is a secret; chmod o= {secret}")


@pytest.mark.parametrize(("text", "name"), [(WITH_PASSWORD, "p"), (WITH_KEY, "k.pem")])
def test_a_secret_that_anybody_may_write_is_refused(tmp_path, text, name):
    a_secret(tmp_path, name, 0o602)
    (line,) = problems(tmp_path, text)
    assert f"anybody may write {name}, which is a secret; chmod o= {name}" in line


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o400])
def test_a_secret_of_some_is_nobodys_concern(tmp_path, mode):
    written(tmp_path, "x", "p", mode)
    assert not load(write(tmp_path, WITH_PASSWORD)).problems
