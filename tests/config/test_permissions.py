"""Files that anybody on the machine may write, or secrets that they may read, are not taken without a word."""

import pytest
from config_files import BASE, load, problems, write

from gatewayd.errors import ConfigError

MQTT = 'url = "mqtt://127.0.0.1"\n'
WITH_PASSWORD = BASE.replace(MQTT, f'{MQTT}password_file = "p"\n')
WITH_KEY = BASE.replace(MQTT, 'url = "mqtts://h"\ncert_file = "c.pem"\nkey_file = "k.pem"\n')


def written(folder, text, name, mode):
    path = write(folder, text, name)
    path.chmod(mode)
    return path


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


def test_to_try_a_config_on_a_recording_it_may_lie_anywhere(tmp_path):
    assert load(written(tmp_path, BASE, "gatewayd.toml", 0o666), offline=True)


@pytest.mark.parametrize(("text", "name", "line"), [(WITH_PASSWORD, "p", 5), (WITH_KEY, "k.pem", 6)])
def test_a_secret_that_anybody_may_read_is_told_and_used(tmp_path, text, name, line):
    write(tmp_path, "x", "c.pem")
    written(tmp_path, "x", name, 0o644)
    (told,) = load(write(tmp_path, text)).problems
    assert not told.fatal
    secret = tmp_path / name
    assert str(told).endswith(f"toml:{line}:1: anybody may read {secret}, which is a secret; chmod o= {secret}")


@pytest.mark.parametrize(("text", "name"), [(WITH_PASSWORD, "p"), (WITH_KEY, "k.pem")])
def test_a_secret_that_anybody_may_write_is_refused(tmp_path, text, name):
    write(tmp_path, "x", "c.pem")
    written(tmp_path, "x", name, 0o602)
    (line,) = problems(tmp_path, text)
    assert f"anybody may write {name}, which is a secret; chmod o= {name}" in line


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o400])
def test_a_secret_of_some_is_nobodys_concern(tmp_path, mode):
    written(tmp_path, "x", "p", mode)
    assert not load(write(tmp_path, WITH_PASSWORD)).problems
