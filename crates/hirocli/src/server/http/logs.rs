//! What an instance says on stderr: the last lines, and with `follow=1` those that come, as server-sent events.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::answer::{failed, unprocessable};
use super::query::{self, Query};
use super::streaming::{self, Item, Source, too_many};
use super::unknown;
use crate::Error;
use crate::log_tail::{Limits, LogTail};
use crate::server::context::Context;
use crate::server::listening::Seat;
use crate::server::processes;

const DEFAULT_LINES: u64 = 100;
const MOST_LINES: u64 = 10_000;

/// Between two looks: no event tells that a file has grown, on whatever file system it is.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn answer(context: &Arc<Context>, instance: &str, query: &Query) -> Response {
    let asked = query::number(query, "lines", DEFAULT_LINES, MOST_LINES)
        .and_then(|lines| Ok((lines, query::switch(query, "follow")?)));
    let (lines, follow) = match asked {
        Ok(asked) => asked,
        Err(problem) => return unprocessable(&problem),
    };
    let path = match processes::report(context, instance).await {
        Ok(Some(report)) => report.stderr_log,
        Ok(None) => return unknown(instance),
        Err(error) => return failed(&error),
    };
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    match open(path.clone(), lines).await {
        Ok((last, tail)) if follow => follow_on(context, last, tail),
        Ok((mut last, tail)) => {
            last.extend(tail.unfinished());
            last.drain(..last.len().saturating_sub(lines));
            Json(json!({"instance": instance, "stderr_log": path, "lines": last})).into_response()
        }
        Err(source) => failed(&Error::Io { action: "read", path, source }),
    }
}

async fn open(path: PathBuf, lines: usize) -> io::Result<(Vec<String>, LogTail)> {
    spawn_blocking(move || LogTail::from_last(&path, lines, Limits::BOUNDED))
        .await
        .expect("reading a log doesn't panic")
}

/// The lines of a log that grows.
struct Lines {
    waiting: VecDeque<String>,
    tail: LogTail,
    _seat: Seat,
}

impl Source for Lines {
    async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                return Some(Item { id: None, kind: "line", data: json!({"line": line}).to_string() });
            }
            sleep(PAUSE).await;
            // A log that can't be read any more has nothing more to say.
            self.waiting.extend(self.tail.added().ok()?);
        }
    }
}

fn follow_on(context: &Context, last: Vec<String>, tail: LogTail) -> Response {
    let Some(seat) = context.streams.take_seat(false) else { return too_many() };
    streaming::answer(context.ending.clone(), Lines { waiting: last.into(), tail, _seat: seat })
}
