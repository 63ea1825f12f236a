//! Compiles SQLite and the program around it, with the same settings for every
//! target.
//!
//! For wasm32-wasip2 that takes a C compiler beside the Rust toolchain:
//! `CC_wasm32_wasip2` and `CFLAGS_wasm32_wasip2` if they are set, else the one
//! of a WASI SDK (`WASI_SDK_PATH`), else clang with the C library that
//! scripts/build-guests names in `ASSAY_WASI_LIBC`.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What SQLite is to be: one thread, no files (the program has a VFS that
/// refuses them), temporary tables in memory, nothing it would ask the system
/// for.
const DEFINITIONS: [(&str, &str); 12] = [
    ("SQLITE_DEFAULT_MEMSTATUS", "0"),
    ("SQLITE_DQS", "0"),
    ("SQLITE_MAX_MMAP_SIZE", "0"),
    ("SQLITE_OMIT_AUTOINIT", "1"),
    ("SQLITE_OMIT_DEPRECATED", "1"),
    ("SQLITE_OMIT_LOAD_EXTENSION", "1"),
    ("SQLITE_OMIT_LOCALTIME", "1"),
    ("SQLITE_OMIT_SHARED_CACHE", "1"),
    ("SQLITE_OMIT_WAL", "1"),
    ("SQLITE_OS_OTHER", "1"),
    ("SQLITE_TEMP_STORE", "3"),
    ("SQLITE_THREADSAFE", "0"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/program.c");
    println!("cargo:rerun-if-changed=amalgamation/Cargo.toml");
    let sqlite = amalgamation()?;

    let mut build = cc::Build::new();
    build
        .file(sqlite.join("sqlite3.c"))
        .file("src/program.c")
        .include(&sqlite)
        // The upstream's code, not ours to warn about.
        .warnings(false)
        // Rounds after each operation on every architecture: without it a
        // compiler may fuse a product and a sum where the machine can.
        .flag("-ffp-contract=off")
        .opt_level(3);
    for (definition, value) in DEFINITIONS {
        build.define(definition, value);
    }
    // No path of this machine in the program. The component's bytes are pinned
    // and the twin's are not: GCC before 8, which a container for cross builds
    // may hold, does without.
    let hidden = format!("-ffile-prefix-map={}=/sqlite", sqlite.display());
    if env::var("CARGO_CFG_TARGET_OS")? == "wasi" {
        compile_for_wasi(&mut build)?;
        build.flag(hidden);
    } else {
        build.flag_if_supported(hidden);
    }
    // As objects and not as an archive: an archive of Wasm objects takes
    // another ar.
    for object in build.try_compile_intermediates()? {
        println!("cargo:rustc-link-arg-bins={}", object.display());
    }
    if env::var("CARGO_CFG_TARGET_OS")? != "wasi" {
        // These objects are last on the linker's line, behind the C library,
        // and GNU's linker looks into a static library only once.
        let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
        if features.split(',').any(|feature| feature == "crt-static") {
            println!("cargo:rustc-link-arg-bins=-Wl,-Bstatic");
        }
        println!("cargo:rustc-link-arg-bins=-lc");
        // GCC calls it where a machine has no instruction, for example to
        // reverse bytes.
        if env::var("CARGO_CFG_TARGET_ENV")? == "gnu" {
            println!("cargo:rustc-link-arg-bins=-lgcc");
        }
    }
    Ok(())
}

/// Chooses the compiler and its C library.
fn compile_for_wasi(build: &mut cc::Build) -> Result<(), Box<dyn Error>> {
    for variable in ["CC_wasm32_wasip2", "WASI_SDK_PATH", "ASSAY_WASI_LIBC"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    if env::var_os("CC_wasm32_wasip2").is_some() {
        return Ok(());
    }
    if let Some(sdk) = env::var_os("WASI_SDK_PATH") {
        build.compiler(Path::new(&sdk).join("bin/clang"));
        return Ok(());
    }
    let Some(libc) = env::var_os("ASSAY_WASI_LIBC") else {
        return Err("no C compiler for wasm32-wasip2: set WASI_SDK_PATH, or \
                    CC_wasm32_wasip2 and CFLAGS_wasm32_wasip2 with a --sysroot"
            .into());
    };
    // PREFIX/lib/wasm32-wasip2, beside PREFIX/include/wasm32-wasip2.
    let prefix = Path::new(&libc)
        .ancestors()
        .nth(2)
        .ok_or("ASSAY_WASI_LIBC is not PREFIX/lib/wasm32-wasip2")?;
    // The newest that the linker of the same toolchain reads, first.
    let clang = ["clang-22", "clang"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())
        .ok_or("no clang for wasm32-wasip2; on Debian: apt-get install clang-22")?;
    build
        .compiler(clang)
        .flag(format!("--sysroot={}", prefix.display()));
    Ok(())
}

/// The directory with sqlite3.c and sqlite3.h, fetched by cargo if need be.
fn amalgamation() -> Result<PathBuf, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").ok_or("cargo names itself in CARGO")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked"])
        .args([
            OsStr::new("--manifest-path"),
            OsStr::new("amalgamation/Cargo.toml"),
        ])
        // Those are for the program, and would have cargo ask its compiler.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .output()?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata does not find SQLite's crate: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let metadata = String::from_utf8(output.stdout)?;
    // The crate is the only package with this path: ours is called otherwise.
    let end = "/Cargo.toml\"";
    metadata
        .split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|rest| rest.split_once(end).map(|(directory, _)| directory))
        .find(|directory| directory.contains("libsqlite3-sys"))
        .map(|directory| Path::new(directory).join("sqlite3"))
        .filter(|directory| directory.join("sqlite3.c").is_file())
        .ok_or_else(|| "cargo metadata names no libsqlite3-sys with an amalgamation".into())
}
