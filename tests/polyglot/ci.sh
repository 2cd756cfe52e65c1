#!/bin/sh
# What CI runs: tool chains from package registries alone, every language built and tried by the suite, the cases of
# the example plugins, and a new project of each language made and built.
#
#     ci.sh [HOOKGATE]          the server's binary; built for debugging if it is not said
#
# HOOKGATE_POLYGLOT_CALLS: how often each reference plugin is called to see that it does not grow: 100,000, of
# Python and SpiderMonkey 10,000, whose calls cost a millisecond.
# Seen on two cores that other builds shared, with nothing cached: C 171 s (with zig's download), C++ 6, Zig 24,
# AssemblyScript 28, Go 29, Python 333, JavaScript with SpiderMonkey 279, TypeScript 55, Rust with its standard library
# 750, the server's binary 183. The C++ library is compiled once for each target, minutes more. This does not fit
# in 15 minutes there; on a machine of its own it has not been timed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export HOOKGATE_POLYGLOT_STRICT=1 CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
hookgate=${1:-}
if [ -z "$hookgate" ]; then
    cargo build --locked -p hookgate --manifest-path "$root/Cargo.toml"
    hookgate=$CARGO_TARGET_DIR/debug/hookgate
fi

"$here/build.sh"
PATH=$here/.tools/venv/bin:$PATH
# The server's own versions of what both are made of.
cp "$root/Cargo.lock" "$here/Cargo.lock"
cargo test --manifest-path "$here/Cargo.toml" --test suite

"$here/try-examples.sh" "$hookgate" js ts python c cpp zig go assemblyscript
"$here/try-new.sh" "$hookgate" rust js ts python c cpp zig go assemblyscript
