//! Why something does not start with the computer as it was asked to, or still does.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::method::undone_by_hand;
use crate::instance_name::InvalidName;
use crate::paths::NoDataFolder;

/// Why something could not be registered to start with the computer, or not be taken away again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AutostartError {
    /// What is written bears its name, which may lead elsewhere.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// The environment does not say where a login looks for data.
    #[error(transparent)]
    NoDataFolder(#[from] NoDataFolder),
    /// The environment does not say where the user's folder is.
    #[error(
        "there is no place for what starts with the computer: the environment variable `{variable}` is not set"
    )]
    NoHome {
        /// The variable that should say it.
        variable: &'static str,
    },
    /// Only this shell knows where the data are.
    #[error("what starts with the computer looks for its data in `{}`, and these are in `{}`", usual.display(), data.display())]
    OtherData {
        /// Where they are.
        data: PathBuf,
        /// Where they are looked for.
        usual: PathBuf,
    },
    /// What should be written is no text of one line.
    #[error("could not register `{}`: it is no text of one line", path.display())]
    NotText {
        /// The word of the command.
        path: PathBuf,
    },
    /// A desktop entry can't name the program.
    #[error("could not register `{program}`: a desktop runs no program whose path has a `{sign}` in it")]
    Unspeakable {
        /// The program.
        program: String,
        /// What it has in it.
        sign: char,
    },
    /// Windows runs no command of that length at a login.
    #[error("could not register a command of {length} characters: Windows runs at most {most} at a login")]
    TooLong {
        /// Its length.
        length: usize,
        /// The greatest length.
        most: usize,
    },
    /// The operating system refused.
    #[error("could not {action} `{place}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file, folder or value of the registry.
        place: String,
        /// What it says.
        #[source]
        source: io::Error,
    },
    /// The configuration names a way that this program does not go on this system.
    #[error("`{entry}` was registered by another program, as `{method}`, which is left as it is")]
    Elsewhere {
        /// The name of what was registered.
        entry: String,
        /// The label.
        method: String,
    },
    /// The configuration says that it is registered, and it isn't.
    #[error("`{entry}` does not start with the computer any more: somebody has taken it away")]
    Gone {
        /// The name of what was registered.
        entry: String,
    },
}

impl AutostartError {
    /// What the user can do about it, where there is something that the message does not say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OtherData { .. } => Some(
                "unset `HIROGATE_DATA_DIR` and `HIRO_DATA_DIR`, which a login does not know, or start it by a \
                 script of your own"
                    .to_owned(),
            ),
            Self::NotText { .. } | Self::Unspeakable { .. } => {
                Some("install the program into a folder with a plain name".to_owned())
            }
            Self::TooLong { .. } => Some("install the program into a folder with a shorter path".to_owned()),
            Self::Elsewhere { entry, method } => undone_by_hand(method, entry),
            Self::Gone { .. } => Some("`--autostart` registers it again".to_owned()),
            _ => None,
        }
    }
}
