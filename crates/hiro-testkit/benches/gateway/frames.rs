//! WebSocket frames as far as a load generator needs them: short ones, unmasked from the gateway, with a mask of zeros to it.

use anyhow::bail;

const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;

/// What a peer reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    Ping,
}

/// The bytes of a masked text frame. A mask of zeros is a mask, and costs the generator nothing.
pub(crate) fn text_frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![TEXT];
    match u16::try_from(text.len()) {
        Ok(length @ 0..=125) => bytes.push(0x80 | u8::try_from(length).expect("at most 125")),
        Ok(length) => {
            bytes.push(0x80 | 126);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => panic!("the load has no message of {} bytes", text.len()),
    }
    bytes.extend([0; 4]);
    bytes.extend(text.as_bytes());
    bytes
}

/// An answer to a ping without a payload.
pub(crate) const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// The first frame in `bytes` and its length, if it is there as a whole.
pub(crate) fn first(bytes: &[u8]) -> anyhow::Result<Option<(Frame<'_>, usize)>> {
    let [kind, short, rest @ ..] = bytes else { return Ok(None) };
    let (header, length) = match (short, rest) {
        (126, [high, low, ..]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        (126, _) => return Ok(None),
        (short @ 0..=125, _) => (2, usize::from(*short)),
        _ => bail!("a frame of a length that nobody sent"),
    };
    let Some(payload) = bytes.get(header..header + length) else { return Ok(None) };
    let frame = match *kind {
        TEXT => Frame::Text(payload),
        PING => Frame::Ping,
        CLOSE => bail!("the gateway closed: {}", String::from_utf8_lossy(&payload[2.min(length)..])),
        other => bail!("a frame of kind {other:#x}"),
    };
    Ok(Some((frame, header + length)))
}
