//! The list of extras that `CreateProcessW` takes.

use std::ffi::c_void;
use std::io;
use std::marker::PhantomData;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{
    DeleteProcThreadAttributeList, InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST,
    UpdateProcThreadAttribute,
};

use super::handle::done;

/// The list keeps pointers to its values, which therefore have to outlive it.
#[derive(Debug)]
pub(super) struct AttributeList<'a> {
    buffer: Vec<usize>,
    values: PhantomData<&'a [HANDLE]>,
}

impl<'a> AttributeList<'a> {
    pub(super) fn with_room_for(count: u32) -> io::Result<Self> {
        let mut length = 0;
        // SAFETY: without a buffer the call only tells the length.
        unsafe { InitializeProcThreadAttributeList(ptr::null_mut(), count, 0, &raw mut length) };
        let buffer = vec![0; length.div_ceil(size_of::<usize>()).max(1)];
        let mut list = Self { buffer, values: PhantomData };
        // SAFETY: the buffer has at least `length` bytes and the alignment of a pointer.
        done(unsafe { InitializeProcThreadAttributeList(list.as_mut_ptr(), count, 0, &raw mut length) })?;
        Ok(list)
    }

    pub(super) fn set(&mut self, attribute: u32, handles: &'a [HANDLE]) -> io::Result<()> {
        let attribute = usize::try_from(attribute).map_err(io::Error::other)?;
        // SAFETY: the list is initialised, and the handles outlive it.
        done(unsafe {
            UpdateProcThreadAttribute(
                self.as_mut_ptr(),
                0,
                attribute,
                handles.as_ptr().cast::<c_void>(),
                size_of_val(handles),
                ptr::null_mut(),
                ptr::null(),
            )
        })
    }

    pub(super) fn as_mut_ptr(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.buffer.as_mut_ptr().cast()
    }
}

impl Drop for AttributeList<'_> {
    fn drop(&mut self) {
        // SAFETY: initialised by `with_room_for`; one that could not be is all zeroes, and has nothing to delete.
        unsafe { DeleteProcThreadAttributeList(self.as_mut_ptr()) };
    }
}
