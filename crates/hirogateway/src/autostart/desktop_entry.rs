//! The text of a desktop entry, as <https://specifications.freedesktop.org/desktop-entry-spec/> has it: pure functions.
//!
//! A word of a command is quoted three times: its percent signs, for field codes; itself, by the rules of `Exec`; and the
//! whole value, by the rules of every value.

use super::AutostartError;
use super::entry::Entry;

/// A word with one of these has to be in quotes.
const RESERVED: &[char] =
    &[' ', '\t', '\n', '"', '\'', '\\', '>', '<', '~', '|', '&', ';', '$', '*', '?', '#', '(', ')', '`'];

/// Within quotes these need a backslash.
const ESCAPED: &[char] = &['"', '`', '$', '\\'];

/// The first of these the specification forbids. The other one it has doubled, but GLib, and with it GNOME, looks for the
/// program before it undoes that, and starts nothing.
const NOT_IN_A_PROGRAM: &[char] = &['=', '%'];

pub(super) fn text(entry: &Entry) -> Result<String, AutostartError> {
    let program = entry.words.first().map_or("", String::as_str);
    if let Some(sign) = program.chars().find(|sign| NOT_IN_A_PROGRAM.contains(sign)) {
        return Err(AutostartError::Unspeakable { program: program.to_owned(), sign });
    }
    let words: Vec<String> = entry.words.iter().map(|word| quoted(word)).collect();
    let (name, command) = (value(&entry.name), value(&words.join(" ")));
    Ok(format!("[Desktop Entry]\nType=Application\nName={name}\nExec={command}\nTerminal=false\n"))
}

fn quoted(word: &str) -> String {
    let word = word.replace('%', "%%");
    if !word.is_empty() && !word.contains(RESERVED) {
        return word;
    }
    let escaped = |character| ESCAPED.contains(&character).then_some('\\').into_iter().chain([character]);
    format!("\"{}\"", word.chars().flat_map(escaped).collect::<String>())
}

fn value(text: &str) -> String {
    text.replace('\\', r"\\")
}

#[cfg(test)]
mod tests {
    use hiro_testkit::desktop_entry_command;
    use proptest::prelude::{prop_oneof, proptest};
    use proptest::strategy::Strategy;

    use super::*;

    fn entry(words: &[&str]) -> Entry {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Entry { name: "hirogate-home".to_owned(), words }
    }

    #[test]
    fn a_plain_command_stays_readable() {
        let text = text(&entry(&["/usr/bin/hirogate", "start", "--instance", "home"])).unwrap();
        assert_eq!(
            text,
            "[Desktop Entry]\nType=Application\nName=hirogate-home\n\
             Exec=/usr/bin/hirogate start --instance home\nTerminal=false\n"
        );
    }

    #[test]
    fn odd_characters_are_quoted_as_the_specification_says() {
        for (word, written) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("büro", "büro"),
            ("100%", "100%%"),
            ("50% off", r#""50%% off""#),
            ("it's", r#""it's""#),
            // The specification's own examples: four backslashes for one, two before a dollar sign.
            (r"a\b", r#""a\\\\b""#),
            ("$HOME", r#""\\$HOME""#),
            ("say \"hi\"", r#""say \\"hi\\"""#),
            ("`id`", r#""\\`id\\`""#),
            ("~;&|", r#""~;&|""#),
        ] {
            let text = text(&entry(&["x", word])).unwrap();
            assert_eq!(text.lines().nth(3), Some(&*format!("Exec=x {written}")), "{word:?}");
        }
    }

    #[test]
    fn a_program_that_an_entry_can_not_name_is_refused() {
        for program in ["/opt/a=b/hirogate", "/opt/100%/hirogate"] {
            let refused = text(&entry(&[program, "start"]));
            assert!(matches!(refused, Err(AutostartError::Unspeakable { .. })), "{refused:?}");
        }
        assert!(text(&entry(&["/opt/hirogate", "--instance=-v", "100%"])).is_ok());
    }

    /// Words of what matters, and any others of one line.
    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["[ab =%\\\\\"'`$~;#]{0,8}", "\\PC{0,12}"]
    }

    proptest! {
        #[test]
        fn every_command_is_read_back_word_by_word(words in proptest::collection::vec(word(), 0..5)) {
            let words: Vec<&str> = std::iter::once("/a b/\"$x\"/f").chain(words.iter().map(String::as_str)).collect();
            assert_eq!(desktop_entry_command(&text(&entry(&words)).unwrap()), words);
        }
    }
}
