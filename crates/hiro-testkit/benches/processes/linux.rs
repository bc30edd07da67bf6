//! The rows, with a floor made of Linux's own calls.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "floor.rs"]
mod floor;
#[path = "measure.rs"]
mod measure;
#[path = "scenes.rs"]
mod scenes;

use measure::{Row, number_from};

pub(crate) fn print_rows() -> anyhow::Result<()> {
    let runs = number_from("HIRO_BENCH_RUNS", 200);
    let instances = number_from("HIRO_BENCH_INSTANCES", 1000);
    let floor = floor::pid_through_inotify(runs)?;
    let seen = floor::exit_through_pidfd(runs)?;
    println!("{}", Row::header());
    println!("{}", Row::of("floor: fork, exec, PID read through inotify", &floor, None));
    println!("{}", Row::of("floor: exit seen through a pidfd", &seen, None));
    println!("{}", Row::of("start until ready, in process", &scenes::start(runs)?, Some(&floor)));
    println!(
        "{}",
        Row::of("`hirogate start`, whole command line", &scenes::command_line(runs.min(50))?, Some(&floor))
    );
    println!("{}", Row::of("crash at start, from its exit to the error", &scenes::crash(runs)?, Some(&seen)));
    println!("{}", Row::of("stop, from the exit to \"stopped\"", &scenes::stop(runs)?, Some(&seen)));
    println!(
        "{}",
        Row::of(&format!("status of {instances} live instances"), &scenes::status(instances)?, None)
    );
    println!("processes beside the instances' own, while they run: {}", scenes::resident_beside()?);
    Ok(())
}
