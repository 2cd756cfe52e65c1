#!/usr/bin/env python3
"""Does what docs/plugins/LANGUAGE.md says, in a clean folder, as a new user would.

    try-docs.py javascript python c [--serve PATH-TO-HOOKGATE]

Code under a heading that ends with a file's name goes into that file; shell blocks are run in turn. Without
--serve the step that needs the server is left out; with it the token of the first user must have a plan.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SERVE = re.compile(r"^hookgate serve .*&$", re.MULTILINE)
READY = "for _ in $(seq 300); do curl -s -o /dev/null localhost:8000/ && break; sleep 0.1; done"


def steps(text: str) -> list[tuple[str, str, str]]:
    """Heading, language and content of each code block that is not indented."""
    found, heading = [], ""
    for part in re.split(r"^(## .*)$", text, flags=re.MULTILINE):
        if part.startswith("## "):
            heading = part
            continue
        found += [(heading, kind, code) for kind, code in re.findall(r"^```(\w+)\n(.*?)^```$", part, re.M | re.S)]
    return found


def script(language: str, folder: Path, server: Path | None) -> str:
    """One shell script of all steps. Files are written where the shell then is."""
    lines = ["set -eu", f"cd {folder}"]
    for heading, kind, code in steps((ROOT / "docs/plugins" / f"{language}.md").read_text(encoding="utf-8")):
        name = re.search(r"`([\w./-]+\.\w+)`", heading)
        if kind != "sh" and name:
            lines += [f"cat > {name[1]} <<'END_OF_FILE'", code.rstrip("\n"), "END_OF_FILE"]
        elif kind == "sh" and SERVE.search(code):
            if server:
                lines.append(SERVE.sub(f"{server} serve --plugins plugins & server=$!\ntrap 'kill $server' EXIT\n{READY}", code))
        elif kind == "sh":
            lines.append(code)
    return "\n".join(lines) + "\n"


def plan_of(output: str) -> object:
    """The claim `plan` of the access token in what was printed last."""
    part = re.search(r'"access_token":"[^".]+\.([^".]+)', output)[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["plan"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+")
    parser.add_argument("--serve", type=Path)
    arguments = parser.parse_args()
    server = arguments.serve.resolve() if arguments.serve else None
    for language in arguments.languages:
        with tempfile.TemporaryDirectory(prefix="hookgate-docs-") as folder:
            (Path(folder) / "hookgate").symlink_to(ROOT)
            environment = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
            run = subprocess.run(
                ["bash", "-c", script(language, Path(folder), server)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
            )
        good = run.returncode == 0 and (server is None or plan_of(run.stdout) == "pro")
        print(f"{language}.md: {'works' if good else 'FAILS'}")
        if not good:
            print(run.stdout)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
