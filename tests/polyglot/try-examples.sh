#!/bin/sh
# Builds the example plugins with `hookgate plugin build` and runs their cases with `hookgate plugin test`, as their authors would.
#
#     try-examples.sh HOOKGATE LANGUAGE…
#
# After build.sh, whose tool chains and `node_modules` it uses.
set -eu

hookgate=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/.tools/venv/bin:$PATH
# Go takes the SDK from this repository alone.
export GOTOOLCHAIN=local GOPROXY=off
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for language in "$@"; do
    for folder in "$here/../../example-plugins/$language"/*/; do
        cd "$folder"
        name=$(basename "$folder")
        "$hookgate" plugin build > /dev/null
        printf '%s/%s: ' "$language" "$name"
        if ! "$hookgate" plugin test > "$log" 2>&1; then
            cat "$log"
            exit 1
        fi
        tail -n 1 "$log"
        rm -f "$name.wasm"
    done
done
