//! What is registered: a name, and the words of a command. Who is refused has registered nothing.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::{AutostartError, Subject};
use crate::instance_name::InstanceName;
use crate::paths;

/// One command that runs at a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, which is also that of a file.
    pub(super) name: String,
    /// The program and its arguments, each a text of one line.
    pub(super) words: Vec<String>,
}

impl Entry {
    pub(super) fn new(subject: &Subject<'_>) -> Result<Self, AutostartError> {
        check_data(subject)?;
        Self::of_words(subject)
    }

    /// A name in a registry may have been written by anybody.
    fn of_words(subject: &Subject<'_>) -> Result<Self, AutostartError> {
        let _is_plain: InstanceName = subject.target.parse()?;
        let words = subject.command.iter().map(OsString::as_os_str).chain([OsStr::new("start")]).map(text);
        let mut words = words.collect::<Result<Vec<_>, _>>()?;
        words.extend(option(subject.option, subject.target));
        Ok(Self { name: subject.name(), words })
    }
}

/// A login has the environment of no shell: it looks for the data where everybody does. Two data folders would also
/// take each other's names.
fn check_data(subject: &Subject<'_>) -> Result<(), AutostartError> {
    let usual = paths::data_dir(subject.app)?;
    match usual == subject.data {
        true => Ok(()),
        false => Err(AutostartError::OtherData { data: subject.data.to_owned(), usual }),
    }
}

fn text(word: &OsStr) -> Result<String, AutostartError> {
    let text = word.to_str().filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| AutostartError::NotText { path: Path::new(word).to_owned() })
}

/// A value that begins with a hyphen is taken for an option unless it is part of its own.
fn option(name: &str, value: &str) -> Vec<String> {
    match value.starts_with('-') {
        true => vec![format!("{name}={value}")],
        false => vec![name.to_owned(), value.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject<'a>(target: &'a str, command: &'a [OsString]) -> Subject<'a> {
        let data = Path::new("/nowhere/hirogate");
        Subject { app: "hirogate", target, command, option: "--instance", data }
    }

    #[test]
    fn the_command_is_the_programs_own_start_of_that_instance() {
        let command = ["/opt/hiro".into(), "gateway".into()];
        let entry = Entry::of_words(&subject("home", &command)).unwrap();
        assert_eq!(entry.name, "hirogate-home");
        assert_eq!(entry.words, ["/opt/hiro", "gateway", "start", "--instance", "home"]);
        let entry = Entry::of_words(&subject("-v", &command)).unwrap();
        assert_eq!(entry.words[3..], ["--instance=-v"]);
    }

    #[test]
    fn what_can_not_be_written_safely_is_refused() {
        for name in ["../../evil", "", "a\nExec=b", "a/b"] {
            let refused = Entry::of_words(&subject(name, &["/opt/hirogate".into()]));
            assert!(matches!(refused, Err(AutostartError::InvalidName(_))), "{name:?}");
        }
        let refused = Entry::of_words(&subject("home", &["/opt\n/hirogate".into()]));
        assert!(matches!(refused, Err(AutostartError::NotText { .. })), "{refused:?}");
    }
}
