//! `/metrics`: the text form of Prometheus, version 0.0.4.

use std::fmt::Write;

use super::{Moment, Observed};

/// What every name begins with.
const PREFIX: &str = "hirogate_";

/// The page.
pub(super) fn text(gateway: &Observed, now: &Moment) -> String {
    let mut page = String::new();
    let build =
        format!("{{instance=\"{}\",version=\"{}\"}}", escaped(&gateway.instance), env!("CARGO_PKG_VERSION"));
    line(&mut page, "build_info", "gauge", &build, 1);
    line(&mut page, "ready", "gauge", "", u8::from(now.ready));
    line(&mut page, "uptime_seconds", "gauge", "", now.uptime.as_secs_f64());
    line(&mut page, "desktop_connected", "gauge", "", u8::from(now.state.desktop_connected));
    for (name, value) in &now.counted {
        let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
        line(&mut page, name, kind, "", value);
    }
    page
}

fn line(page: &mut String, name: &str, kind: &str, labels: &str, value: impl std::fmt::Display) {
    // Writing to a text does not fail.
    let _ = writeln!(page, "# TYPE {PREFIX}{name} {kind}\n{PREFIX}{name}{labels} {value}");
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
    use crate::state::State;

    #[test]
    fn what_only_grows_is_a_counter_and_a_name_is_quoted() {
        let gateway = Observed::new("a \"b\"", "/nowhere", Arc::new(Vec::new));
        let counted = vec![("frames_total", 7), ("devices", 2)];
        let (uptime, state) = (Duration::from_millis(1500), State::default());
        let page = text(&gateway, &Moment { ready: true, uptime, state, counted });
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            page,
            format!(
                "# TYPE hirogate_build_info gauge\n\
                 hirogate_build_info{{instance=\"a \\\"b\\\"\",version=\"{version}\"}} 1\n\
                 # TYPE hirogate_ready gauge\nhirogate_ready 1\n\
                 # TYPE hirogate_uptime_seconds gauge\nhirogate_uptime_seconds 1.5\n\
                 # TYPE hirogate_desktop_connected gauge\nhirogate_desktop_connected 0\n\
                 # TYPE hirogate_frames_total counter\nhirogate_frames_total 7\n\
                 # TYPE hirogate_devices gauge\nhirogate_devices 2\n"
            )
        );
    }
}
