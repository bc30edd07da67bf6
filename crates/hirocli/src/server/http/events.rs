//! `GET /events`: what happens, as server-sent events, for programs that listen and for agents that answer.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{problem, unprocessable};
use super::query;
use super::streaming::{self, Item, Source, too_many};
use crate::server::context::Context;
use crate::server::events::{Events, Heard, Listener};
use crate::server::listening::Seat;

/// The kinds of events that can be asked for alone.
const KINDS: [&str; 2] = ["message", "process"];

/// With `kind` only events of that kind; with `agent=1` the listener answers what people say; behind `Last-Event-ID`
/// where that is given.
pub(super) async fn listen(
    State(context): State<Arc<Context>>,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let wanted = kind(&asked).and_then(|kind| Ok((kind, query::switch(&asked, "agent")?)));
    let (kind, is_agent) = match wanted {
        Ok(wanted) => wanted,
        Err(problem) => return unprocessable(&problem),
    };
    let Some(seat) = context.streams.take_seat(is_agent) else { return too_many() };
    let listener = match headers.get("last-event-id") {
        Some(id) => context.events.listen_after(id.to_str().unwrap_or_default()),
        None => context.events.listen(),
    };
    let events = context.events.clone();
    streaming::answer(context.ending.clone(), Stream { events, listener, kind, _seat: seat })
}

fn kind(asked: &query::Query) -> Result<Option<&'static str>, Value> {
    let Some(kind) = asked.get("kind") else { return Ok(None) };
    let known = KINDS.into_iter().find(|known| known == kind);
    known.map(Some).ok_or_else(|| {
        problem("enum", json!(["query", "kind"]), "Input should be 'message' or 'process'", &json!(kind))
    })
}

struct Stream {
    events: Events,
    listener: Listener,
    kind: Option<&'static str>,
    _seat: Seat,
}

impl Source for Stream {
    async fn next(&mut self) -> Option<Item> {
        loop {
            match self.listener.next().await {
                Heard::Told(told) if self.kind.is_none_or(|kind| kind == told.kind) => {
                    let id = Some(self.events.id_of(&told));
                    return Some(Item { id, kind: told.kind, data: told.data.clone() });
                }
                Heard::Told(_) => {}
                Heard::Lost(count) => {
                    return Some(Item { id: None, kind: "lost", data: json!({"count": count}).to_string() });
                }
            }
        }
    }
}
