//! Ports for a new workspace: those of its slot, or the next ones that nobody has.

use std::net::Ipv4Addr;

use hiro_process::port_taken;

use super::Ports;

/// So many blocks of ports are tried. Where as many are taken something else is wrong.
const MAX_BLOCKS: u32 = 200;

/// The ports of `slot` when those of slot 0 begin at `range_start`; where `is_taken` says so, those of the next slot.
///
/// ```
/// use hirocli::workspace::free_ports::choose;
///
/// assert_eq!(choose(18080, 0, |_| false).unwrap().http, 18080);
/// assert_eq!(choose(18080, 0, |port| port == 18081).unwrap().http, 18084);
/// assert_eq!(choose(18080, 0, |_| true), None);
/// ```
pub fn choose(range_start: u16, slot: u32, is_taken: impl Fn(u16) -> bool) -> Option<Ports> {
    (slot..slot.saturating_add(MAX_BLOCKS))
        .filter_map(|slot| Ports::of_slot(range_start, slot).ok())
        .find(|ports| ![ports.http, ports.plugin, ports.admin].into_iter().any(&is_taken))
}

/// Whether somebody listens there already.
pub fn is_listened_on(port: u16) -> bool {
    port_taken((Ipv4Addr::LOCALHOST, port).into()).is_some()
}
