//! Folders above a user's own are the administrator's here: nobody else leaves a file there.

use std::path::Path;

pub(super) fn is_strangers(_path: &Path, _home: &Path) -> bool {
    false
}
