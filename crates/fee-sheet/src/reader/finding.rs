//! The headings of a sheet among its first lines: the first that has all that
//! are required, in one line or in two; known headings first, and guesses only
//! where a line has no other answer. Headings further down begin tables of their
//! own ([`super::tables`]).

use std::collections::VecDeque;

use crate::header::{Match, Matcher};
use crate::merged::Ranges;
use crate::row::SheetRow;
use crate::shapes::Shape;
use crate::two_lines::{Above, is_wordy, together};
use crate::unreadable::Unreadable;

/// What a search for the headings of a sheet came to.
pub(super) enum Search {
    /// Which line, the lower one of two, and its columns.
    Found(usize, Match),
    /// No line has all headings; this one came nearest, and where it stands.
    Nearest(usize, Match),
    /// Two columns have an equal right to one field.
    Refused(Unreadable),
}

/// Cells of a sheet that are looked at for its headings, and once the whole
/// file has used up its own: a letter and titles have a cell or two a line, and
/// a hundred sheets of a thousand columns of words are nobody's.
const CELLS_MAX: usize = 4_000;
const CELLS_THEN: usize = 200;

/// Looks for the headings among a sheet's first lines. `left` is how
/// many cells of the whole file may still be looked at.
pub(super) fn find(
    matcher: &Matcher,
    sheet: &str,
    lines: &VecDeque<SheetRow>,
    merges: &Ranges,
    left: &mut usize,
) -> Search {
    let mut nearest = (0, Match::default());
    let most = (*left).clamp(CELLS_THEN, CELLS_MAX);
    let mut cells = 0;
    for at in 0..lines.len() {
        if at > 0 && cells >= most {
            break;
        }
        let of_line = lines[at].filled().count();
        cells += of_line;
        *left = left.saturating_sub(of_line);
        let line = read(matcher, lines, at, merges);
        let again = line
            .is_header()
            .then(|| second(matcher, lines, at + 1, merges));
        let (at, line) = match again.flatten() {
            Some(both) if both.is_no_worse_than(&line) => (at + 1, both),
            _ => (at, line),
        };
        if line.is_header() {
            return match matcher.chosen(sheet, line) {
                Ok(line) => Search::Found(at, line),
                Err(refusal) => Search::Refused(refusal),
            };
        }
        let best = &nearest.1;
        let nearer = line.matched > best.matched
            || line.matched == best.matched && line.all.len() > 1 && best.all.len() <= 1;
        if nearer {
            nearest = (at, line);
        }
    }
    Search::Nearest(nearest.0, nearest.1)
}

/// A line as headings, together with the one above where that belongs to it.
fn read(matcher: &Matcher, lines: &VecDeque<SheetRow>, at: usize, merges: &Ranges) -> Match {
    let lower = &lines[at];
    let cells = lower.filled().map(|cell| (cell.column, cell.shown));
    let mut alone = matcher.line(cells);
    settle(matcher, &mut alone, lower, || lines.iter().skip(at + 1));
    let upper = at.checked_sub(1).and_then(|above| lines.get(above));
    match second(matcher, lines, at, merges) {
        Some(both) if both.says => match upper {
            Some(upper) if matcher.is_title(upper, lower, merges, &alone, &both) => alone,
            _ => both,
        },
        _ => alone,
    }
}

/// A line as the second one of two lines of headings.
fn second(
    matcher: &Matcher,
    lines: &VecDeque<SheetRow>,
    at: usize,
    merges: &Ranges,
) -> Option<Match> {
    let (upper, lower) = (lines.get(at.checked_sub(1)?)?, lines.get(at)?);
    two(matcher, upper, lower, merges, || lines.iter().skip(at + 1))
}

/// Two lines as headings.
pub(super) fn two<'a, L>(
    matcher: &Matcher,
    upper: &SheetRow,
    lower: &SheetRow,
    merges: &Ranges,
    below: impl Fn() -> L,
) -> Option<Match>
where
    L: Iterator<Item = &'a SheetRow>,
{
    let headings = together(upper, lower, merges)?;
    let read = |above| {
        let mut found = matcher.headings(headings.iter().cloned(), above);
        found.second = lower
            .filled()
            .map(|cell| (cell.column, cell.shown.to_owned()))
            .collect();
        settle(matcher, &mut found, lower, &below);
        found.says = matcher.says_headings(&found, &headings);
        found
    };
    let found = read(Above::Plain);
    Some(match found.is_header() {
        true => found,
        false => read(Above::Charge),
    })
}

/// Holds a line of headings against the lines below it.
pub(super) fn settle<'a, L>(
    matcher: &Matcher,
    found: &mut Match,
    line: &SheetRow,
    below: impl Fn() -> L,
) where
    L: Iterator<Item = &'a SheetRow>,
{
    matcher.settle_open(found, |column| Shape::of(below().take(5), column));
    matcher.settle_leans(found, &below);
    if is_wordy(line) {
        matcher.guess(found, below);
    }
}
