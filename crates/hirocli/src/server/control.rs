//! What somebody wants, through the HTTP API, of whoever owns the server's process and its children.

use tokio::sync::oneshot;

/// A request to the owner of the process.
#[derive(Debug)]
pub enum ControlRequest {
    /// The server shall end.
    Shutdown,
    /// The server shall end and another one begin.
    Restart {
        /// Whether the other one shall have the admin pages.
        admin: bool,
    },
    /// Something shall happen to a child of the server.
    Child(ChildRequest),
}

/// A request about one child.
#[derive(Debug)]
pub struct ChildRequest {
    /// The child, as statuses call it: `channel:<workspace>/<name>` or `service:<workspace>/<name>`.
    pub instance: String,
    /// What shall happen.
    pub order: ChildOrder,
    /// Where the outcome goes. Whoever asked may have left.
    pub answer: oneshot::Sender<Result<ChildOutcome, ChildRefusal>>,
}

/// What shall happen to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildOrder {
    /// It shall run, also where it was given up on.
    Start,
    /// It shall not run, and not be started again until somebody says so.
    Stop,
    /// It shall end if it runs, and then run as it is configured now.
    Restart,
}

impl ChildOrder {
    /// As it is called in addresses and messages.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildOutcome {
    /// The process that runs now.
    pub pid: Option<u32>,
    /// The process that ran before.
    pub was_pid: Option<u32>,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChildRefusal {
    /// There is no such child.
    Unknown,
    /// So many orders wait already that this one is not taken.
    TooMany,
    /// It was tried and failed, for this reason.
    Failed(String),
}
