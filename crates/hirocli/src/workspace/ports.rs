//! The ports of a workspace follow from its slot: four for each, in a row.

use crate::Error;

/// The first port of the first slot unless the registry says otherwise.
pub const DEFAULT_RANGE_START: u16 = 18080;

const PORTS_PER_SLOT: u32 = 4;

/// Where the server of one workspace listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The HTTP API.
    pub http: u16,
    /// The channel plugins.
    pub plugin: u16,
    /// The admin pages of the Python server.
    pub admin: u16,
}

impl Ports {
    /// The ports of `slot` when those of slot 0 begin at `range_start`.
    ///
    /// # Errors
    /// There are no ports with such high numbers.
    pub fn of_slot(range_start: u16, slot: u32) -> Result<Self, Error> {
        let first =
            slot.checked_mul(PORTS_PER_SLOT).and_then(|offset| offset.checked_add(range_start.into()));
        let port = |offset| {
            let port = first.and_then(|first| first.checked_add(offset));
            port.and_then(|port| u16::try_from(port).ok()).ok_or(Error::NoPortsLeft { range_start, slot })
        };
        Ok(Self { http: port(0)?, plugin: port(1)?, admin: port(3)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_four_ports_the_third_of_which_is_unused() {
        let ports = |slot| Ports::of_slot(DEFAULT_RANGE_START, slot).unwrap();
        assert_eq!(ports(0), Ports { http: 18080, plugin: 18081, admin: 18083 });
        assert_eq!(ports(2), Ports { http: 18088, plugin: 18089, admin: 18091 });
    }

    #[test]
    fn ports_end_at_65535() {
        assert!(Ports::of_slot(65532, 0).is_ok());
        assert!(Ports::of_slot(65533, 0).is_err());
        assert!(Ports::of_slot(1, u32::MAX).is_err());
    }
}
