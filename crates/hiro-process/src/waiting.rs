//! The wait of a start: what was seen so far, what follows from it (a pure function), and the events between two looks.

use std::time::{Duration, Instant};

use crate::error::{Error, PortTaken, StartFailure, StartFailureCause};
use crate::exit_report::{self, Exit};
use crate::identity::{Identity, is_running};
use crate::instance::Instance;
use crate::launch::Launch;
use crate::launch_context::LaunchContext;
use crate::pid::Pid;
use crate::record::{Phase, Record};
use crate::start::{self, Progress};
use crate::start_when::{LOOK_EVERY, Serves};
use crate::state::State;
use crate::status::{STDERR_LINES, get_status_within};
use crate::tree::{self, TreeQuery};
use crate::{stderr_log, sys};

/// The safety net under the events: how often to look although nothing was reported.
const POLL: Duration = Duration::from_millis(500);
/// How long a launcher may take to pass on the exit status of a worker that has died.
const LAUNCHER_PATIENCE: Duration = Duration::from_millis(50);
pub(crate) const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// What one look at a launch gives.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    /// What the child says of itself.
    announced: Option<Announced>,
    /// How the spawned process ended, where it has.
    spawned_exit: Option<Exit>,
    /// Something of the launch lives: the spawned process, or one that it left behind.
    something_lives: bool,
    overdue: bool,
    wanted: bool,
    /// Since when the announced process is known to be dead.
    dead_for: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Announced {
    identity: Identity,
    phase: Phase,
    /// The witnesses agree that this very process is ready.
    confirmed: bool,
    lives: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    Wait,
    Ready(Identity),
    Failed(StartFailureCause),
}

/// What follows from a look. A launcher may exit with 0 and leave its child running; any other exit is a failure.
fn judge(look: &Look) -> Verdict {
    match look.announced {
        Some(Announced { identity, confirmed: true, lives: true, .. }) => return Verdict::Ready(identity),
        // A launcher that still lives is about to pass the status on.
        Some(Announced { lives: false, .. }) => {
            let patient =
                look.spawned_exit.is_none() && look.dead_for.is_none_or(|dead| dead < LAUNCHER_PATIENCE);
            return if patient {
                Verdict::Wait
            } else {
                Verdict::Failed(StartFailureCause::Ended(look.spawned_exit))
            };
        }
        _ => {}
    }
    match look.spawned_exit {
        Some(exit) if !exit.is_success() || !look.something_lives => {
            Verdict::Failed(StartFailureCause::Ended(Some(exit)))
        }
        _ if !look.wanted => Verdict::Failed(StartFailureCause::NotWanted),
        _ if look.overdue => Verdict::Failed(StartFailureCause::Deadline),
        _ => Verdict::Wait,
    }
}

/// One start that waits for its child.
pub(crate) struct Waiting<'a> {
    instance: &'a Instance,
    launch: &'a Launch,
    context: LaunchContext,
    child: sys::Child,
    begun: Instant,
    deadline: Duration,
    last_seen: Option<Announced>,
    died_at: Option<Instant>,
    told_at: Duration,
    serves: Serves<'a>,
}

impl<'a> Waiting<'a> {
    pub(crate) fn new(
        instance: &'a Instance,
        launch: &'a Launch,
        context: LaunchContext,
        child: sys::Child,
        begun: Instant,
        deadline: Duration,
        serves: Serves<'a>,
    ) -> Self {
        let (last_seen, died_at, told_at) = (None, None, Duration::ZERO);
        Self { instance, launch, context, child, begun, deadline, last_seen, died_at, told_at, serves }
    }

    pub(crate) fn into_child(self) -> sys::Child {
        self.child
    }

    pub(crate) fn run(
        &mut self,
        watch: &sys::FolderWatch,
        is_wanted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Identity, Error> {
        loop {
            let (look, left_behind) = self.look(is_wanted())?;
            match judge(&look) {
                Verdict::Ready(identity) => return Ok(identity),
                Verdict::Failed(cause) => return Err(self.fail(cause, look.spawned_exit)),
                Verdict::Wait => self.wait(watch, &left_behind, progress)?,
            }
        }
    }

    fn look(&mut self, wanted: bool) -> Result<(Look, Vec<Identity>), Error> {
        // The exit first, the record second: what an ended process has written is then seen for certain.
        let pid = self.child.identity().pid;
        let spawned_exit = self.child.try_wait().map_err(Error::process("wait for", pid))?;
        self.last_seen = self
            .read_announcement()
            .or(self.last_seen)
            .map(|seen| Announced { lives: is_running(&seen.identity), ..seen });
        if self.last_seen.is_some_and(|seen| !seen.lives) {
            self.died_at.get_or_insert_with(Instant::now);
        }
        let left_behind = match spawned_exit {
            Some(exit) if exit.is_success() => self.tree().members()?,
            _ => Vec::new(),
        };
        let look = Look {
            announced: self.last_seen,
            spawned_exit,
            something_lives: spawned_exit.is_none() || !left_behind.is_empty(),
            overdue: self.begun.elapsed() >= self.deadline,
            wanted,
            dead_for: self.died_at.map(|at| at.elapsed()),
        };
        Ok((look, left_behind))
    }

    fn tree(&self) -> TreeQuery {
        TreeQuery { leader: self.child.identity(), launcher: None, launch_id: Some(self.context.id.clone()) }
    }

    /// What the child says, once both files are there: the record with this launch's id, and the PID file with the
    /// record's PID. The witnesses are asked as any status would ask them.
    fn read_announcement(&self) -> Option<Announced> {
        let record = Record::read(self.instance)?;
        (record.launch_id.as_ref() == Some(&self.context.id)).then_some(())?;
        let identity = record.identity();
        // Only what may be ready is worth the witnesses' time.
        let confirmed = (record.phase == Phase::Ready || record.ready_on_exec)
            && matches!(get_status_within(self.instance), State::Ready(run)
                if run.identity == identity && self.serves.is_none_or(|serves| serves(&run)));
        Some(Announced { identity, phase: record.phase, confirmed, lives: true })
    }

    fn wait(
        &mut self,
        watch: &sys::FolderWatch,
        left_behind: &[Identity],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Error> {
        let waited = self.begun.elapsed();
        if waited >= self.told_at + PROGRESS_EVERY {
            self.told_at = waited;
            progress(Progress { waited, phase: self.last_seen.map(|seen| seen.phase) });
        }
        let announced = self.last_seen.map(|seen| seen.identity);
        let others: Vec<sys::Process> =
            left_behind.iter().chain(&announced).filter_map(|identity| identity.open().ok()?).collect();
        let mut processes: Vec<&sys::Process> = others.iter().collect();
        processes.extend(self.child.running());
        let patience = match (self.died_at, self.serves.and(self.last_seen)) {
            (Some(_), _) => LAUNCHER_PATIENCE,
            // No event tells what is judged from outside.
            (None, Some(_)) => LOOK_EVERY,
            (None, None) => POLL,
        };
        let left = self.deadline.saturating_sub(waited).min(patience);
        sys::wait_for_event(Some(watch), &processes, left).map_err(Error::io("watch", self.instance.folder()))
    }

    /// A program that listens and does not serve yet is nobody else.
    fn is_own(&self, taken: &PortTaken) -> bool {
        let Some(holder) = &taken.holder else { return false };
        let members = self.tree().members().unwrap_or_default();
        self.last_seen.iter().map(|seen| seen.identity).chain(members).any(|own| own.pid == holder.pid)
    }

    /// Ends what is left of the launch, leaves a report of its end, and says all that was seen.
    fn fail(&mut self, cause: StartFailureCause, exit: Option<Exit>) -> Error {
        let port = start::taken(self.launch).filter(|taken| !self.is_own(taken));
        let announced: Vec<Identity> = self.last_seen.iter().map(|seen| seen.identity).collect();
        if let Err(error) = tree::kill(&self.tree(), &announced) {
            return error;
        }
        let last_pid: Option<Pid> =
            announced.first().map(|seen| seen.pid).or(Some(self.child.identity().pid));
        if let Err(error) = exit_report::report_now(&self.context, last_pid, exit).write(self.instance) {
            return Error::io("write", &self.instance.exit_file())(error);
        }
        Error::NotStarted(Box::new(StartFailure {
            cause,
            phase: self.last_seen.map(|seen| seen.phase),
            waited: self.begun.elapsed(),
            pid_file: self.instance.pid_file().to_owned(),
            last_pid,
            port,
            stderr: stderr_log::tail(&self.context.stderr_log, self.context.stderr_offset, STDERR_LINES),
            stderr_log: self.context.stderr_log.clone(),
        }))
    }
}

/// Waits until something changes in the folder of an instance that somebody else started, or its process ends.
pub(crate) fn for_change(
    instance: &Instance,
    waited: Duration,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let watch =
        sys::FolderWatch::new(instance.folder()).map_err(Error::io("watch the folder", instance.folder()))?;
    // Looked at after the watch began, so that no change falls in between.
    let State::Starting(run) = get_status_within(instance) else { return Ok(()) };
    progress(Progress { waited, phase: run.record.as_ref().map(|record| record.phase) });
    let process = run.identity.open().map_err(Error::process("open", run.identity.pid))?;
    let processes: Vec<&sys::Process> = process.iter().collect();
    sys::wait_for_event(Some(&watch), &processes, POLL).map_err(Error::io("watch", instance.folder()))
}

#[cfg(test)]
mod tests;
