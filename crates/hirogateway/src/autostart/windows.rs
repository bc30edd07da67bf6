//! Windows: a value in the registry's `Run` key of the user, as the Python package does it where it may not make a task.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use hiro_process::windows_command_line;
use winsafe::{HKEY, RegistryValue, co};

use super::AutostartError;
use super::entry::Entry;

/// The label of this way.
pub(super) const METHOD: &str = "registry";

const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

/// Windows overlooks a value with a longer command.
const MAX_CHARACTERS: usize = 260;

pub(super) fn register(entry: &Entry) -> Result<(), AutostartError> {
    let line = command_line(&entry.words)?;
    let refused = |error| refused("write", entry, error);
    let (options, rights) = (co::REG_OPTION::NON_VOLATILE, co::KEY::SET_VALUE);
    let opened = HKEY::CURRENT_USER.RegCreateKeyEx(KEY, None, options, rights, None);
    let (key, _is_new) = opened.map_err(refused)?;
    key.RegSetValueEx(Some(&entry.name), RegistryValue::Sz(line)).map_err(refused)
}

/// Whether it was registered.
pub(super) fn unregister(entry: &Entry) -> Result<bool, AutostartError> {
    let key = HKEY::CURRENT_USER.RegOpenKeyEx(Some(KEY), co::REG_OPTION::default(), co::KEY::SET_VALUE);
    found(key.and_then(|key| key.RegDeleteValue(Some(&entry.name))), "delete", entry)
}

pub(super) fn is_registered(entry: &Entry) -> Result<bool, AutostartError> {
    let key = HKEY::CURRENT_USER.RegOpenKeyEx(Some(KEY), co::REG_OPTION::default(), co::KEY::QUERY_VALUE);
    found(key.and_then(|key| key.RegQueryValueEx(Some(&entry.name)).map(drop)), "look for", entry)
}

fn found(done: Result<(), co::ERROR>, action: &'static str, entry: &Entry) -> Result<bool, AutostartError> {
    match done {
        Ok(()) => Ok(true),
        Err(co::ERROR::FILE_NOT_FOUND) => Ok(false),
        Err(error) => Err(refused(action, entry, error)),
    }
}

fn command_line(words: &[String]) -> Result<String, AutostartError> {
    let (program, arguments) = words.split_first().expect("a command has a program");
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let not_text = || AutostartError::NotText { path: Path::new(program).to_owned() };
    let line = windows_command_line(Path::new(program), &arguments).map_err(|_a_null| not_text())?;
    let line = line.into_string().map_err(|_no_text| not_text())?;
    match line.encode_utf16().count() {
        length if length > MAX_CHARACTERS => Err(AutostartError::TooLong { length, most: MAX_CHARACTERS }),
        _ => Ok(line),
    }
}

fn refused(action: &'static str, entry: &Entry, error: co::ERROR) -> AutostartError {
    let place = format!(r"HKEY_CURRENT_USER\{KEY}\{}", entry.name);
    AutostartError::Io { action, place, source: io::Error::from_raw_os_error(error.raw().cast_signed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(program: &str, name: &str) -> Vec<String> {
        [program, "start", "--instance", name].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_path_and_a_name_with_blanks_are_words_of_the_line() {
        let line = command_line(&words(r"C:\Program Files\hirogate.exe", "my gateway")).unwrap();
        assert_eq!(line, r#""C:\Program Files\hirogate.exe" start --instance "my gateway""#);
    }

    #[test]
    fn a_command_that_windows_would_overlook_is_refused() {
        let of_length = |length: usize| {
            let frame = command_line(&words("", "home")).unwrap().len();
            command_line(&words(&"x".repeat(length - frame), "home"))
        };
        assert_eq!(of_length(260).unwrap().len(), 260);
        let refused = of_length(261);
        assert!(matches!(refused, Err(AutostartError::TooLong { length: 261, most: 260 })), "{refused:?}");
    }
}
