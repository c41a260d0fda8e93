//! Brackets of a shell text.

use std::collections::HashMap;
use std::ops::Range;

/// Where each bracket of a region is closed.
pub(super) fn closers(text: &str, region: &Range<usize>) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut closers = HashMap::new();
    let inside = text
        .get(region.start..region.end.min(text.len()))
        .unwrap_or_default();
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'(' | b'{' => open.push(region.start + at),
            b')' | b'}' => {
                if let Some(start) = open.pop() {
                    closers.insert(start, region.start + at);
                }
            }
            _ => {}
        }
    }
    closers
}
