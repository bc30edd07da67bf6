//! The account that this process runs as, by its security identifier.

use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, PSID, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TokenOwner, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::handle::{LocalMemory, done, owned};

/// A security identifier within what a token says: its first field points to it, in the same allocation.
#[derive(Debug)]
pub(super) struct Account(Vec<u64>);

impl Account {
    /// The user.
    pub(super) fn user() -> io::Result<Self> {
        Self::ask(TokenUser)
    }

    /// Who owns what this process creates: the user, or the administrators where it runs elevated.
    pub(super) fn default_owner() -> io::Result<Self> {
        Self::ask(TokenOwner)
    }

    pub(super) fn is(&self, other: PSID) -> bool {
        // SAFETY: both point to identifiers that live through the call: this one in `self`, the other by the caller.
        unsafe { EqualSid(self.sid(), other) != 0 }
    }

    /// The form `S-1-5-21-…`.
    pub(super) fn name(&self) -> io::Result<String> {
        let mut text = ptr::null_mut();
        // SAFETY: the identifier lives in `self`; `text` takes a pointer that is freed below.
        done(unsafe { ConvertSidToStringSidW(self.sid(), &raw mut text) })?;
        let memory = LocalMemory::new(text.cast());
        let mut name = String::new();
        let mut next = memory.as_ptr().cast::<u16>();
        loop {
            // SAFETY: the text ends in a null, at which this loop does, too.
            let unit = unsafe { next.read() };
            if unit == 0 {
                return Ok(name);
            }
            name.extend(char::from_u32(unit.into()));
            // SAFETY: one further is at most the null.
            next = unsafe { next.add(1) };
        }
    }

    fn ask(class: TOKEN_INFORMATION_CLASS) -> io::Result<Self> {
        let token = token()?;
        let mut length = 0;
        // SAFETY: without a buffer the call only tells the length.
        unsafe { GetTokenInformation(token.as_raw_handle(), class, ptr::null_mut(), 0, &raw mut length) };
        let mut buffer = vec![0_u64; usize::try_from(length).map_err(io::Error::other)?.div_ceil(8).max(1)];
        // SAFETY: the buffer has at least `length` bytes and the alignment of a pointer.
        done(unsafe {
            GetTokenInformation(
                token.as_raw_handle(),
                class,
                buffer.as_mut_ptr().cast(),
                length,
                &raw mut length,
            )
        })?;
        Ok(Self(buffer))
    }

    fn sid(&self) -> PSID {
        // SAFETY: `TOKEN_USER` and `TOKEN_OWNER` both begin with a pointer, and the buffer is aligned for it.
        unsafe { self.0.as_ptr().cast::<PSID>().read() }
    }
}

fn token() -> io::Result<OwnedHandle> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid; `token` takes a handle that is owned below.
    done(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) })?;
    owned(token)
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn the_user_has_an_identifier_and_is_itself() {
        let user = Account::user().unwrap();
        assert!(user.name().unwrap().starts_with("S-1-"), "{:?}", user.name());
        assert!(user.is(Account::user().unwrap().sid()));
    }
}
