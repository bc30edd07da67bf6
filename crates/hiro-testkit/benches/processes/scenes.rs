//! What is measured, each with real processes and nothing else between the two clock readings.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use hiro_process::{Instance, Launch, StartOptions, StopOptions, get_status, start_instance, stop_process};
use hiro_testkit::puppet::clock;
use hiro_testkit::{announce, processes_concerned_with, program};
use tempfile::TempDir;

use super::measure::Samples;

fn scene(name: &str) -> anyhow::Result<(TempDir, Instance)> {
    let folder = tempfile::tempdir()?;
    let instance = Instance::new(folder.path().join(name).join("gateway.pid"))?;
    Ok((folder, instance))
}

fn puppet(instance: &Instance, script: &[&str]) -> Launch {
    Launch::native(program("puppet"), instance.stderr_log()).args(script)
}

fn ready(instance: &Instance) -> anyhow::Result<()> {
    let launch = puppet(instance, &[&announce(instance), "ready"]);
    start_instance(instance, &launch, &StartOptions::default(), &mut |_| {})?;
    Ok(())
}

/// Ready, and started by a process that has ended since, as a command line does.
fn ready_by_command(instance: &Instance) -> anyhow::Result<()> {
    let start = format!("start {}|{}|ready", instance.pid_file().display(), announce(instance));
    let status =
        Command::new(program("puppet")).args([start.as_str(), "exit 0"]).stdin(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "the instance did not start");
    Ok(())
}

/// From the call to the confirmed readiness of a child that announces at once.
pub(crate) fn start(runs: usize) -> anyhow::Result<Samples> {
    let (_folder, instance) = scene("start")?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        ready(&instance)?;
        times.push(begun.elapsed());
        stop_process(&instance, &StopOptions::default())?;
    }
    Ok(Samples::new(times))
}

/// The same as a person sees it: a command line that starts a gateway and returns.
pub(crate) fn command_line(runs: usize) -> anyhow::Result<Samples> {
    let home = tempfile::tempdir()?;
    let hirogate = |arguments: &[&str]| -> anyhow::Result<()> {
        let mut command = Command::new(program("hirogate"));
        command.args(arguments);
        command.envs(["XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"].map(|name| (name, home.path())));
        let output = command.stdin(Stdio::null()).output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    // Any Ed25519 public key will do: nobody logs in.
    let key = "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=";
    hirogate(&["instance", "create", "home", "--desktop-pubkey", key, "--port", &port])?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        hirogate(&["start"])?;
        times.push(begun.elapsed());
        hirogate(&["stop"])?;
    }
    Ok(Samples::new(times))
}

/// From the last thing that a child does before it exits with 3 to the error in the caller's hands.
pub(crate) fn crash(runs: usize) -> anyhow::Result<Samples> {
    let (_folder, instance) = scene("crash")?;
    let launch = puppet(&instance, &["stderr-clock", "exit 3"]);
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let outcome = start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {});
        times.push(since_last_words(&instance)?);
        anyhow::ensure!(outcome.is_err(), "a child that crashes is not started");
    }
    Ok(Samples::new(times))
}

/// From the last thing that a child does before it exits to the confirmed stop.
pub(crate) fn stop(runs: usize) -> anyhow::Result<Samples> {
    let (_folder, instance) = scene("stop")?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        ready(&instance)?;
        stop_process(&instance, &StopOptions::default())?;
        times.push(since_last_words(&instance)?);
    }
    Ok(Samples::new(times))
}

fn since_last_words(instance: &Instance) -> anyhow::Result<Duration> {
    let now = clock()?;
    let log = fs::read_to_string(instance.stderr_log())?;
    let then: i128 = log.lines().next_back().context("the child said when it ended")?.parse()?;
    Ok(Duration::from_nanos(u64::try_from(now - then)?))
}

/// The status of all of them, again and again.
pub(crate) fn status(count: usize) -> anyhow::Result<Samples> {
    let folder = tempfile::tempdir()?;
    let place = |number: usize| Instance::new(folder.path().join(number.to_string()).join("gateway.pid"));
    let instances = (0..count).map(place).collect::<Result<Vec<_>, _>>()?;
    instances.iter().try_for_each(ready_by_command)?;
    let mut times = Vec::new();
    for _ in 0..20 {
        let begun = Instant::now();
        let ready = instances.iter().filter(|instance| get_status(instance).name() == "ready").count();
        times.push(begun.elapsed());
        anyhow::ensure!(ready == count, "{ready} of {count} are ready");
    }
    for instance in &instances {
        stop_process(instance, &StopOptions::default())?;
    }
    Ok(Samples::new(times))
}

/// How many processes stay beside ten instances, half of them behind the shim.
pub(crate) fn resident_beside() -> anyhow::Result<usize> {
    let folder = tempfile::tempdir()?;
    let mut instances = Vec::new();
    for number in 0..10 {
        let instance = Instance::new(folder.path().join(number.to_string()).join("gateway.pid"))?;
        if number % 2 == 0 {
            ready(&instance)?;
        } else {
            let launch =
                puppet(&instance, &["hold"]).behind_shim([program("puppet").into_os_string(), "shim".into()]);
            start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {})?;
        }
        instances.push(instance);
    }
    // What a launch starts has the path of the instance in its environment.
    let processes = processes_concerned_with(&folder.path().display().to_string());
    let beside = processes.len().saturating_sub(instances.len());
    for instance in &instances {
        stop_process(instance, &StopOptions::default())?;
    }
    Ok(beside)
}
