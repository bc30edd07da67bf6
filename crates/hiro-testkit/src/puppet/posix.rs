//! What a puppet can do to itself on POSIX systems.

use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{env, fs, io, process};

use anyhow::Context;
use rustix::process::{Resource, Rlimit};

/// The user `nobody`.
const NOBODY: u32 = 65_534;

pub(super) fn own_session() -> anyhow::Result<()> {
    rustix::process::setsid()?;
    Ok(())
}

pub(super) fn ignore_term() -> anyhow::Result<()> {
    note_only(signal_hook::consts::SIGTERM)
}

/// No file may grow beyond `bytes`; a write that would fails, as it does on a full disk.
pub(super) fn limit_file_size(bytes: u64) -> anyhow::Result<()> {
    note_only(signal_hook::consts::SIGXFSZ)?;
    let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
    Ok(rustix::process::setrlimit(Resource::Fsize, limit)?)
}

/// Goes on as the user `nobody`, with another script. Whoever is no superuser is near enough to nobody already.
pub(super) fn as_nobody(script: &[String]) -> anyhow::Result<()> {
    // Not by its path where there is another way: nobody may not look into a home that is its owner's alone.
    let own = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { env::current_exe()? };
    let mut command = process::Command::new(own);
    command.args(script);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let result: Result<Infallible, io::Error> = Err(command.exec());
    result.map(|_| ()).context("could not become nobody")
}

/// `leads its session|stdin|descriptors from 3 on that are not the stage's|ignored signals|blocked signals`.
pub(super) fn birth() -> anyhow::Result<String> {
    let leads = session()? == process::id();
    let stdin = fs::read_link("/proc/self/fd/0")?;
    let status = fs::read_to_string("/proc/self/status")?;
    let signals =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim().to_owned();
    let inherited: Vec<String> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|descriptor| *descriptor > 2)
        .filter_map(|descriptor| fs::read_link(format!("/proc/self/fd/{descriptor}")).ok())
        .map(|target| target.display().to_string())
        .filter(|target| !target.starts_with("socket:") && !target.starts_with("/proc/"))
        .collect();
    let (ignored, blocked) = (signals("SigIgn:"), signals("SigBlk:"));
    Ok(format!("{leads}|{}|{}|{ignored}|{blocked}", stdin.display(), inherited.join(",")))
}

/// The leader of the session; 0 for one outside of this PID namespace, which the type of rustix cannot say.
fn session() -> anyhow::Result<u32> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("`/proc/self/stat` names no program")?;
    let session = fields.split_whitespace().nth(3).context("`/proc/self/stat` names no session")?;
    Ok(session.parse()?)
}

/// Nanoseconds of the clock that all processes of this machine share.
pub(super) fn clock() -> anyhow::Result<i128> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Ok(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec))
}

fn note_only(signal: i32) -> anyhow::Result<()> {
    signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    Ok(())
}
