//! Leaves the debug information of the standard library out of release binaries: a sixth of each in its package. Function names stay, for the
//! backtrace in the log. `strip = "debuginfo"` would do it, but the linker that cargo-lambda uses (zig) then removes both.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts of the build by environment variables"
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
