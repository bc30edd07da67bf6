//! Orders to the children of this server: given to the owner of the process, and waited for.

use std::fmt;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{ChildOrder, ChildOutcome, ChildRefusal, ChildRequest, ControlRequest};

/// How long an order may take: longer than a start or a stop does.
const PATIENCE: Duration = Duration::from_secs(90);

/// Why an order was not carried out, or why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotCarriedOut {
    TooMany,
    /// The owner of the process is on its way out.
    Nobody,
    /// It may be carried out yet.
    TooLong,
    Unknown,
    Failed(String),
}

/// Has an order carried out, and waits for that.
pub(super) async fn give(
    control: &mpsc::Sender<ControlRequest>,
    instance: &str,
    order: ChildOrder,
) -> Result<ChildOutcome, NotCarriedOut> {
    let (answer, outcome) = oneshot::channel();
    let request = ChildRequest { instance: instance.to_owned(), order, answer };
    match control.try_send(ControlRequest::Child(request)) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return Err(NotCarriedOut::TooMany),
        Err(TrySendError::Closed(_)) => return Err(NotCarriedOut::Nobody),
    }
    match timeout(PATIENCE, outcome).await {
        Ok(Ok(outcome)) => outcome.map_err(NotCarriedOut::from),
        Ok(Err(_)) => Err(NotCarriedOut::Nobody),
        Err(_) => Err(NotCarriedOut::TooLong),
    }
}

impl From<ChildRefusal> for NotCarriedOut {
    fn from(refusal: ChildRefusal) -> Self {
        match refusal {
            ChildRefusal::Unknown => Self::Unknown,
            ChildRefusal::TooMany => Self::TooMany,
            ChildRefusal::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl fmt::Display for NotCarriedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => formatter.write_str("too many orders at a time; ask again later"),
            Self::Nobody => {
                formatter.write_str("the order was not carried out: the server is busy or stopping")
            }
            Self::TooLong => write!(formatter, "it is still on its way after {} s", PATIENCE.as_secs()),
            Self::Unknown => formatter.write_str("there is no such instance"),
            Self::Failed(reason) => formatter.write_str(reason),
        }
    }
}
