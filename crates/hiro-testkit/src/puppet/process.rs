//! The puppet's own state, and how it carries out each command.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::{self, Child, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use hiro_process::{
    Announced, Exit, Identity, Instance, Launch, Pid, StartOptions, announce, become_program, get_status,
    is_running, port_taken, start_instance, write_pid,
};

use super::Event;
use super::commands::{Command, Outcome};
use super::platform;

/// Everything a puppet has.
#[derive(Debug, Default)]
pub(super) struct Process {
    announced: Option<(Instance, Announced)>,
    ignores_stop: Arc<AtomicBool>,
    children: Vec<Child>,
    ports: Vec<TcpListener>,
}

impl Process {
    pub(super) fn obey(
        &mut self,
        command: &Command,
        events: Option<&Sender<Event>>,
    ) -> anyhow::Result<Outcome> {
        match command {
            Command::Announce(pid_file) => self.announce(pid_file, events)?,
            Command::Ready => self.announced()?.ready()?,
            Command::Exit(code) => return Ok(Outcome::Exit(ExitCode::from(*code))),
            Command::Stderr(text) => writeln!(io::stderr(), "{text}")?,
            Command::StderrClock => self.tell_clock()?,
            Command::Stdout(text) => writeln!(io::stdout(), "{text}")?,
            Command::Shim(program) => return Ok(Outcome::Exit(shim(program, &[])?)),
            Command::WaitForStop => {
                self.announced()?.stop_requests().wait()?;
            }
            Command::HoldFor(milliseconds) => thread::sleep(Duration::from_millis(*milliseconds)),
            Command::FloodStderr => flood_stderr()?,
            Command::Hold => thread::park_timeout(Duration::from_secs(3600)),
            Command::ReadOnly(folder) => read_only(folder)?,
            Command::Spawn(words) => self.spawn(words)?,
            Command::IgnoreTerm => self.ignore_term()?,
            Command::SayGoodbye(text) => say_goodbye(text.clone(), events.cloned())?,
            Command::OwnSession => platform::own_session()?,
            Command::Ping => return Ok(Outcome::Answer("pong".into())),
            Command::Listen(port) => return self.listen(*port),
            Command::Serve(port) => self.serve(*port)?,
            Command::WriteOldPid(pid_file) => write_pid(pid_file.as_ref())?,
            Command::LimitFileSize(bytes) => platform::limit_file_size(*bytes)?,
            Command::Start(words) => start(words)?,
            Command::StartPython(words) => start_python(words, Knows::Nothing)?,
            Command::StartKnowingPython(words) => start_python(words, Knows::TheRules)?,
            Command::Restart(script) => self.restart(script)?,
            Command::Status(pid_file) => {
                return Ok(Outcome::Answer(get_status(&Instance::new(pid_file)?).name().to_owned()));
            }
            Command::Alive(pid) => {
                let identity = Identity::of(Pid::try_from(*pid)?)?;
                let alive = identity.is_some_and(|identity| is_running(&identity));
                return Ok(Outcome::Answer(alive.to_string()));
            }
            Command::Environment(name) => return Ok(Outcome::Answer(env::var(name).unwrap_or_default())),
            Command::Executable => return Ok(Outcome::Answer(env::current_exe()?.display().to_string())),
            Command::Directory => return Ok(Outcome::Answer(env::current_dir()?.display().to_string())),
            Command::Arguments => return Ok(Outcome::Answer(env::args().collect::<Vec<_>>().join("|"))),
            Command::Birth => return Ok(Outcome::Answer(platform::birth()?)),
            Command::AsNobody(script) => platform::as_nobody(script)?,
        }
        Ok(Outcome::done())
    }

    fn tell_clock(&mut self) -> anyhow::Result<()> {
        Ok(writeln!(io::stderr(), "{}", platform::clock()?)?)
    }

    /// Lives until somebody asks it to stop.
    pub(super) fn wait_to_be_stopped(&mut self) -> anyhow::Result<ExitCode> {
        let (_, announced) = self.announced.as_mut().context("nothing was announced")?;
        announced.stop_requests().wait()?;
        let end = self.end()?;
        self.tell_clock()?;
        Ok(end)
    }

    /// The end of a puppet that was asked to stop, or whose stage is gone.
    pub(super) fn end(&mut self) -> anyhow::Result<ExitCode> {
        if let Some((_, announced)) = &mut self.announced
            && announced.stop_requests().try_wait()?.is_some()
        {
            announced.stopping()?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn announced(&mut self) -> anyhow::Result<&mut Announced> {
        self.announced.as_mut().map(|(_, announced)| announced).context("nothing was announced")
    }

    fn announce(&mut self, pid_file: &str, events: Option<&Sender<Event>>) -> anyhow::Result<()> {
        let instance = Instance::new(pid_file)?;
        let announced = announce(&instance, env!("CARGO_PKG_VERSION"))?;
        if let Some(events) = events.cloned() {
            let (requests, ignores_stop) = (announced.stop_requests(), Arc::clone(&self.ignores_stop));
            thread::spawn(move || {
                if requests.wait().is_ok() && !ignores_stop.load(Ordering::Acquire) {
                    let _ = events.send(Event::End);
                }
            });
        }
        self.announced = Some((instance, announced));
        Ok(())
    }

    fn ignore_term(&mut self) -> anyhow::Result<()> {
        self.ignores_stop.store(true, Ordering::Release);
        if self.announced.is_none() { platform::ignore_term() } else { Ok(()) }
    }

    /// `NAME|command|command`: a puppet of the same stage.
    fn spawn(&mut self, words: &str) -> anyhow::Result<()> {
        let (name, script) = words.split_once('|').unwrap_or((words, ""));
        let mut child = process::Command::new(env::current_exe()?);
        child.arg(format!("name {name}")).args(script.split('|').filter(|command| !command.is_empty()));
        self.children.push(child.spawn()?);
        Ok(())
    }

    fn listen(&mut self, port: u16) -> anyhow::Result<Outcome> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let port = listener.local_addr()?.port();
        self.ports.push(listener);
        Ok(Outcome::Answer(port.to_string()))
    }

    fn serve(&mut self, port: u16) -> anyhow::Result<()> {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(listener) => self.ports.push(listener),
            Err(error) => match port_taken(([127, 0, 0, 1], port).into()) {
                Some(taken) => bail!("{taken}"),
                None => bail!("port {port}: {error}"),
            },
        }
        Ok(())
    }

    /// The script of the successor.
    fn restart(&mut self, script: &str) -> anyhow::Result<()> {
        let (instance, announced) = self.announced.as_mut().context("nothing was announced")?;
        let launch = Launch::native(env::current_exe()?, instance.stderr_log()).args(script.split('|'));
        Ok(announced.restart(&launch)?)
    }
}

fn flood_stderr() -> anyhow::Result<()> {
    let (block, mut stderr) = (format!("{}\n", "flood".repeat(200)).repeat(64), io::stderr());
    loop {
        stderr.write_all(block.as_bytes())?;
    }
}

fn start(words: &str) -> anyhow::Result<()> {
    let (pid_file, script) = words.split_once('|').unwrap_or((words, ""));
    let instance = Instance::new(pid_file)?;
    let launch = Launch::native(env::current_exe()?, instance.stderr_log()).args(script.split('|'));
    start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {})?;
    Ok(())
}

fn say_goodbye(text: String, events: Option<Sender<Event>>) -> anyhow::Result<()> {
    let events = events.context("a stage to leave")?;
    Ok(ctrlc::set_handler(move || {
        let _ = writeln!(io::stderr(), "{text}");
        let _ = events.send(Event::End);
    })?)
}

/// Where the shim stays beside the program, it ends as the program did.
pub(super) fn shim(program: &str, arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    Ok(match become_program(program.as_ref(), arguments)? {
        Exit::Code(code) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        Exit::Signal(_) => ExitCode::FAILURE,
    })
}

/// Nothing can be created in the folder from now on, by its owner at least.
fn read_only(folder: &str) -> anyhow::Result<()> {
    let mut permissions = fs::metadata(folder)?.permissions();
    permissions.set_readonly(true);
    Ok(fs::set_permissions(folder, permissions)?)
}

/// Whether a program announces itself or needs the shim for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knows {
    TheRules,
    Nothing,
}

fn start_python(words: &str, knows: Knows) -> anyhow::Result<()> {
    let mut words = words.split('|');
    let (root, pid_file) = words.next().zip(words.next()).context("a root and a PID file")?;
    let instance = Instance::new(pid_file)?;
    let mut launch = Launch::python(root, instance.stderr_log()).args(words);
    if knows == Knows::Nothing {
        launch = launch.behind_shim([env::current_exe()?.into_os_string(), "shim".into()]);
    }
    start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {})?;
    Ok(())
}
