//! Answers that do not end by themselves: server-sent events, each made when the one before has been written.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::answer::detail;

/// A comment is sent when there was nothing else for so long: both ends learn whether the other one is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One event of a stream.
#[derive(Debug)]
pub(super) struct Item {
    /// By which a listener says where it was.
    pub(super) id: Option<String>,
    pub(super) kind: &'static str,
    /// In one line.
    pub(super) data: String,
}

/// Where the events of one stream come from.
pub(super) trait Source: Send + 'static {
    /// The next one; none where there will be no more.
    fn next(&mut self) -> impl Future<Output = Option<Item>> + Send;
}

/// Sends what `source` gives, until it ends or `ending` is cancelled. The source lives as long as the stream.
pub(super) fn answer(ending: CancellationToken, source: impl Source) -> Response {
    let events = stream::unfold((source, ending), |(mut source, ending)| async move {
        let item = ending.run_until_cancelled(source.next()).await.flatten()?;
        let event = item.id.map_or_else(Event::default, |id| Event::default().id(id));
        let event = event.event(item.kind).data(item.data);
        Some((Ok::<_, Infallible>(event), (source, ending)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// There is no place for one more listener.
pub(super) fn too_many() -> Response {
    detail(StatusCode::SERVICE_UNAVAILABLE, "too many listeners at a time")
}
