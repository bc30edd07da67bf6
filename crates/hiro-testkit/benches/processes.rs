//! What starting, watching and stopping costs, beside the physical floor of the same run:
//! `cargo bench -p hiro-testkit` (after `cargo build --release`, for the command line's row).
//!
//! `HIRO_BENCH_RUNS` sets how often each is done (200), `HIRO_BENCH_INSTANCES` how many live instances are asked for their
//! status (1000).

#[cfg(target_os = "linux")]
#[path = "processes/linux.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "processes/elsewhere.rs"]
mod platform;

fn main() -> anyhow::Result<()> {
    platform::print_rows()
}
