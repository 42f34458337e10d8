#!/usr/bin/env bash
# Runs loop with the same arguments. Builds it first if it is missing or older than its sources.
set -eu

# The folder of this file, wherever it is called from and through whatever links.
file=${BASH_SOURCE[0]}
while [ -L "$file" ]; do
    link=$(readlink "$file")
    case $link in
        /*) file=$link ;;
        *) file=$(dirname "$file")/$link ;;
    esac
done
here=$(CDPATH='' cd -P "$(dirname "$file")" && pwd)

target=${CARGO_TARGET_DIR:-target}
case $target in
    /*) ;;
    *) target=$here/$target ;;
esac
binary=$target/release/loop
# When the last build began: what is edited while it runs counts as newer.
stamp=$target/release/loop.built

is_current() {
    [ -x "$binary" ] || return 1
    local reference=$binary
    [ ! -e "$stamp" ] || reference=$stamp
    local newer
    newer=$(cd "$here" && find src skills Cargo.toml Cargo.lock config.example.yaml -newer "$reference" -print)
    [ -z "$newer" ]
}

# Says why it cannot be built; a binary that is there is run as it is.
cannot_build() {
    if [ -x "$binary" ]; then
        echo "loop.sh: running an older build: $1" >&2
        return 0
    fi
    echo "loop.sh: loop is not built yet, and it cannot be built: $1" >&2
    echo "hint: $2" >&2
    exit 1
}

build() {
    PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
    if ! command -v cargo >/dev/null 2>&1; then
        cannot_build "cargo is not installed" \
            "install Rust 1.89 or newer from https://rustup.rs, open a new terminal and try again"
        return
    fi
    if ! command -v cc >/dev/null 2>&1; then
        cannot_build "there is no C compiler, which Rust needs for linking" \
            "install gcc with your system's packages (Debian and Ubuntu: sudo apt install gcc libc6-dev)"
        return
    fi
    if ! mkdir -p "$target/release" 2>/dev/null || [ ! -w "$target/release" ]; then
        cannot_build "$target cannot be written" \
            "set CARGO_TARGET_DIR to a folder of yours and try again"
        return
    fi
    echo "loop.sh: building loop; this takes a few minutes the first time" >&2
    local began=$stamp.$$
    : >"$began"
    if ! (cd "$here" && unset CARGO_BUILD_TARGET \
        && cargo build --release --locked --bin loop --target-dir "$target" >&2); then
        rm -f "$began"
        echo "loop.sh: the build failed; what went wrong stands above" >&2
        exit 1
    fi
    mv -f "$began" "$stamp"
}

is_current || build
exec "$binary" "$@"
