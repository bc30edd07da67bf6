//! What a gateway carries: messages per second, its own processor time for each, round trips, memory of idle connections,
//! broadcasts: `cargo build --release && cargo bench -p hiro-testkit --bench gateway`.
//!
//! The gateway is the real program; the load comes from this process, on the same processors. With
//! `HIRO_BENCH_PYTHON_GATEWAY` set, to the Python `hirogate` or to a uv workspace that has it, the same is measured of that one.
//! `HIRO_BENCH_MESSAGES` (1000000), `HIRO_BENCH_ROUND_TRIPS` (10000) and `HIRO_BENCH_CONNECTIONS` (10000) set the amounts.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "gateway/client.rs"]
mod client;
#[path = "gateway/frames.rs"]
mod frames;
#[path = "gateway/scenes.rs"]
mod scenes;
#[path = "gateway/subject.rs"]
mod subject;
#[cfg(target_os = "linux")]
#[path = "gateway/usage/linux.rs"]
mod usage;
#[cfg(not(target_os = "linux"))]
#[path = "gateway/usage/elsewhere.rs"]
mod usage;

use scenes::Amounts;
use subject::Subject;

fn main() -> anyhow::Result<()> {
    let descriptors = usage::raise_descriptor_limit()?;
    let amounts = Amounts::from_environment(descriptors);
    println!("native gateway");
    measure(Subject::native, &amounts)?;
    match std::env::var_os("HIRO_BENCH_PYTHON_GATEWAY") {
        Some(place) => {
            println!("Python gateway, a fiftieth of the amounts");
            measure(|| Subject::python(place.as_ref()), &amounts.divided_by(50))
        }
        None => {
            println!("Python gateway: skipped, HIRO_BENCH_PYTHON_GATEWAY is not set");
            Ok(())
        }
    }
}

/// Every scene has a gateway of its own: memory that one leaves behind would hide what the next one takes.
fn measure(start: impl Fn() -> anyhow::Result<Subject>, amounts: &Amounts) -> anyhow::Result<()> {
    for scene in scenes::ALL {
        for row in scene(&start()?, amounts)? {
            println!("{row}");
        }
    }
    Ok(())
}
