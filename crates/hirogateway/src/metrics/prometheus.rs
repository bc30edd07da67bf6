//! `/metrics`: the text form of Prometheus, version 0.0.4.

use std::fmt::Write;

use super::{Moment, Observed};

/// What every name begins with.
const PREFIX: &str = "hirogate_";

/// The page.
pub(super) fn text(gateway: &Observed, now: &Moment) -> String {
    let mut page = String::new();
    let name = escaped(&gateway.instance);
    let labels = format!("{{instance=\"{name}\",version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    line(&mut page, "build_info", "Which gateway it is.", &labels, 1);
    line(&mut page, "ready", "Whether it does its job.", "", u8::from(now.ready));
    line(&mut page, "uptime_seconds", "For how long it has.", "", now.uptime.as_secs_f64());
    let connected = u8::from(now.state.desktop_connected);
    line(&mut page, "desktop_connected", "Whether a desktop is logged in.", "", connected);
    for sample in &now.counted {
        line(&mut page, sample.name, sample.help, "", sample.value);
    }
    page
}

fn line(page: &mut String, name: &str, help: &str, labels: &str, value: impl std::fmt::Display) {
    let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
    let name = format!("{PREFIX}{}", name.strip_prefix(PREFIX).unwrap_or(name));
    // Writing to a text does not fail.
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{labels} {value}");
}

/// As a label's value is written.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::{Moment, Observed};
    use super::text;
    use crate::relay::counters::{Kind, Sample};
    use crate::state::State;

    #[test]
    fn what_only_grows_is_a_counter_and_a_name_is_quoted() {
        let gateway = Observed::new("a \"b\"", "/nowhere", Arc::default());
        let counted = vec![
            Sample { name: "frames_total", help: "Frames.", kind: Kind::Counter, value: 7 },
            Sample { name: "hirogate_devices", help: "Devices.", kind: Kind::Gauge, value: 2 },
        ];
        let (uptime, state) = (Duration::from_millis(1500), State::default());
        let page = text(&gateway, &Moment { ready: true, uptime, state, counted });
        let version = env!("CARGO_PKG_VERSION");
        for expected in [
            &format!("\nhirogate_build_info{{instance=\"a \\\"b\\\"\",version=\"{version}\"}} 1\n"),
            "\nhirogate_ready 1\n",
            "\nhirogate_uptime_seconds 1.5\n",
            "\nhirogate_desktop_connected 0\n",
            "# HELP hirogate_frames_total Frames.\n# TYPE hirogate_frames_total counter\nhirogate_frames_total 7\n",
            "# HELP hirogate_devices Devices.\n# TYPE hirogate_devices gauge\nhirogate_devices 2\n",
        ] {
            assert!(page.contains(expected), "{page}");
        }
    }
}
