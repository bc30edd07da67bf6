//! The labels that configurations bear, of this program and of every version of the Python package: pure functions.

use crate::config::AUTOSTART_SKIPPED;

/// The label of a registration that was asked for and could not be made.
pub const FAILED: &str = "failed";

/// Labels under which nothing is registered; the Python package's later versions write `none`.
const NOWHERE: [&str; 4] = ["", AUTOSTART_SKIPPED, FAILED, "none"];

/// Where something is registered, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is not.
    Nowhere,
    /// As this program does it on this system.
    Here,
    /// As only other programs do it, or only other systems.
    Elsewhere,
}

impl Place {
    /// `here` is the label of this system.
    pub(super) fn of(method: &str, here: &str) -> Self {
        match method {
            method if method == here => Self::Here,
            method if NOWHERE.contains(&method) => Self::Nowhere,
            _ => Self::Elsewhere,
        }
    }
}

/// What undoes by hand what was registered under `method`, where that is known.
pub(super) fn undone_by_hand(method: &str, entry: &str) -> Option<String> {
    match method {
        "schtasks" => Some(format!("on that Windows, `schtasks /Delete /TN \"{entry}\" /F` removes it")),
        "elevated" => Some(format!(
            "on that Windows, as an administrator, `schtasks /Delete /TN \"{entry}\" /F` removes it"
        )),
        "registry" => {
            let key = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
            Some(format!("on that Windows, `reg delete {key} /v \"{entry}\" /f` removes it"))
        }
        "xdg" => Some(format!("on that Linux, delete `~/.config/autostart/{entry}.desktop`")),
        "launchd" => Some(format!("on that Mac, delete the file of `{entry}` in `~/Library/LaunchAgents`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, undone_by_hand};

    #[test]
    fn only_the_label_of_this_system_is_ours() {
        for (method, place) in [
            ("xdg", Place::Here),
            ("skipped", Place::Nowhere),
            ("failed", Place::Nowhere),
            ("none", Place::Nowhere),
            ("", Place::Nowhere),
            ("schtasks", Place::Elsewhere),
            ("registry", Place::Elsewhere),
            ("elevated", Place::Elsewhere),
            ("of a later version", Place::Elsewhere),
        ] {
            assert_eq!(Place::of(method, "xdg"), place, "{method}");
        }
    }

    #[test]
    fn what_python_has_registered_is_told_with_the_command_that_removes_it() {
        for method in ["schtasks", "elevated"] {
            let told = undone_by_hand(method, "hirogate-home").unwrap();
            assert!(told.contains("`schtasks /Delete /TN \"hirogate-home\" /F`"), "{told}");
        }
        assert_eq!(undone_by_hand("of a later version", "hirogate-home"), None);
    }
}
