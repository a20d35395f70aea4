"""What is given to start three processes: read as its own programs read it, and started for real."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bench.ports import free_port
from server.cli.commands import COMMANDS, load
from server.roles import roles_of
from server.settings import load_settings
from tests.crash.project import write_project
from tests.crash.several import Process, wait_until
from tests.docs.test_documents import ROOT
from tests.processes import command

TOKEN = "jeton-des-mesures-assez-long"
DEPLOY = ROOT / "deploy"
GIVEN = {"PROJET": "/srv/projet", "MOT_DE_PASSE": "mot", "SECRET": "s" * 32}
UNIT = (DEPLOY / "systemd" / "relance@.service").read_text(encoding="utf-8")
TARGET = (DEPLOY / "systemd" / "relance.target").read_text(encoding="utf-8")
COMPOSE: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
#: What the image begins with (`ENTRYPOINT`), so what the words of a service come after.
SERVICES = {name: one for name, one in COMPOSE["services"].items() if name != "base"}


def exec_start() -> Sequence[str]:
    (line,) = re.findall(r"^ExecStart=\S+/relance (.+)$", UNIT, re.MULTILINE)
    return shlex.split(line)


def instruction(name: str) -> Sequence[str]:
    """The words of an instruction of the Dockerfile, written as a list."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^{name} (\[.+\])$", text, re.MULTILINE)
    words: Sequence[str] = json.loads(line)
    return words


def filled(text: str) -> str:
    """As compose fills in what its file leaves to the environment."""

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        return GIVEN.get(name, default[2:] if default.startswith(":-") else "")

    return re.sub(r"\$\{(\w+)((?::[-?][^}]*)?)\}", value, text)


@pytest.mark.parametrize(
    "words", [exec_start(), instruction("CMD"), *(one["command"] for one in SERVICES.values())]
)
def test_each_command_is_one_that_exists_with_options_and_roles_that_do(
    words: Sequence[str],
) -> None:
    name, *rest = words
    assert name in COMMANDS
    given = [word.replace("%i", "8081") for word in rest]
    context = load(name).make_context(name, given, resilient_parsing=False)
    if context.params["roles"] is not None:
        assert roles_of(context.params["roles"])


def test_the_environment_of_the_services_is_settings_that_exist(tmp_path: Path) -> None:
    for service in SERVICES.values():
        environment = {name: filled(text) for name, text in service["environment"].items()}
        settings = load_settings(tmp_path, environment)
        assert settings.database.startswith("postgresql://relance:mot@base/")
        assert (settings.listen, settings.proxies, settings.metrics_token) == ("0.0.0.0", (), "")
        assert service["volumes"] == ["${PROJET:?le dossier du projet}:/projet"]
    database = COMPOSE["services"]["base"]["environment"]
    assert (database["POSTGRES_USER"], database["POSTGRES_DB"]) == ("relance", "relance")


def test_several_services_may_be_the_first_and_each_has_a_port_of_its_own() -> None:
    roles = [roles_of(one["command"][-1]) for one in SERVICES.values()]
    assert len(roles) == 3
    assert sum("envoyer" in {role.value for role in one} for one in roles) >= 2
    ports = [one["ports"][0] for one in SERVICES.values()]
    assert len(set(ports)) == 3
    assert all(one.startswith("127.0.0.1:") and one.endswith(":8080") for one in ports)


def test_compose_itself_reads_its_file() -> None:
    compose = _compose()
    if compose is None:
        pytest.skip("docker compose n’est pas installé")
    environment = {**os.environ, **GIVEN}
    words = [*compose, "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def _compose() -> Sequence[str] | None:
    for words in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(words[0]):
            asked = subprocess.run([*words, "version"], capture_output=True)
            if asked.returncode == 0:
                return words
    return None


def test_the_image_copies_what_is_there_and_all_that_is_installed() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = [
        word for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for word in line.split()
    ]
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}\n" in kept, name
    assert {"relance", "dsl", "server", "plugins", "rules"} <= set(copied)
    assert "--require-hashes -r requirements.lock" in text


def test_systemd_itself_reads_the_units_and_finds_nothing_to_say(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze n’est pas installé")
    relance = shutil.which("true")
    unit = re.sub(r"^ExecStart=\S+", f"ExecStart={relance}", UNIT, flags=re.MULTILINE)
    (tmp_path / "relance@8081.service").write_text(unit, encoding="utf-8")
    (tmp_path / "relance.target").write_text(TARGET, encoding="utf-8")
    words = [analyze, "verify", "--man=no", str(tmp_path / "relance@8081.service")]
    done = subprocess.run(
        [*words, str(tmp_path / "relance.target")], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if "relance" in line]
    assert (done.returncode, said) == (0, [])


def test_the_target_starts_three_ports_of_the_unit() -> None:
    ports = re.findall(r"relance@(\d+)\.service", TARGET)
    assert len(set(ports)) == 3
    assert "%i" in UNIT


@pytest.mark.timeout(240)
def test_three_processes_started_by_those_commands_share_a_base_and_are_told(
    tmp_path: Path, new_postgresql: Any
) -> None:
    address, ports = new_postgresql(), [free_port() for _ in range(3)]
    folder = write_project(tmp_path / "projet", port=ports[0], smtp=free_port())
    written = (folder / "relance.toml").read_text("utf-8")
    measured = f'{written}\n[metriques]\njeton = "{TOKEN}"\n'
    (folder / "relance.toml").write_text(f'base = "{address}"\n{measured}', "utf-8")
    roles = [one["command"][-1] for one in SERVICES.values()]
    with ExitStack() as stack:
        several = [
            stack.enter_context(Process(folder, port, said))
            for port, said in zip(ports, roles, strict=True)
        ]
        for one in several:
            assert one.wait_ready()
            assert httpx.get(f"{one.url}/sante").status_code in (200, 503)

        def states() -> Sequence[str]:
            found = json.loads(command("etat", folder, "--json").out)
            return sorted(one["etat"] for one in found["processus"])

        wait_until(lambda: states() == ["aide", "aide", "premier"], 60)
        shown = {"authorization": f"Bearer {TOKEN}"}
        texts = [httpx.get(f"{one.url}/metrics", headers=shown).text for one in several]
        assert all("relance_intake_facts_total 0.0" in one for one in texts)
        (of_all,) = [one for one in texts if "relance_base_up 1.0" in one]
        assert 'relance_processes{state="aide"} 2.0' in of_all
        for one in several:
            assert one.stop() < 12
