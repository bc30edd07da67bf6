//! Between words and a command line, by the rules of the C runtime and `CommandLineToArgvW`: pure functions.
//!
//! Windows hands a program one line of text; every program cuts it up by itself, almost all by these rules.

const QUOTE: u16 = b'"' as u16;
const BACKSLASH: u16 = b'\\' as u16;

/// Appends an argument so that it is read back as it is, whatever it holds.
pub(super) fn append(line: &mut Vec<u16>, argument: &[u16]) {
    let is_plain = !argument.is_empty() && !argument.iter().any(|unit| is_blank(*unit) || *unit == QUOTE);
    if is_plain {
        line.extend_from_slice(argument);
        return;
    }
    line.push(QUOTE);
    let mut backslashes = 0;
    for unit in argument {
        match *unit {
            BACKSLASH => backslashes += 1,
            // Backslashes before a quote are escapes: each is doubled, and one more escapes the quote.
            QUOTE => {
                line.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(*unit);
    }
    // The closing quote is one, too.
    line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
    line.push(QUOTE);
}

/// The words of a command line. The first is the program, in which a backslash never escapes: it is a path.
pub(super) fn split(line: &[u16]) -> Vec<Vec<u16>> {
    let (program, mut rest) = split_program(line);
    let mut words = vec![program];
    loop {
        let blanks = rest.iter().take_while(|unit| is_blank(**unit)).count();
        rest = &rest[blanks..];
        if rest.is_empty() {
            return words;
        }
        let (word, behind) = split_word(rest);
        words.push(word);
        rest = behind;
    }
}

fn split_program(line: &[u16]) -> (Vec<u16>, &[u16]) {
    let (text, is_end): (&[u16], fn(u16) -> bool) = match line.split_first() {
        Some((&QUOTE, text)) => (text, |unit| unit == QUOTE),
        _ => (line, is_blank),
    };
    let end = text.iter().position(|unit| is_end(*unit));
    let behind = end.map_or(text.len(), |end| end + 1);
    (text[..end.unwrap_or(text.len())].to_vec(), &text[behind..])
}

/// The next word, and what stands behind it.
fn split_word(text: &[u16]) -> (Vec<u16>, &[u16]) {
    let (mut word, mut is_quoted, mut place) = (Vec::new(), false, 0);
    while let Some(unit) = text.get(place) {
        let backslashes = text[place..].iter().take_while(|unit| **unit == BACKSLASH).count();
        if backslashes > 0 {
            place += backslashes;
            let before_quote = text.get(place) == Some(&QUOTE);
            let kept = if before_quote { backslashes / 2 } else { backslashes };
            word.extend(std::iter::repeat_n(BACKSLASH, kept));
            if before_quote && backslashes % 2 == 1 {
                word.push(QUOTE);
                place += 1;
            }
            continue;
        }
        place += 1;
        match *unit {
            // Two quotes within quotes are one, and the end of the quoted part.
            QUOTE if is_quoted && text.get(place) == Some(&QUOTE) => {
                word.push(QUOTE);
                place += 1;
                is_quoted = false;
            }
            QUOTE => is_quoted = !is_quoted,
            unit if is_blank(unit) && !is_quoted => break,
            unit => word.push(unit),
        }
    }
    (word, &text[place..])
}

fn is_blank(unit: u16) -> bool {
    unit == u16::from(b' ') || unit == u16::from(b'\t')
}

#[cfg(test)]
mod tests {
    use super::{append, split};
    use proptest::prelude::{any, prop_oneof, proptest};
    use proptest::strategy::Strategy;

    use windows_sys::Win32::UI::Shell::CommandLineToArgvW;

    use super::super::handle::LocalMemory;
    use super::super::wide;

    /// What Windows itself makes of a line.
    fn windows_splits(line: &[u16]) -> Vec<Vec<u16>> {
        let line: Vec<u16> = line.iter().copied().chain([0]).collect();
        let mut count = 0;
        // SAFETY: the line ends in a null, and `count` takes a number.
        let words = unsafe { CommandLineToArgvW(line.as_ptr(), &raw mut count) };
        let memory = LocalMemory::new(words.cast());
        (0..usize::try_from(count).unwrap())
            .map(|index| {
                // SAFETY: the array has `count` pointers to texts that end in a null.
                let word = unsafe { memory.as_ptr().cast::<*const u16>().add(index).read() };
                // SAFETY: as above.
                (0..).map(|unit| unsafe { word.add(unit).read() }).take_while(|unit| *unit != 0).collect()
            })
            .collect()
    }

    fn line_of(words: &[Vec<u16>]) -> Vec<u16> {
        let mut line: Vec<u16> = "\"C:\\a program\\x.exe\"".encode_utf16().collect();
        for word in words {
            line.push(u16::from(b' '));
            append(&mut line, word);
        }
        line
    }

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn the_well_known_traps_are_quoted_as_the_rules_say() {
        let quoted = |text: &str| {
            let mut line = Vec::new();
            append(&mut line, &units(text));
            wide::read(&line).into_string().unwrap()
        };
        for (argument, line) in [
            ("", "\"\""),
            ("plain", "plain"),
            (r"C:\a\", r"C:\a\"),
            (r"C:\a b\", r#""C:\a b\\""#),
            ("say \"hi\"", r#""say \"hi\"""#),
            (r#"\""#, r#""\\\"""#),
            ("a\tb", "\"a\tb\""),
        ] {
            assert_eq!(quoted(argument), line, "{argument:?}");
        }
    }

    /// Texts of what matters, and any others; never a null, which no argument can hold.
    fn argument() -> impl Strategy<Value = Vec<u16>> {
        prop_oneof![
            "[ab \t\\\\\"']{0,12}".prop_map(|text| units(&text)),
            any::<String>().prop_map(|text| units(&text.replace('\0', ""))),
        ]
    }

    proptest! {
        #[test]
        fn every_argument_arrives_as_it_was_given(words in proptest::collection::vec(argument(), 0..6)) {
            let line = line_of(&words);
            let arrived = windows_splits(&line);
            assert_eq!(&arrived[1..], words.as_slice());
            assert_eq!(wide::read(&arrived[0]), r"C:\a program\x.exe");
        }

        #[test]
        fn any_line_is_split_as_windows_does(line in "[ab \t\\\\\"]{1,24}") {
            let line = units(&format!("x {line}"));
            assert_eq!(split(&line), windows_splits(&line));
        }
    }
}
