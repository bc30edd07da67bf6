//! The name of a new instance, which is also the name of its folder and must therefore be a plain one on every system.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A longer name is refused: with what is appended to it, it must fit the shortest limit of the file systems.
const MAX_NAME_CHARACTERS: usize = 64;

/// A name that can become the name of a folder, and of nothing else, on every system.
///
/// ```
/// use hirogateway::InstanceName;
///
/// assert_eq!("home".parse::<InstanceName>()?.as_str(), "home");
/// assert!("../../evil".parse::<InstanceName>().is_err());
/// # Ok::<(), hirogateway::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceName(String);

/// A text that is no name for an instance.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid instance name `{}`: {reason}", name.escape_debug())]
#[non_exhaustive]
pub struct InvalidName {
    /// The text.
    pub name: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What breaks a rule, and the reason that a text gets which does.
type Rule = (fn(&str) -> bool, &'static str);

const RULES: &[Rule] = &[
    (str::is_empty, "it is empty"),
    (|name| name.chars().count() > MAX_NAME_CHARACTERS, "it has more than 64 characters"),
    (|name| name.contains(['/', '\\']), "it contains a path separator"),
    (|name| name.contains(char::is_control), "it contains a control character"),
    (
        |name| name.contains(['<', '>', ':', '"', '|', '?', '*']),
        "it contains a character that Windows forbids",
    ),
    (|name| name.starts_with('.'), "it begins with a dot"),
    (|name| name.starts_with(char::is_whitespace), "it begins with a space"),
    (|name| name.ends_with('.') || name.ends_with(char::is_whitespace), "it ends with a dot or a space"),
    (is_reserved_on_windows, "Windows reserves it for a device"),
];

impl InstanceName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstanceName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match RULES.iter().find(|(breaks, _)| breaks(text)) {
            Some((_, reason)) => Err(InvalidName { name: text.to_owned(), reason }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// With any extension: `con.txt` is the console too.
fn is_reserved_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|device| stem.strip_prefix(device)).any(|number| {
        matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    });
    numbered || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::InstanceName;

    #[test]
    fn plain_names_are_taken_as_they_are() {
        for name in ["default", "home-2", "my gateway", "büro", "a.b", "console", "com10", &"x".repeat(64)] {
            assert_eq!(name.parse::<InstanceName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_lead_elsewhere_or_nowhere_are_refused() {
        let names = [
            "",
            ".",
            "..",
            "../../evil",
            "a/b",
            "a\\b",
            "/etc",
            ".hidden",
            "a\0b",
            "a\nb",
            " a",
            "a ",
            "a.",
            "CON",
            "nul.txt",
            "com1",
            "LPT¹",
            "c:",
            "a*",
            &"x".repeat(65),
        ];
        for name in names {
            assert!(name.parse::<InstanceName>().is_err(), "`{name}`");
        }
    }
}
