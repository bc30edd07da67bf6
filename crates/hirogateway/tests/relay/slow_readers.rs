//! Peers that read slowly or not at all: nobody waits for them, and what that costs them is counted.
//!
//! No test here lets a peer be closed for it: that is the keepalive's.

use hirogateway::relay::counters::Count;
use hirogateway::relay::{Limits, RelaySettings};
use serde_json::{Value, json};

use crate::gateway::{DEADLINE, Gateway};

const LONG: usize = 64 << 10;

pub(crate) fn long_frame(target: &str, n: usize) -> Value {
    json!({"target_device_id": target, "n": n, "padding": "x".repeat(LONG)})
}

fn without_notices_and_closing(settings: &mut RelaySettings) {
    settings.device_notices = false;
    settings.timeouts.ping_timeout = DEADLINE * 10;
}

#[tokio::test]
async fn a_sender_never_waits_for_a_peer_that_has_stopped_reading_and_the_others_get_every_frame_in_order() {
    let gateway = Gateway::start_with(without_notices_and_closing).await;
    let (mut sender, mut reader) = (gateway.desktop("desktop").await, gateway.device("reader").await);
    let _stuck = gateway.stuck_device("stuck").await;
    let mut n = 0;
    while gateway.count(Count::FramesDropped) < 100 {
        sender.send(&long_frame("stuck", n)).await;
        // To everyone, and to one alone.
        for target in ["", "reader"] {
            sender.send(&long_frame(target, n)).await;
            assert_eq!(reader.receive().await["n"], n);
        }
        n += 1;
    }
    // It can also leave and come back at once.
    sender.leave().await;
    gateway.until(Count::Members, |members| members == 2).await;
    gateway.desktop("desktop").await;
}

#[tokio::test]
async fn what_does_not_fit_into_a_full_queue_is_lost_and_counted_and_the_peer_goes_on_with_what_comes_later()
{
    let gateway = Gateway::start_with(|settings| {
        without_notices_and_closing(settings);
        settings.limits.queued_frames = 8;
    })
    .await;
    let (mut sender, mut stuck) = (gateway.desktop("desktop").await, gateway.stuck_device("stuck").await);
    let mut sent = 0;
    while gateway.count(Count::FramesDropped) < 20 {
        sender.send(&long_frame("stuck", sent)).await;
        sent += 1;
    }
    gateway.until(Count::FramesReceived, |received| received == sent as u64).await;
    let kept = usize::try_from(gateway.count(Count::FramesDelivered)).unwrap();
    assert_eq!(kept as u64 + gateway.count(Count::FramesDropped), sent as u64);
    let filled = gateway.count(Count::QueuesFilled);
    assert!(filled > 0);
    let mut read = Vec::new();
    for _ in 0..kept {
        read.push(stuck.receive().await["n"].as_u64().unwrap());
    }
    assert!(read[0] == 0 && read.is_sorted_by(|earlier, later| earlier < later), "{read:?}");
    sender.send(&long_frame("stuck", sent)).await;
    assert_eq!(stuck.receive().await["n"], sent);
    assert_eq!((gateway.count(Count::QueuesFilled), gateway.count(Count::QueuedBytes)), (filled, 0));
}

#[tokio::test]
async fn a_peer_that_reads_more_slowly_than_a_burst_comes_loses_nothing() {
    let gateway = Gateway::start_with(without_notices_and_closing).await;
    let (mut sender, mut slow) = (gateway.desktop("desktop").await, gateway.stuck_device("slow").await);
    for n in 0..150 {
        sender.send(&long_frame("slow", n)).await;
    }
    gateway.until(Count::FramesReceived, |received| received == 150).await;
    for n in 0..150 {
        assert_eq!(slow.receive().await["n"], n);
    }
    assert_eq!(gateway.count(Count::FramesDropped), 0);
}

#[tokio::test]
async fn many_peers_that_do_not_read_take_no_more_than_the_room_for_all_and_leave_the_others_theirs() {
    const ROOM: u64 = 4 << 20;
    let gateway = Gateway::start_with(|settings| {
        without_notices_and_closing(settings);
        settings.limits.queued_bytes_in_all = usize::try_from(ROOM).unwrap();
    })
    .await;
    let (mut sender, mut reader) = (gateway.desktop("desktop").await, gateway.device("reader").await);
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut stuck = Vec::new();
    for name in names {
        stuck.push(gateway.stuck_device(name).await);
    }
    let mut n = 0;
    while gateway.count(Count::QueuesFilled) < names.len() as u64 {
        for name in names {
            sender.send(&long_frame(name, n)).await;
        }
        sender.send(&long_frame("reader", n)).await;
        assert_eq!(reader.receive().await["n"], n);
        assert!(gateway.count(Count::QueuedBytes) <= ROOM);
        n += 1;
    }
    assert!(gateway.count(Count::QueuedBytes) > 0);
    drop(stuck);
    gateway.until(Count::QueuedBytes, |bytes| bytes == 0).await;
}

#[test]
fn the_longest_message_fits_into_the_queues_as_they_are_by_default() {
    let limits = Limits::default();
    assert!(limits.message_bytes < limits.queued_bytes && limits.queued_bytes < limits.queued_bytes_in_all);
}
