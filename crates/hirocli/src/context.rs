//! What every command works on: the user's data folders, and the program that runs in the background.

use std::env;
use std::path::PathBuf;

use hirogateway::Gateways;
use hirogateway::paths::data_dir;

use crate::Error;

/// Names the servers' data folder; a background server gets it from the start that spawns it.
pub const DATA_VARIABLE: &str = "HIRO_DATA_DIR";

/// The name of the data folder.
pub(crate) const APP: &str = "hiro";

/// The word that leads to the gateway commands of this program.
const GATEWAY_COMMAND: &str = "gateway";

/// The user's data folders, and the program `hiro`.
///
/// ```
/// use hirocli::Context;
/// use hirocli::workspace::registry::registry_file;
///
/// # let home = tempfile::tempdir()?;
/// let context = Context::new(home.path(), "/usr/bin/hiro")?;
/// assert!(registry_file(&context.data).ends_with("hiro/registry.json"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Context {
    /// Where the workspaces are.
    pub data: PathBuf,
    /// The gateway instances, run by the same program.
    pub gateways: Gateways,
    /// The program that servers, native plugins and the shim are run with.
    pub program: PathBuf,
}

impl Context {
    /// The folders `hiro` and `hirogate` below `base`, which may not exist yet, and the program `program`.
    ///
    /// # Errors
    /// A path is relative and the current folder has gone.
    pub fn new(base: impl Into<PathBuf>, program: impl Into<PathBuf>) -> Result<Self, Error> {
        let (base, program) = (absolute(base.into())?, absolute(program.into())?);
        let gateways = Gateways::new(base.join("hirogate"), [program.as_os_str(), GATEWAY_COMMAND.as_ref()])?;
        Ok(Self { data: base.join(APP), gateways, program })
    }

    /// The data folders of this user, and this very program. To be asked early: a program whose file is replaced while
    /// it runs can't tell later where it was.
    ///
    /// # Errors
    /// The environment names no data folder, or the operating system does not tell which program this is.
    pub fn of_this_program() -> Result<Self, Error> {
        let data = match env::var_os(DATA_VARIABLE).filter(|folder| !folder.is_empty()) {
            Some(folder) => folder.into(),
            None => data_dir(APP)?,
        };
        Ok(Self {
            data: absolute(data)?,
            gateways: Gateways::of_this_user(&[GATEWAY_COMMAND])?,
            program: env::current_exe().map_err(|source| Error::ProgramUnknown { source })?,
        })
    }
}

/// A background process has another current folder.
fn absolute(path: PathBuf) -> Result<PathBuf, Error> {
    std::path::absolute(&path).map_err(|source| Error::Io { action: "find", path, source })
}
