//! The child's side: announce, ready, stopping, and the successor of a process that restarts itself.
//!
//! Order of the announcement: lock, record, PID file. Whoever sees the PID file finds the other two.

use std::io;
use std::time::{Duration, Instant};

use crate::control_lock::ControlLock;
use crate::error::Error;
use crate::identity::{Identity, is_running};
use crate::instance::Instance;
use crate::launch::Launch;
use crate::launch_context::LaunchContext;
use crate::pid::Pid;
use crate::record::{Phase, Record, Successor, now};
use crate::shim::Pending;
use crate::state::State;
use crate::status::{boot_id, get_status_within};
use crate::stop_signal::{StopRequest, StopRequests};
use crate::tree::TreeQuery;
use crate::{files, pid_file, reaper, start, stop, sys};

/// How long a successor waits for its predecessor to go.
const PREDECESSOR_PATIENCE: Duration = Duration::from_secs(60);
/// How long a lock that no live instance holds may be in the hands of a stop that removes files.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_POLL: Duration = Duration::from_millis(2);
/// How long a self-restart waits for another command's turn; a stop meanwhile ends the wait at once.
const RESTART_PATIENCE: Duration = Duration::from_secs(90);
const TURN_POLL: Duration = Duration::from_millis(20);

/// This process as the instance's own: it holds the lifetime lock and is the only writer of the record.
///
/// `Requests` is how it hears of a stop: [`StopRequests`], or [`OwnSignals`] where it sees to that itself.
///
/// ```no_run
/// use hiro_process::{Instance, announce};
/// let mut process = announce(&Instance::new("/tmp/home/gateway.pid")?, "0.1.0")?;
/// // … bind the port …
/// process.ready()?;
/// process.stop_requests().wait()?;
/// process.stopping()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Announced<Requests = StopRequests> {
    instance: Instance,
    record: Record,
    lock: sys::LifeLock,
    requests: Requests,
}

/// In place of [`StopRequests`]: the process handles its signals itself.
#[derive(Debug, Clone, Copy)]
pub struct OwnSignals;

/// Makes this process the instance's: takes the lock for life, then writes the record and the PID file with its own
/// PID (rule 2). From then on SIGTERM and Ctrl-C are stop requests instead of a sudden end.
///
/// A successor (see [`Announced::restart`]) first waits until its predecessor has gone.
///
/// # Errors
/// [`Error::AlreadyRunning`] names the process that lives; [`Error::Unverifiable`] where something stands at the place
/// of the PID file that must not be replaced; [`Error::PredecessorRemains`]; otherwise what the operating system says.
pub fn announce(instance: &Instance, version: &str) -> Result<Announced, Error> {
    let (lock, mut record) = occupy(instance, version)?;
    // Before the PID file: whoever reads it may ask at once.
    let requests = StopRequests::listen()?;
    record.stop_address = requests.address();
    publish(instance, &record)?;
    Ok(Announced { instance: instance.clone(), record, lock, requests })
}

/// The same for a program that handles its signals itself, an interpreter say: no disposition is changed, so that SIGTERM
/// and Ctrl-C do what they did before. It begins in `phase`: [`Phase::Ready`] where the program has no other word for it.
///
/// It hears of no request otherwise, which is why there is nothing to wait for:
///
/// ```compile_fail,E0599
/// use hiro_process::{Instance, Phase, announce_with_own_signals};
/// let process = announce_with_own_signals(&Instance::new("gateway.pid")?, "0.1.0", Phase::Ready)?;
/// process.stop_requests().wait()?; // nobody listens
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`announce`].
///
/// # Platform-specific behavior
/// On Windows such a process has no stop event: [`stop_process`](crate::stop_process) tells what happens to it.
pub fn announce_with_own_signals(
    instance: &Instance,
    version: &str,
    phase: Phase,
) -> Result<Announced<OwnSignals>, Error> {
    let (lock, mut record) = occupy(instance, version)?;
    record.phase = phase;
    publish(instance, &record)?;
    Ok(Announced { instance: instance.clone(), record, lock, requests: OwnSignals })
}

/// The announcement of the shim: the lock, and the file that stays locked until it has become the program.
///
/// Where it becomes the program it listens for nothing: a request to stop that comes before ends it, as it would end the
/// program. Descriptors are closed in their order when a process ends: the lock is opened first so that it never
/// outlives the file, which would look like a successful `exec`.
pub(crate) fn announce_until_exec(
    instance: &Instance,
) -> Result<(sys::LifeLock, Pending, Option<sys::StopSignals>), Error> {
    let (lock, mut record) = occupy(instance, "")?;
    let pending = Pending::begin(instance)?;
    let signals = sys::shim_signals().map_err(Error::process("listen for stop requests in", record.pid))?;
    record.stop_address = signals.as_ref().and_then(sys::StopSignals::address);
    record.ready_on_exec = true;
    publish(instance, &record)?;
    Ok((lock, pending, signals))
}

/// Takes the place of the instance's process, or says who has it.
fn occupy(instance: &Instance, version: &str) -> Result<(sys::LifeLock, Record), Error> {
    let context = LaunchContext::of_this_process(instance);
    files::create_private_dir(instance.folder())
        .map_err(Error::io("create the folder", instance.folder()))?;
    if let Some(predecessor) = context.as_ref().and_then(|context| context.predecessor) {
        wait_for_predecessor(&predecessor)?;
    }
    let lock = take_lock(instance)?;
    refuse_if_occupied(instance)?;
    Ok((lock, first_record(version, context)?))
}

fn publish(instance: &Instance, record: &Record) -> Result<(), Error> {
    sys::hold_tree(&TreeQuery::of_record(record)).map_err(Error::process("hold the tree of", record.pid))?;
    record.write(instance).map_err(Error::io("write", &instance.record_file()))?;
    pid_file::write_pid(instance.pid_file()).map_err(Error::io("write", instance.pid_file()))
}

impl<Requests> Announced<Requests> {
    /// Says that the process does its job now: the port is bound.
    ///
    /// # Errors
    /// The record can't be written.
    pub fn ready(&mut self) -> Result<(), Error> {
        self.enter(Phase::Ready)
    }

    /// Says that the process is on its way out.
    ///
    /// # Errors
    /// The record can't be written.
    pub fn stopping(&mut self) -> Result<(), Error> {
        self.enter(Phase::Stopping)
    }

    /// Which process this is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.record.identity()
    }

    fn enter(&mut self, phase: Phase) -> Result<(), Error> {
        self.record.phase = phase;
        self.record.phase_at = now();
        self.write_record()
    }

    fn write_record(&self) -> Result<(), Error> {
        self.record.write(&self.instance).map_err(Error::io("write", &self.instance.record_file()))
    }
}

impl Announced {
    /// The requests to stop, to wait for.
    #[must_use]
    pub fn stop_requests(&self) -> StopRequests {
        self.requests.clone()
    }

    /// Starts the process that takes this one's place; this one has to end then. The successor waits for that, takes
    /// over the lock, and announces itself. In between the instance counts as `starting`; a stop that comes meanwhile
    /// ends both.
    ///
    /// # Errors
    /// [`Error::StopRequested`]: a stop came first, so there is no successor. Otherwise the successor could not be
    /// spawned, or the record not be written, and this process remains the instance's.
    pub fn restart(&mut self, launch: &Launch) -> Result<(), Error> {
        let _turn = self.wait_for_turn()?;
        let (child, context) = start::spawn_for(&self.instance, launch, Some(self.identity()))?;
        self.record.successor = Some(Successor {
            identity: child.identity(),
            launch_id: context.id,
            stderr_log: context.stderr_log,
            stderr_offset: context.stderr_offset,
        });
        reaper::adopt(child);
        self.enter(Phase::Stopping)
    }

    /// Ends the announcement of a process whose own user, or whose program, asked it to stop: nobody else will remove
    /// its PID file. After [`StopRequest::Terminated`] the file stays: whoever sent that removes it once this process
    /// has gone.
    ///
    /// A process can't withdraw without having been asked (rule 3):
    ///
    /// ```compile_fail,E0061
    /// use hiro_process::{Instance, announce};
    /// let process = announce(&Instance::new("gateway.pid")?, "0.1.0")?;
    /// process.withdraw()?; // on whose request?
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn withdraw(self, request: &StopRequest) -> Result<(), Error> {
        if self.record.successor.is_some() {
            return Ok(());
        }
        stop::withdraw(&self.instance, self.lock, request)
    }

    /// The control lock, unless a stop comes first: that stop holds it and waits for this process to end.
    fn wait_for_turn(&self) -> Result<ControlLock, Error> {
        let begun = Instant::now();
        loop {
            if self.requests.try_wait()?.is_some() {
                return Err(Error::StopRequested);
            }
            match ControlLock::acquire(&self.instance, TURN_POLL) {
                Err(Error::Busy { .. }) if begun.elapsed() < RESTART_PATIENCE => {}
                // A stop that held the lock until now has had its signal delivered before it let go.
                Ok(_) if self.requests.try_wait()?.is_some() => return Err(Error::StopRequested),
                turn => return turn,
            }
        }
    }
}

fn first_record(version: &str, context: Option<LaunchContext>) -> Result<Record, Error> {
    let this = Pid::current();
    let failed = |source: io::Error| Error::Process { action: "identify", pid: this, source };
    let identity = Identity::current().map_err(failed)?;
    let now = now();
    let (launch_id, stderr_log, stderr_offset, predecessor) = match context {
        Some(context) => {
            (Some(context.id), Some(context.stderr_log), context.stderr_offset, context.predecessor)
        }
        None => (None, None, 0, None),
    };
    Ok(Record {
        schema: 1,
        pid: identity.pid,
        start_time: identity.start_time,
        start_time_epoch: identity.start_time.seconds_since_epoch().map_err(failed)?,
        launcher: launch_id.as_ref().and_then(|_| launcher(identity)),
        boot_id: boot_id().map_err(|reason| failed(io::Error::other(reason)))?.to_owned(),
        launch_id,
        phase: Phase::Starting,
        ready_on_exec: false,
        version: version.to_owned(),
        stop_address: None,
        announced_at: now,
        phase_at: now,
        stderr_log,
        stderr_offset,
        successor: None,
        predecessor,
    })
}

/// A start spawns into a session of its own, so that whatever leads this session was spawned.
fn launcher(this: Identity) -> Option<Identity> {
    Identity::of(sys::session_leader()?).ok()?.filter(|leader| *leader != this)
}

fn wait_for_predecessor(predecessor: &Identity) -> Result<(), Error> {
    let begun = Instant::now();
    if stop::wait_for_exit(predecessor, begun + PREDECESSOR_PATIENCE)? {
        return Ok(());
    }
    Err(Error::PredecessorRemains { pid: predecessor.pid, waited: begun.elapsed() })
}

/// Takes the lock for life. A stop holds it for the moment in which it removes files, so that one refusal means
/// little; an instance holds it for life.
fn take_lock(instance: &Instance) -> Result<sys::LifeLock, Error> {
    let path = instance.lock_file();
    let begun = Instant::now();
    loop {
        if let Some(lock) = sys::LifeLock::acquire(&path).map_err(Error::io("lock", &path))? {
            return Ok(lock);
        }
        let state = get_status_within(instance);
        let holder = state.run().filter(|run| is_running(&run.identity)).map(|run| run.identity.pid);
        let announced = holder.is_some() && holder == pid_file::read_pid(instance.pid_file());
        if announced || begun.elapsed() >= LOCK_PATIENCE {
            return Err(Error::AlreadyRunning { pid: holder, pid_file: instance.pid_file().to_owned() });
        }
        std::thread::sleep(LOCK_POLL);
    }
}

/// Refuses where a program that does not know the lock runs, or where the PID file is nothing to be replaced.
fn refuse_if_occupied(instance: &Instance) -> Result<(), Error> {
    let pid_file = instance.pid_file().to_owned();
    match get_status_within(instance) {
        // While a successor takes over, the state still names its predecessor, which is dead.
        State::Ready(run) | State::Starting(run) | State::Stopping(run)
            if run.identity.pid != Pid::current() && is_running(&run.identity) =>
        {
            Err(Error::AlreadyRunning { pid: Some(run.identity.pid), pid_file })
        }
        State::Unverifiable(doubt) if !pid_file_may_be_replaced(instance) => {
            Err(Error::Unverifiable { pid_file, reason: doubt.reason })
        }
        _ => Ok(()),
    }
}

/// This process holds the lock now, which disagrees with whatever a previous run left: only what stands at the place
/// of the PID file can still forbid the announcement.
fn pid_file_may_be_replaced(instance: &Instance) -> bool {
    !matches!(pid_file::PidFile::read(instance.pid_file()), pid_file::PidFile::Foreign(_))
}
