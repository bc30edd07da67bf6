//! Reads the command of a desktop entry as a desktop does, by the steps of the specification: first the escapes of every
//! value, then the quotes of `Exec`, then its field codes. It shares nothing with what writes entries.

/// The words of the command in the desktop entry `text`.
///
/// # Panics
/// Where it isn't one, or breaks the rules.
#[must_use]
pub fn desktop_entry_command(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("[Desktop Entry]"));
    let lines: Vec<_> = lines.map(|line| line.split_once('=').expect("a key and a value")).collect();
    let value = |key: &str| lines.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    assert_eq!(value("Type"), Some("Application"));
    assert!(value("Name").is_some_and(|name| !name.is_empty()));
    assert_eq!(value("Hidden"), None, "it is to be started");
    words(&unescaped(value("Exec").expect("a command")))
}

fn unescaped(value: &str) -> String {
    let mut characters = value.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next().expect("an escaped character") {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                other => panic!("`\\{other}` is no escape"),
            },
            plain => plain,
        });
    }
    text
}

fn words(command: &str) -> Vec<String> {
    let mut rest = command;
    let mut words = Vec::new();
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_word(quoted),
            None => plain_word(rest),
        };
        words.push(without_field_codes(&word));
        rest = behind.strip_prefix(' ').unwrap_or_else(|| {
            assert_eq!(behind, "", "a word ends with a space");
            behind
        });
    }
    words
}

fn quoted_word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut characters = text.char_indices();
    loop {
        match characters.next().expect("a closing quote") {
            (place, '"') => return (word, &text[place + 1..]),
            (_, '\\') => {
                let (_, escaped) = characters.next().expect("an escaped character");
                assert!("\"`$\\".contains(escaped), "`{escaped}` needs no backslash");
                word.push(escaped);
            }
            (_, bare) => {
                assert!(!"`$".contains(bare), "`{bare}` needs a backslash");
                word.push(bare);
            }
        }
    }
}

fn plain_word(text: &str) -> (String, &str) {
    let (word, behind) = text.split_at(text.find(' ').unwrap_or(text.len()));
    assert!(!word.is_empty() && !word.contains(|found| "\t\n\"'\\><~|&;$*?#()`".contains(found)), "{word}");
    (word.to_owned(), behind)
}

fn without_field_codes(word: &str) -> String {
    let mut parts = word.split("%%");
    assert!(parts.all(|part| !part.contains('%')), "a field code in `{word}`");
    word.replace("%%", "%")
}
