"""The command line: `python -m hookgate_plugin build app.py -o NAME.wasm`."""

import argparse
import sys

from .build import BuildError, build


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m hookgate_plugin")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("build", help="make a component of the EventHooks class in a file")
    command.add_argument("source", help="the plugin's Python file")
    command.add_argument("-o", "--output", required=True, help="where to write the component, NAME.wasm")
    command.add_argument(
        "--wasi", action="store_true", help="import WASI, which gives a real clock and real random numbers"
    )
    arguments = parser.parse_args()
    try:
        built = build(arguments.source, arguments.output, wasi=arguments.wasi)
    except BuildError as error:
        print(f"hookgate_plugin: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.output}: {built.bytes} bytes")
    print(f"  hooks: {', '.join(built.hooks)}")
    print(f"  grants: {', '.join(built.capabilities) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
