#!/usr/bin/env python3
"""Does what docs/plugins/LANGUAGE.md says, in a clean folder, as a new user would.

    try-docs.py [--jobs N] HOOKGATE [rust javascript typescript python c cpp zig go assemblyscript recipes other-languages]

Shell blocks are run in turn; other code goes into the file that the line above it begins with. The first user of the
server that a tutorial starts must have a plan. It listens on a free port instead of 8000. `rustup` may fail: where it
can't fetch anything, the standard library's source is there. Needs curl 7.82 or later.
"""

import argparse
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What build.sh installed.
TOOLS = ROOT / "tests/polyglot/.tools/venv"
# The longest first, for `--jobs`.
PAGES = ["cpp", "python", "rust", "recipes", "c", "zig", "go", "javascript", "typescript", "assemblyscript", "other-languages"]
# Where no user signs up.
WITHOUT_USERS = ["recipes", "other-languages"]
SERVE = re.compile(r"^(hookgate serve .*)&$", re.MULTILINE)


def blocks(page: str) -> list[tuple[str, str, str]]:
    """The line above each block of code, its language, its content."""
    found = []
    for part in re.finditer(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        above = page[: part.start()].rstrip().rsplit("\n", 1)[-1]
        found.append((above, part[1], part[2]))
    return found


def script(language: str) -> str:
    """One shell script of all steps. Files are written where the shell then is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ready = f"for _ in $(seq 600); do curl -s -o /dev/null localhost:{port}/ && break; sleep 0.1; done"
    lines = ["set -eu"]
    for above, kind, code in blocks((ROOT / "docs/plugins" / f"{language}.md").read_text(encoding="utf-8")):
        name = re.match(r"`([\w./-]+\.\w+)`", above)
        if kind != "sh":
            if not name:
                raise SystemExit(f"{language}.md: a block of {kind} is below `{above}`, which names no file")
            lines += [f"cat > {name[1]} <<'END_OF_FILE'", code.rstrip("\n"), "END_OF_FILE"]
        elif SERVE.search(code):
            serve = rf"\1 --listen 127.0.0.1:{port} & server=$!\ntrap 'kill $server' EXIT\n{ready}"
            lines.append(SERVE.sub(serve, code).replace("localhost:8000", f"localhost:{port}"))
        else:
            lines.append(re.sub(r"^(rustup .*)$", r"\1 || true", code, flags=re.MULTILINE))
    return "\n".join(lines) + "\n"


def plan_of(output: str) -> object:
    """The claim `plan` of the access token in what was printed last."""
    part = re.search(r'"access_token":"[^".]+\.([^".]+)', output)
    return json.loads(base64.urlsafe_b64decode(part[1] + "=" * (-len(part[1]) % 4)))["plan"] if part else None


def environment(programs: Path) -> dict[str, str]:
    """What a new user has, and these programs."""
    # The server takes every variable HOOKGATE_… for a setting.
    own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV" and not name.startswith("HOOKGATE_")}
    # The C++ library is compiled once for all copies of zig, which have the same.
    library = next(TOOLS.glob("lib/python*/site-packages/ziglang/lib"), None)
    if library:
        own["ZIG_LIB_DIR"] = str(library)
    return own | {
        "PATH": f"{programs}:{own['PATH']}",
        "CLONE": str(ROOT),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
    }


def attempt(hookgate: Path, language: str) -> tuple[str, bool]:
    """Does what a page says. What to print of it, and whether it works."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hookgate-docs-") as folder:
        programs = Path(folder) / "bin"
        programs.mkdir()
        (programs / "hookgate").symlink_to(hookgate.resolve())
        # Go is nowhere but in build.sh's environment, on some machines.
        if (TOOLS / "bin/go").exists() and not shutil.which("go"):
            (programs / "go").symlink_to(TOOLS / "bin/go")
        run = subprocess.run(
            ["bash", "-c", script(language)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(programs), cwd=folder,
        )
    good = run.returncode == 0 and (language in WITHOUT_USERS or plan_of(run.stdout) == "pro")
    line = f"{language}.md: {'works' if good else 'FAILS'} ({time.monotonic() - began:.0f} s)"
    return line if good else f"{line}\n{run.stdout}", good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hookgate", type=Path)
    parser.add_argument("languages", nargs="*", metavar="language", default=PAGES)
    parser.add_argument("--jobs", type=int, default=1, help="how many pages at once")
    arguments = parser.parse_args()
    all_good = True
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for said, good in pool.map(lambda language: attempt(arguments.hookgate, language), arguments.languages):
            print(said, flush=True)
            all_good = all_good and good
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
