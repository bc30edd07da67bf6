//! A text and its places: what is wrong with it is said with line and column.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::Error;
use crate::services::ServiceError;

/// The text of a file.
#[derive(Debug)]
pub(super) struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    pub(super) fn new(file: &Path, text: String) -> Self {
        Self { file: file.to_owned(), text }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        toml::from_str(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            // The parser's own explanations come in lines of their own.
            self.error(offset, error.message().lines().next().unwrap_or_default())
        })
    }

    pub(super) fn error(&self, offset: usize, message: &str) -> Error {
        let (line, column) = place(&self.text, offset);
        ServiceError::Project { path: self.file.clone(), line, column, message: message.to_owned() }.into()
    }
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_are_counted_from_one_in_characters() {
        assert_eq!(place("", 0), (1, 1));
        assert_eq!(place("ä = 1\nb", 3), (1, 3));
        assert_eq!(place("a\nb = ?", 6), (2, 5));
        assert_eq!(place("a", 99), (1, 2));
    }
}
