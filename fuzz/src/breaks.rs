//! Fuzz bytes in pieces. A mark stands where a piece begins, so that whatever
//! is put in, taken out or swapped by chance, the others stay whole: lengths
//! are counted when the file is made, and none is spoilt by every change.

/// Stands before each record and each frame.
pub const MARK: &[u8] = b"\xa5\x5a";

/// The pieces after each mark; what stands before the first one is none.
pub fn pieces<'a>(bytes: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = split(bytes, mark).map(|(_, after)| after);
    std::iter::from_fn(move || {
        let piece = rest?;
        let (piece, after) =
            split(piece, mark).map_or((piece, None), |(one, two)| (one, Some(two)));
        rest = after;
        Some(piece)
    })
}

/// What stands before a mark, and what after it.
pub fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|part| part == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}
