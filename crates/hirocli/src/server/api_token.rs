//! The secret by which a program shows the HTTP API that it acts for the owner of the workspace: a file that nobody else
//! can read.
//!
//! Every server makes a new one before it is ready; one that somebody has copied is void after the next start.

use std::fmt;
use std::path::{Path, PathBuf};

use hiro_process::files::{self, Durability};

use super::tokens::equal;
use crate::Error;

/// As many random bytes as nobody guesses.
const BYTES: usize = 32;

/// The token of a running server.
pub(super) struct ApiToken(String);

impl ApiToken {
    /// Makes a token and puts it into the workspace's folder, in place of the one of an earlier server.
    pub(super) fn issue(workspace: &Path) -> Result<Self, Error> {
        let token = random();
        let path = token_file(workspace);
        files::replace(&path, token.as_bytes(), Durability::Volatile).map_err(|source| Error::Io {
            action: "write the token",
            path,
            source,
        })?;
        Ok(Self(token))
    }

    /// Whether `presented` is this token.
    pub(super) fn admits(&self, presented: &str) -> bool {
        equal(self.0.as_bytes(), presented.as_bytes())
    }
}

/// What is written into logs must not be worth stealing.
impl fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiToken")
    }
}

/// The file with the token of the server that runs, in its workspace's folder: the token and nothing else, readable by
/// its owner alone.
#[must_use]
pub fn token_file(workspace: &Path) -> PathBuf {
    workspace.join("api_token")
}

fn random() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_token_is_in_its_file_and_the_next_one_makes_it_void() {
        let workspace = tempfile::tempdir().unwrap();
        let read = || fs::read_to_string(token_file(workspace.path())).unwrap();
        let first = ApiToken::issue(workspace.path()).unwrap();
        let written = read();
        assert_eq!(written.len(), 2 * BYTES);
        assert!(first.admits(&written));
        for other in ["", &written[1..], &format!("{written}\n"), &"0".repeat(written.len())] {
            assert!(!first.admits(other), "{other:?}");
        }
        let second = ApiToken::issue(workspace.path()).unwrap();
        assert!(second.admits(&read()) && !second.admits(&written));
        assert!(!format!("{second:?}").contains(&read()));
    }
}
