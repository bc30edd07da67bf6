//! The Python gateway as an instance's process: `uv run --directory ROOT python -m hirogateway.main start …`.
//!
//! It stands behind the exec shim, so that record, lock and crash evidence are those of any instance; the PID file that
//! it writes itself names the same process. It does not say when it is ready, so its port does.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::{
    Identity, Launch, Progress, Run, State, StopOptions, child_environment, clear_crash, get_status,
    is_served_by, stop_process, uv_python_cmd,
};

use super::{APP, Gateways, StartRequest, process_of};
use crate::error::GatewayError;
use crate::paths;
use crate::registry::InstanceEntry;
use crate::runtime::RuntimeChoice;
use crate::settings::Settings;

/// The module that is the gateway.
pub(super) const MODULE: &str = "hirogateway.main";
/// The hidden command that puts itself before the program.
const SHIM: &str = "shim";
/// Between two looks at the port: no event tells of a port that opens.
const PAUSE: Duration = Duration::from_millis(25);
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How the gateway of `entry` is run from the workspace at `root`.
pub(super) fn launch(
    gateways: &Gateways,
    entry: &InstanceEntry,
    root: &Path,
    request: &StartRequest,
) -> Result<Launch, GatewayError> {
    if request.metrics_port.is_some() {
        return Err(GatewayError::NativeOnly { option: "--metrics-port" });
    }
    if request.bus.is_some() {
        return Err(GatewayError::NativeOnly { option: "--bus" });
    }
    let shim = gateways.command.iter().cloned().chain([SHIM.into(), "--".into()]);
    let mut launch = Launch::python(root, process_of(entry).stderr_log()).behind_shim(shim);
    launch = launch.args(words(entry, request));
    if let Some((name, value)) = data_variable(gateways.data())? {
        launch = launch.variable(name, value);
    }
    Ok(launch)
}

impl Gateways {
    /// The command that is the Python gateway in the foreground, where that is what does the instance's work. What a
    /// crash has left is cleared.
    ///
    /// # Errors
    /// When there is no such instance, it runs already, or its workspace or uv can't be found.
    pub fn python_foreground(
        &self,
        name: Option<&str>,
        request: &StartRequest,
    ) -> Result<Option<Command>, GatewayError> {
        let entry = self.resolve(name)?;
        let RuntimeChoice::Uv { workspace_dir } = RuntimeChoice::load(&entry.path)? else { return Ok(None) };
        clear_crash(&process_of(&entry), request.patience.grace)?;
        let python = uv_python_cmd(&workspace_dir)?;
        let (uv, leading) = python.split_first().expect("a command has a program");
        let mut command = Command::new(uv);
        command.args(leading).args(words(&entry, request)).env_clear().envs(child_environment());
        command.envs(data_variable(&self.data)?);
        Ok(Some(command))
    }
}

/// The words behind `python`.
pub(super) fn words(entry: &InstanceEntry, request: &StartRequest) -> Vec<std::ffi::OsString> {
    let mut words: Vec<std::ffi::OsString> = ["-m", MODULE, "start", "--instance"].map(Into::into).to_vec();
    words.push(entry.name.clone().into());
    words.push("--foreground".into());
    words.extend(request.verbose.then(|| "--verbose".into()));
    if let Some(folder) = &request.log_dir {
        words.extend(["--log-dir".into(), folder.clone().into_os_string()]);
    }
    words
}

/// What tells the Python gateway where its registry is, if that is not where it looks anyway.
pub(super) fn data_variable(data: &Path) -> Result<Option<(&'static str, &Path)>, GatewayError> {
    if paths::data_dir(APP).is_ok_and(|usual| usual == data) {
        return Ok(None);
    }
    match data.parent().filter(|_| data.file_name() == Some(APP.as_ref())) {
        Some(base) => Ok(Some((paths::BASE_VARIABLE, base))),
        None => Err(GatewayError::DataFolderName { data: data.to_owned() }),
    }
}

/// Whether that is a process which does not say itself when it is ready.
pub(super) fn says_nothing(run: &Run) -> bool {
    run.record.as_ref().is_none_or(|record| record.ready_on_exec)
}

/// How the process of `entry` is. A Python gateway is ready when its port is its own, and not before.
pub(super) fn look(entry: &InstanceEntry, settings: Option<&Settings>) -> State {
    let address = || settings?.address().ok();
    match get_status(&process_of(entry)) {
        State::Ready(run)
            if says_nothing(&run) && address().is_some_and(|address| !is_served_by(address, &run)) =>
        {
            State::Starting(run)
        }
        state => state,
    }
}

/// One wait for a port.
pub(super) struct Opening<'a> {
    pub(super) entry: &'a InstanceEntry,
    pub(super) settings: &'a Settings,
    pub(super) process: Identity,
    /// This start has started it, and ends it when it is overdue.
    pub(super) own: bool,
}

impl Opening<'_> {
    /// Waits until the process has opened its port; the process that has may be one that it started.
    pub(super) fn wait(
        &self,
        deadline: Duration,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Identity, GatewayError> {
        let (begun, mut told) = (Instant::now(), Duration::ZERO);
        loop {
            let phase = match look(self.entry, Some(self.settings)) {
                State::Ready(run) => return Ok(run.identity),
                State::Starting(run) => run.record.map(|record| record.phase),
                other => return Err(self.ended(other)),
            };
            let waited = begun.elapsed();
            if waited >= deadline {
                return Err(self.overdue(waited));
            }
            if waited >= told + PROGRESS_EVERY {
                told = waited;
                progress(Progress { waited, phase });
            }
            thread::sleep(PAUSE);
        }
    }

    fn ended(&self, state: State) -> GatewayError {
        let (evidence, stderr) = match state {
            State::Crashed(mut crash) => {
                let lines = std::mem::take(&mut crash.stderr);
                (crash.to_string(), lines)
            }
            other => (format!("it is {} now", other.name()), Vec::new()),
        };
        let (instance, port) = (self.entry.name.clone(), self.settings.port);
        GatewayError::EndedEarly { instance, port, evidence, stderr }
    }

    fn overdue(&self, waited: Duration) -> GatewayError {
        let process = process_of(self.entry);
        let stderr = hiro_process::stderr_tail(&process.stderr_log(), 10);
        if self.own
            && let Err(source) = stop_process(&process, &StopOptions::default())
        {
            return GatewayError::Stop { instance: self.entry.name.clone(), source };
        }
        GatewayError::PortNotOpened {
            instance: self.entry.name.clone(),
            pid: self.process.pid.get(),
            port: self.settings.port,
            waited,
            stderr,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::data_variable;
    use crate::paths::BASE_VARIABLE;

    #[test]
    fn python_is_told_the_folder_above_its_own_which_it_names_itself() {
        let data = Path::new("/elsewhere/hirogate");
        assert_eq!(data_variable(data).unwrap(), Some((BASE_VARIABLE, Path::new("/elsewhere"))));
        let error = data_variable(Path::new("/elsewhere/gateways")).unwrap_err();
        assert!(error.to_string().contains("`/elsewhere/gateways`"), "{error}");
    }
}
