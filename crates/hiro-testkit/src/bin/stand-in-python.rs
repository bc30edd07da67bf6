//! A stand-in for CPython where there is none: to uv it is the interpreter of the virtual environment that it lies in;
//! to whoever runs it with a program it is a puppet, told by the arguments behind the program's name.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "the one place that prints")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::{Value, json};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let outcome = match words.iter().any(|word| word.contains("get_interpreter_info")) {
        true => describe().map(|description| {
            println!("{description}");
            ExitCode::SUCCESS
        }),
        false => hiro_testkit::puppet::main(words.into_iter().skip(1).collect()),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// What uv asks every interpreter for.
fn describe() -> anyhow::Result<Value> {
    let executable = env::current_exe()?;
    let scripts = executable.parent().context("a file is in a folder")?;
    let prefix = scripts.parent().context("a virtual environment has a folder for its programs")?;
    let below = |path: &str| prefix.join(path);
    let packages = below("site-packages");
    Ok(json!({
        "result": "success",
        "markers": markers(),
        "sys_base_prefix": below("base"), "sys_base_exec_prefix": below("base"),
        "sys_base_executable": below("base").join("python"),
        "sys_prefix": prefix, "sys_executable": executable, "sys_path": [packages],
        "site_packages": [packages], "stdlib": below("stdlib"), "extension_suffixes": [],
        "standalone": false,
        "scheme": scheme(&packages, scripts, prefix),
        "virtualenv": { "purelib": "site-packages", "platlib": "site-packages", "include": "include",
            "scripts": scripts.file_name().and_then(|name| name.to_str()), "data": "" },
        "os": operating_system(), "arch": env::consts::ARCH, "cpu_info": { "detected": { "kind": "flags", "flags": "" } },
        "manylinux_compatible": true, "gil_disabled": false, "debug_enabled": false, "pointer_size": "64",
    }))
}

fn scheme(packages: &Path, scripts: &Path, prefix: &Path) -> Value {
    let include: PathBuf = prefix.join("include");
    json!({ "platlib": packages, "purelib": packages, "include": include, "scripts": scripts, "data": prefix })
}

fn markers() -> Value {
    let (os_name, system, sys_platform) = match env::consts::OS {
        "windows" => ("nt", "Windows", "win32"),
        "macos" => ("posix", "Darwin", "darwin"),
        _ => ("posix", "Linux", "linux"),
    };
    json!({
        "implementation_name": "cpython", "implementation_version": "3.11.7", "os_name": os_name,
        "platform_machine": env::consts::ARCH, "platform_python_implementation": "CPython",
        "platform_release": "", "platform_system": system, "platform_version": "",
        "python_full_version": "3.11.7", "python_version": "3.11", "sys_platform": sys_platform,
    })
}

fn operating_system() -> Value {
    match env::consts::OS {
        "windows" => json!({ "name": "windows" }),
        "macos" => json!({ "name": "macos", "major": 14, "minor": 0 }),
        _ => json!({ "name": "manylinux", "major": 2, "minor": 28 }),
    }
}
