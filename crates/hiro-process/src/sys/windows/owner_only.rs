//! The access list that names the caller's own account and nobody else, for whatever is created.

use std::ffi::OsStr;
use std::io;
use std::ptr;

use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;

use super::account::Account;
use super::handle::{LocalMemory, done};
use super::wide;

/// Security attributes for a call that creates something; they live as long as this does.
#[derive(Debug)]
pub(super) struct OwnerOnly {
    descriptor: LocalMemory,
}

impl OwnerOnly {
    pub(super) fn file() -> io::Result<Self> {
        Self::with("FA", "")
    }

    /// What is created in it by whatever program is the owner's alone, too.
    pub(super) fn folder() -> io::Result<Self> {
        Self::with("FA", "OICI")
    }

    /// An event or a job.
    pub(super) fn object() -> io::Result<Self> {
        Self::with("GA", "")
    }

    pub(super) fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
            lpSecurityDescriptor: self.descriptor.as_ptr(),
            bInheritHandle: 0,
        }
    }

    /// `P`: nothing is inherited from the folder above. The owner is named too: an elevated process would make it the
    /// administrators.
    fn with(rights: &str, inheritance: &str) -> io::Result<Self> {
        let user = Account::user()?.name()?;
        let text = wide::text(OsStr::new(&format!("O:{user}D:P(A;{inheritance};{rights};;;{user})")))?;
        let mut descriptor = ptr::null_mut();
        // SAFETY: the text ends in a null; `descriptor` takes a pointer that `LocalMemory` frees.
        done(unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        })?;
        Ok(Self { descriptor: LocalMemory::new(descriptor) })
    }
}
