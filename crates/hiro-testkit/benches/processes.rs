//! What starting, watching and stopping costs, beside the physical floor of the same run:
//! `cargo bench -p hiro-testkit` (after `cargo build --release`, for the command line's row).
//!
//! `HIRO_BENCH_RUNS` sets how often each is done (200), `HIRO_BENCH_INSTANCES` how many live instances are asked for their
//! status (1000).

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[cfg(target_os = "linux")]
#[path = "processes/floor/linux.rs"]
mod floor;
#[cfg(not(target_os = "linux"))]
#[path = "processes/floor/elsewhere.rs"]
mod floor;
#[path = "processes/measure.rs"]
mod measure;
#[path = "processes/scenes.rs"]
mod scenes;

use measure::{Row, number_from};

fn main() -> anyhow::Result<()> {
    let runs = number_from("HIRO_BENCH_RUNS", 200);
    let instances = number_from("HIRO_BENCH_INSTANCES", 1000);
    let floor = floor::pid_read(runs)?;
    let seen = floor::exit_seen(runs)?;
    println!("{}", Row::header());
    println!("{}", Row::of(floor::PID_READ, &floor, None));
    println!("{}", Row::of(floor::EXIT_SEEN, &seen, None));
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
