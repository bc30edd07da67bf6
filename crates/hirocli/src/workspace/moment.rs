//! Times as the Python packages write them.

use jiff::Timestamp;

/// In UTC, with microseconds and a final `Z`.
pub(crate) fn with_z(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// In UTC, with microseconds and the offset spelled out, as `datetime.isoformat` has it.
pub(super) fn with_offset(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}
