#!/usr/bin/env python3
"""Does what docs/plugins/LANGUAGE.md says, in a clean folder, as a new user would.

    try-docs.py HOOKGATE [rust javascript typescript python c cpp zig go assemblyscript recipes]

Shell blocks are run in turn; other code goes into the file that the line above it begins with. The first user of the
server that a tutorial starts must have a plan. The server listens on the port in HOOKGATE_TRY_PORT (8000). `rustup` may
fail: where it can't fetch anything, the standard library's source is there.
"""

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ["rust", "javascript", "typescript", "python", "c", "cpp", "zig", "go", "assemblyscript", "recipes"]
PORT = os.environ.get("HOOKGATE_TRY_PORT", "8000")
SERVE = re.compile(r"^(hookgate serve .*)&$", re.MULTILINE)
READY = f"for _ in $(seq 600); do curl -s -o /dev/null localhost:{PORT}/ && break; sleep 0.1; done"


def blocks(page: str) -> list[tuple[str, str, str]]:
    """The line above each block of code, its language, its content."""
    found = []
    for part in re.finditer(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        above = page[: part.start()].rstrip().rsplit("\n", 1)[-1]
        found.append((above, part[1], part[2]))
    return found


def script(language: str) -> str:
    """One shell script of all steps. Files are written where the shell then is."""
    lines = ["set -eu"]
    for above, kind, code in blocks((ROOT / "docs/plugins" / f"{language}.md").read_text(encoding="utf-8")):
        name = re.match(r"`([\w./-]+\.\w+)`", above)
        if kind != "sh":
            if not name:
                raise SystemExit(f"{language}.md: a block of {kind} is below `{above}`, which names no file")
            lines += [f"cat > {name[1]} <<'END_OF_FILE'", code.rstrip("\n"), "END_OF_FILE"]
        elif SERVE.search(code):
            serve = rf"\1 --listen 127.0.0.1:{PORT} & server=$!\ntrap 'kill $server' EXIT\n{READY}"
            lines.append(SERVE.sub(serve, code).replace("localhost:8000", f"localhost:{PORT}"))
        else:
            lines.append(re.sub(r"^(rustup .*)$", r"\1 || true", code, flags=re.MULTILINE))
    return "\n".join(lines) + "\n"


def plan_of(output: str) -> object:
    """The claim `plan` of the access token in what was printed last."""
    part = re.search(r'"access_token":"[^".]+\.([^".]+)', output)
    return json.loads(base64.urlsafe_b64decode(part[1] + "=" * (-len(part[1]) % 4)))["plan"] if part else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hookgate", type=Path)
    parser.add_argument("languages", nargs="*", metavar="language", default=PAGES)
    arguments = parser.parse_args()
    for language in arguments.languages:
        with tempfile.TemporaryDirectory(prefix="hookgate-docs-") as folder:
            programs = Path(folder) / "bin"
            programs.mkdir()
            (programs / "hookgate").symlink_to(arguments.hookgate.resolve())
            # Go is nowhere but in build.sh's environment, on some machines.
            go = ROOT / "tests/polyglot/.tools/venv/bin/go"
            if go.exists() and not shutil.which("go"):
                (programs / "go").symlink_to(go)
            # The server takes every variable HOOKGATE_… for a setting.
            environment = {
                name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV" and not name.startswith("HOOKGATE_")
            }
            environment |= {"PATH": f"{programs}:{environment['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_QUIET": "1"}
            began = time.monotonic()
            run = subprocess.run(
                ["bash", "-c", script(language)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder,
            )
        good = run.returncode == 0 and (language == "recipes" or plan_of(run.stdout) == "pro")
        print(f"{language}.md: {'works' if good else 'FAILS'} ({time.monotonic() - began:.0f} s)", flush=True)
        if not good:
            print(run.stdout)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
