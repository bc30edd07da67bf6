//! What a whole league costs, beside the physical floor of the same run: `cargo bench -p hiro-testkit --bench league` (after
//! `cargo build --release`). What the rows mean, and figures: `league.md`.
//!
//! `HIRO_BENCH_PLUGINS` sets how many plugins start at once (100), `HIRO_BENCH_ROUND_TRIPS` how many messages go there and
//! back (2000), `HIRO_BENCH_CRASHES` how often a plugin is killed (5).

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "league/device.rs"]
mod device;
#[path = "processes/measure.rs"]
mod measure;
#[path = "league/plugin.rs"]
mod plugin;
#[path = "league/scenes.rs"]
mod scenes;

use std::process::ExitCode;

use measure::{Row, number_from};

fn main() -> anyhow::Result<ExitCode> {
    if let Some(code) = plugin::if_asked_for() {
        return Ok(code);
    }
    let hop = scenes::hop()?;
    let plugins = number_from("HIRO_BENCH_PLUGINS", 100);
    let spawned = scenes::spawned(plugins)?;
    println!("{}", Row::header());
    println!("{}", Row::of("floor: one byte over loopback and back", &hop, None));
    let there_and_back = scenes::there_and_back(number_from("HIRO_BENCH_ROUND_TRIPS", 2000))?;
    println!("{}", Row::of("device, gateway, server, plugin, and back", &there_and_back, Some(&hop)));
    println!("{}", Row::of(&format!("floor: {plugins} programs spawned and ended"), &spawned, None));
    let started = scenes::started(plugins)?;
    println!("{}", Row::of(&format!("{plugins} plugins at once, all registered"), &started, Some(&spawned)));
    let crashes = scenes::crashes(number_from("HIRO_BENCH_CRASHES", 5))?;
    println!("{}", Row::of("plugin killed, registered again", &crashes.whole, None));
    println!("{}", Row::of("  the same without the wait that is meant", &crashes.beyond_backoff, None));
    println!("server, idle with two channels: {:.1} MiB resident", scenes::idle_memory()? / 1024.0 / 1024.0);
    Ok(ExitCode::SUCCESS)
}
