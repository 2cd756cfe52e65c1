#!/bin/sh
# Makes a project with `hookgate plugin new` and runs the commands that it prints, in a clean folder, as a new user would.
#
#     try-new.sh HOOKGATE LANGUAGE…
#
# SDKs that come from a registry once they are published are taken from this repository.
set -eu

hookgate=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
sdk=$(cd "$(dirname "$0")/../../plugins-sdk" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$hookgate" "$work/bin/hookgate"
PATH=$work/bin:$PATH
# The commands must do by themselves.
unset CARGO_TARGET_DIR VIRTUAL_ENV || true
export npm_config_loglevel=error npm_config_audit=false npm_config_fund=false PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1

for language in "$@"; do
    case $language in
        ts) folder=js ;;
        cpp) folder=c ;;
        *) folder=$language ;;
    esac
    cd "$work"
    for set in "one --hook modify-jwt" "every --hook allow-signin --hook modify-jwt --hook modify-session --hook on-signup --hook on-signin-failed --hook on-oauth-link --hook on-passkey-registered"; do
        name=my-$language-${set%% *}
        hookgate plugin new "$name" --lang "$language" --sdk "$sdk/$folder" ${set#* } > "$name.out"
        sed -n 's/^  //p' "$name.out" > "$name.sh"
        grep -q 'hookgate plugin test' "$name.sh"
        if ! sh -eu "$name.sh" > "$name.log" 2>&1; then
            cat "$name.out" "$name.log"
            echo "$language: FAILS"
            exit 1
        fi
        tail -n 1 "$name.log"
    done
    echo "$language: works"
done
