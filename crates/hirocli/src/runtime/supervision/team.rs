//! All children of one server: a keeper for each, and the orders for them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::child::{Child, Roster};
use super::keeper::Keeper;
use super::order::Order;
use crate::Error;
use crate::error::with_causes;
use crate::server::{ChildOrder, ChildOutcome, ChildRefusal, ChildRequest, Supervision};

/// So many orders for one child wait; who gives more is refused.
const ORDERS: usize = 16;

/// The children that are kept, from the readiness of their server to its end.
#[derive(Debug)]
pub struct Team {
    rosters: Vec<Box<dyn Roster>>,
    supervision: Supervision,
    keepers: HashMap<String, mpsc::Sender<Order>>,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Team {
    /// Nobody yet. Children that are wanted later are looked for in `rosters`.
    #[must_use]
    pub fn new(rosters: Vec<Box<dyn Roster>>, supervision: Supervision) -> Self {
        let (keepers, tasks, stop) = (HashMap::new(), JoinSet::new(), CancellationToken::new());
        Self { rosters, supervision, keepers, tasks, stop }
    }

    /// Begins to start a child, and keeps it running from then on.
    pub fn keep(&mut self, child: Arc<dyn Child>) {
        let name = child.name().to_owned();
        self.give(&name, Order { what: ChildOrder::Start, child: Some(child), answer: None });
    }

    /// Has an order carried out; its answer comes when it is. The rosters are asked on this very thread.
    pub fn carry_out(&mut self, request: ChildRequest) {
        let ChildRequest { instance, order, answer } = request;
        let child = match (self.find(&instance), order, self.keepers.contains_key(&instance)) {
            // Whatever its configuration has become: what runs can be stopped.
            (_, ChildOrder::Stop, true) => None,
            (Ok(Some(child)), _, _) => Some(child),
            (Ok(None), _, _) => {
                let _ = answer.send(Err(ChildRefusal::Unknown));
                return;
            }
            // What is not to run does not.
            (Err(_), ChildOrder::Stop, false) => {
                let _ = answer.send(Ok(ChildOutcome { pid: None, was_pid: None }));
                return;
            }
            (Err(error), _, _) => {
                let _ = answer.send(Err(ChildRefusal::Failed(with_causes(&error))));
                return;
            }
        };
        self.give(&instance, Order { what: order, child, answer: Some(answer) });
    }

    /// Starts nothing any more, and waits for what is just being started or stopped, for `patience` at the longest;
    /// whether nothing is left of that.
    pub async fn settle(&mut self, patience: Duration) -> bool {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        timeout(patience, all).await.is_ok()
    }

    fn find(&self, instance: &str) -> Result<Option<Arc<dyn Child>>, Error> {
        for roster in &self.rosters {
            if let Some(child) = roster.find(instance)? {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    fn give(&mut self, name: &str, order: Order) {
        let keeper = match (self.keepers.get(name), &order.child) {
            (Some(keeper), _) => keeper.clone(),
            (None, Some(child)) => self.employ(name, child.clone()),
            (None, None) => return,
        };
        if let Err(TrySendError::Full(Order { answer: Some(answer), .. })) = keeper.try_send(order) {
            let _ = answer.send(Err(ChildRefusal::TooMany));
        }
    }

    fn employ(&mut self, name: &str, child: Arc<dyn Child>) -> mpsc::Sender<Order> {
        let (sender, orders) = mpsc::channel(ORDERS);
        let keeper = Keeper::new(child, self.supervision.clone(), orders, self.stop.clone());
        self.tasks.spawn(keeper.keep());
        self.keepers.insert(name.to_owned(), sender.clone());
        sender
    }
}
