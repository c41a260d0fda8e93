//! What is said of files.

use std::path::Path;

use crate::lang::Lang;
use crate::units::Bytes;

/// A file that is longer than such a file is.
pub(crate) fn too_large(lang: Lang, path: &Path, limit: Bytes) -> String {
    let path = path.display();
    say!(
        lang,
        "{path} is larger than {limit}, the most that is read of a file of its kind; name another file, or a part of this one.",
        "{path} 超过 {limit}，这类文件最多只读这么大；请换一个文件，或只取其中一部分。"
    )
}
