//! How often a pairing code was guessed wrongly. A million codes are soon tried if nobody counts.

use crate::workspace::PairingSession;

/// A session doesn't outlive this many wrong codes.
const LIMIT: u32 = 10;

/// The wrong codes of one session; a new session begins anew.
#[derive(Debug, Default)]
pub(crate) struct WrongCodes {
    session: Option<PairingSession>,
    count: u32,
}

impl WrongCodes {
    /// Counts a wrong code for `session`; says whether it was one too many.
    pub(crate) fn count(&mut self, session: &PairingSession) -> bool {
        if self.session.as_ref() != Some(session) {
            *self = Self { session: Some(session.clone()), count: 0 };
        }
        self.count += 1;
        self.count >= LIMIT
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_tenth_wrong_code_of_a_session_is_one_too_many() {
        let session = PairingSession::new(6, 300, Timestamp::UNIX_EPOCH);
        let mut wrong_codes = WrongCodes::default();
        assert!((1..10).all(|_| !wrong_codes.count(&session)));
        assert!(wrong_codes.count(&session));
    }

    #[test]
    fn another_session_begins_anew() {
        let session = |ttl| PairingSession::new(6, ttl, Timestamp::UNIX_EPOCH);
        let mut wrong_codes = WrongCodes::default();
        assert!((1..10).all(|_| !wrong_codes.count(&session(300))));
        assert!(!wrong_codes.count(&session(301)));
    }
}
