"""What is in an author's file: run in a Python of its own, which imports it. Answers with JSON."""

import ast
import importlib
import json
import sys
from pathlib import Path

from hookgate_plugin.build import CAPABILITIES
from hookgate_plugin.hooks import CHECK, EventHooks, has_check, overridden

MODULES_WITH_A_CLOCK = {"time", "datetime"}
MODULES_WITH_RANDOMNESS = {"random", "secrets", "uuid"}


def main(app: Path) -> None:
    before = set(sys.modules)
    try:
        module = importlib.import_module(app.stem)
    except Exception as error:
        sys.exit(f"{app.name} can't be imported: {type(error).__name__}: {error}")
    plugins = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, EventHooks)]
    # A base class of another plugin is not one itself.
    leaves = [p for p in plugins if p is not EventHooks and not any(q is not p and issubclass(q, p) for q in plugins)]
    if len(leaves) != 1:
        names = ", ".join(plugin.__name__ for plugin in leaves) or "none"
        sys.exit(f"{app.name} must have one class that extends EventHooks; it has {names}")
    hooks = overridden(leaves[0])
    if not hooks:
        sys.exit(f"{leaves[0].__name__} overrides no hook of EventHooks")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in _own_files(app, before)]
    used = {name for name in CAPABILITIES if f"hookgate_plugin.{name}" in sys.modules}
    prints = any(isinstance(node, ast.Name) and node.id == "print" for tree in trees for node in ast.walk(tree))
    tells_time = any(_imports(tree, MODULES_WITH_A_CLOCK) for tree in trees)
    draws = any(_imports(tree, MODULES_WITH_RANDOMNESS) or _names(tree, "urandom") for tree in trees)
    capabilities = [name for name in CAPABILITIES if name in used]
    exports = [*hooks, CHECK] if has_check(leaves[0]) else hooks
    answer = {"class": leaves[0].__name__, "hooks": hooks, "exports": exports, "capabilities": capabilities}
    answer |= {"prints": prints, "tells_time": tells_time, "draws": draws}
    print(json.dumps(answer))


def _own_files(app: Path, before: set[str]) -> list[Path]:
    """The plugin's file and what it imported from the same folder."""
    files = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in before]
    return [Path(file) for file in files if file and file.endswith(".py") and Path(file).is_relative_to(app.parent)]


def _imports(tree: ast.AST, modules: set[str]) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(name.name in modules for name in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            return True
    return False


def _names(tree: ast.AST, name: str) -> bool:
    return any(isinstance(node, (ast.Name, ast.Attribute, ast.alias)) and _name(node) == name for node in ast.walk(tree))


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "name", "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
