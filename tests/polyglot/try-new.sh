#!/bin/sh
# Makes projects with `hookgate plugin new` and runs the commands that it prints, in clean folders, as a new user would.
#
#     try-new.sh HOOKGATE [LANGUAGE…]                all languages, or these: one project each, with all kinds of hooks
#     try-new.sh --each-kind HOOKGATE [LANGUAGE…]    and for each kind of hook a project that has it alone
#     try-new.sh --keep HOOKGATE [LANGUAGE…]         and what they build stays in build/new, to be measured
#
# It takes Rust with a WebAssembly target, Node 20, Python 3.10 and Go 1.24, from PATH or from build.sh's virtual environment;
# everything else is installed by the commands. A project that fails is shown with what it printed, and ends the run.
set -eu

# A hook of each kind: gate, the two mutations, and events with nothing, a provider, another text, a passkey.
kinds="allow-signin modify-jwt modify-session on-signup on-oauth-link on-signin-failed on-passkey-registered"
languages="rust js ts python c cpp zig go assemblyscript"

each_kind= keep=
while :; do
    case ${1:-} in
    --each-kind) each_kind=1 ;;
    --keep) keep=1 ;;
    *) break ;;
    esac
    shift
done
if [ $# -eq 0 ] || [ ! -x "$1" ]; then
    sed -n 's/^# \{0,1\}//p' "$0" | sed -n '2,7p' >&2
    exit 2
fi
hookgate=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$hookgate" "$work/bin/hookgate"
# Go is nowhere but in build.sh's environment, on some machines.
command -v go > /dev/null || { [ -x "$here/.tools/venv/bin/go" ] && ln -s "$here/.tools/venv/bin/go" "$work/bin/go"; }
PATH=$work/bin:$PATH
unset VIRTUAL_ENV || true
# What Cargo builds of registries' crates serves all projects of the run.
export CARGO_TARGET_DIR="$work/target"
export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1

# LANGUAGE NAME --hook HOOK…
try() {
    language=$1 name=$2
    shift 2
    cd "$work"
    began=$(date +%s)
    hookgate plugin new "$name" --lang "$language" "$@" > "$name.out"
    sed -n 's/^  //p' "$name.out" > "$name.sh"
    grep -q 'hookgate plugin test' "$name.sh"
    if ! sh -eu "$name.sh" > "$name.log" 2>&1; then
        cat "$name.out" "$name.log"
        echo "$name: FAILS"
        exit 1
    fi
    [ -z "$keep" ] || keep_component "$language" "$name"
    size=$(sed -n 's/^component .*wasm, //p' "$name.log")
    echo "$name: works ($(($(date +%s) - began)) s, $size, $(tail -n 1 "$name.log"))"
    rm -rf "${work:?}/$name"
}

# LANGUAGE NAME
keep_component() {
    mkdir -p "$here/build/new"
    component=$(sed -n 's/^component *\(.*wasm\), .*/\1/p' "$2.log" | head -n 1)
    cd "$2"
    cp "$component" "$here/build/new/$1.wasm"
    # JavaScript has a second engine, which `hookgate plugin build` does not ask for.
    if [ "$1" = js ]; then
        npm install --save-dev @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/preview2-shim@0.25.0 > /dev/null
        npx hookgate-plugin-build "$2.js" -o "$here/build/new/js-spidermonkey.wasm" --engine spidermonkey
    fi
    cd "$work"
}

for language in ${*:-$languages}; do
    try "$language" "$language-all" $(printf ' --hook %s' $kinds)
    if [ -n "$each_kind" ]; then
        for kind in $kinds; do try "$language" "$language-$kind" --hook "$kind"; done
    fi
done
