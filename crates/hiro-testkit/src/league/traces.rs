//! Every live process that has something to do with a home, whoever started it and whatever became of its parent.

use std::fs;

use hiro_process::{Identity, Pid};

use super::League;

impl League {
    /// The command lines of all live processes whose command line or environment names this home.
    ///
    /// # Panics
    /// Where the processes can't be listed.
    #[must_use]
    pub fn traces(&self) -> Vec<String> {
        let home = self.home.folder().display().to_string();
        let processes = fs::read_dir("/proc").expect("a list of processes");
        let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let others = pids.filter(|pid| *pid != std::process::id());
        others.filter_map(|pid| command_line_of(pid, &home)).collect()
    }
}

fn command_line_of(pid: u32, home: &str) -> Option<String> {
    let read = |file: &str| {
        let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    let command_line = read("cmdline");
    let concerned = command_line.contains(home) || read("environ").contains(home);
    // A zombie has neither, but a process may become one between the two looks.
    let lives = Identity::of(Pid::try_from(pid).ok()?).ok()?.is_some();
    (concerned && lives).then(|| format!("{pid} {command_line}"))
}
