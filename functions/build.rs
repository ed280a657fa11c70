//! Discards the debug information of the standard library from release binaries, which is a sixth of their
//! size in the package. Symbols stay, so that backtraces in the log have function names. `strip =
//! "debuginfo"` is not an option: zig, the linker of cargo-lambda, would strip the symbols, too.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo passes the target and the profile in environment variables"
)]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=discard_debug_info.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|is| is == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/discard_debug_info.ld");
    }
}
