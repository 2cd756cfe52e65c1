"""From an author's file to a component: find its hooks, choose the world, componentize."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "hookgate:hooks"
VERSION = "0.1.0"
SDK = Path(__file__).resolve().parent.parent

CAPABILITIES = ("log", "config", "request", "clock", "random", "kv", "http", "secrets")
SHAPES = {
    "allow_signin": "gate",
    "modify_jwt": "mutation",
    "modify_session": "mutation",
    "validate_config": "check",
}


class BuildError(Exception):
    """Something that the author can mend: the command line shows the text alone."""


@dataclass
class Built:
    """What is in a component."""

    bytes: int
    hooks: list[str]
    capabilities: list[str]


def build(source: str | os.PathLike[str], output: str | os.PathLike[str], *, wasi: bool = False) -> Built:
    """Makes a component of the `EventHooks` subclass in a file.

    With `wasi` the component imports WASI, which gives it a real clock and real random numbers.
    """
    app = Path(source).resolve()
    if not app.is_file():
        raise BuildError(f"there is no file {source}")
    if not app.stem.isidentifier() or app.stem == "wit_world":
        raise BuildError(f"{app.name} can't be imported: name it like a Python module")
    found = _inspect(app)
    if not wasi:
        # What takes the place of WASI asks the server.
        implied = {"log": found["prints"], "clock": found["tells_time"], "random": found["draws"]}
        found["capabilities"] = [
            name for name in CAPABILITIES if name in found["capabilities"] or implied.get(name, False)
        ]
    with tempfile.TemporaryDirectory(prefix="hookgate-plugin-") as folder:
        world = _write_world(Path(folder), found)
        _write_entry(Path(folder), app.stem, found, wasi)
        target = Path(output).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        _componentize(app, Path(folder), world, target, wasi)
    names = [name.replace("_", "-") for name in found["hooks"]]
    return Built(target.stat().st_size, names, found["capabilities"])


def _inspect(app: Path) -> dict:
    """Imports the file in a Python of its own and asks what is in it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_search_path(app))}
    command = [sys.executable, "-m", "hookgate_plugin.build.inspect", str(app)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        raise BuildError(run.stderr.strip())
    return json.loads(run.stdout.splitlines()[-1])


def _write_world(folder: Path, found: dict) -> Path:
    """A world of exactly these exports and imports, beside the contract."""
    wit = folder / "wit"
    shutil.copytree(SDK / "wit", wit)
    items = [f"    import {name};\n" for name in found["capabilities"]]
    items += [f"    export {name.replace('_', '-')};\n" for name in found["exports"]]
    # Passkeys and decisions are there even if no hook speaks of them.
    text = f"package {PACKAGE}@{VERSION};\n\nworld plugin {{\n    import types;\n{''.join(items)}}}\n"
    (wit / "plugin.wit").write_text(text, encoding="utf-8")
    return wit


def _write_entry(folder: Path, module: str, found: dict, wasi: bool) -> None:
    """The module that has the exports. The plugin is imported after its surroundings are ready."""
    lines = [
        "from componentize_py_types import Err",
        "from wit_world.imports import types",
        *(f"from wit_world.imports import {name} as wit_{name}" for name in found["capabilities"]),
        "from hookgate_plugin import _component",
        "_component.use_records(types)",
    ]
    interfaces = ", ".join(f"{name}=wit_{name}" for name in found["capabilities"])
    lines.append(f"server = _component.ComponentServer(Err, {interfaces})")
    if not wasi:
        lines.append("from hookgate_plugin import _surroundings")
        if "clock" in found["capabilities"]:
            lines.append("_surroundings.replace_clock()")
        if found["prints"]:
            lines.append('_surroundings.replace_print(lambda line: server.log("info", line, []))')
        if "random" in found["capabilities"]:
            lines.append("seed = _surroundings.replace_randomness()")
        else:
            lines.append("_surroundings.refuse_randomness()")
    lines.append(f"from {module} import {found['class']} as Plugin")
    lines.append("exports = _component.Exports(Plugin, server, types, Err)")
    if wasi:
        # The snapshot has one seed for all.
        lines += ["import random", "exports.before_first.append(random.seed)"]
    elif "random" in found["capabilities"]:
        lines.append("exports.before_first.append(seed)")
    for name in found["exports"]:
        shape = SHAPES.get(name, "event")
        interface = "".join(part.capitalize() for part in name.split("_"))
        lines.append(f"class {interface}:")
        lines.append(f"    {name} = exports.{shape}({name!r})")
    lines += ["_component.warm_up(types, Err)", "exports.begin_early()"]
    (folder / "hookgate_entry.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _componentize(app: Path, folder: Path, wit: Path, output: Path, wasi: bool) -> None:
    tool = shutil.which("componentize-py", path=os.pathsep.join([sysconfig.get_path("scripts"), os.defpath]))
    tool = tool or shutil.which("componentize-py")
    if tool is None:
        raise BuildError("componentize-py is missing: run `pip install componentize-py`")
    command = [tool, "--quiet", "-d", str(wit), "-w", "plugin", "componentize", "hookgate_entry"]
    for path in [str(folder), *_search_path(app)]:
        command += ["-p", path]
    command += ["-o", str(output)]
    if not wasi:
        command.append("--stub-wasi")
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise BuildError(f"componentize-py can't load the plugin:\n{(run.stderr or run.stdout).strip()}")


def _search_path(app: Path) -> list[str]:
    """Where modules are: beside the plugin, in this SDK, and what is installed."""
    return [str(app.parent), str(SDK.parent), sysconfig.get_path("purelib")]
