//! Which payments of a user were updated last, and pages of them.
//!
//! `/payment` lists "with respect to updateTime" (guide, endpoint 6) and says
//! how many there are. Each update appends the payment and blanks its former
//! place; counts per block let a page deep in a million payments be found
//! without walking over them.

/// A place that was never given, or was given up.
pub(crate) const NOWHERE: u32 = u32::MAX;

const BLOCK: usize = 4096;

/// Payments in the order of their last update.
#[derive(Debug, Default)]
pub(crate) struct Newest {
    /// Payment numbers, oldest update first; `NOWHERE` where one moved on.
    places: Vec<u32>,
    /// How many payments each block of places still holds.
    held: Vec<u32>,
    count: usize,
}

impl Newest {
    /// How many payments are listed.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Puts a payment on top; `place` is where it was (`NOWHERE` if it was
    /// not listed) and becomes where it is.
    pub(crate) fn touch(&mut self, payment: u32, place: &mut u32) {
        if let Some(slot) = self.places.get_mut(*place as usize) {
            *slot = NOWHERE;
            self.held[*place as usize / BLOCK] -= 1;
            self.count -= 1;
        }
        *place = u32::try_from(self.places.len()).expect("fewer than four billion updates");
        if self.places.len().is_multiple_of(BLOCK) {
            self.held.push(0);
        }
        self.places.push(payment);
        self.held[*place as usize / BLOCK] += 1;
        self.count += 1;
    }

    /// At most `take` payments, newest update first, after the first `skip`.
    pub(crate) fn page(&self, skip: usize, take: usize) -> Vec<u32> {
        let mut page = Vec::new();
        let mut skip = skip;
        for (block, held) in self.held.iter().enumerate().rev() {
            if page.len() == take {
                break;
            }
            if *held as usize <= skip {
                skip -= *held as usize;
                continue;
            }
            let end = self.places.len().min((block + 1) * BLOCK);
            let listed = self.places[block * BLOCK..end]
                .iter()
                .rev()
                .filter(|payment| **payment != NOWHERE);
            page.extend(listed.skip(skip).take(take - page.len()));
            skip = 0;
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_the_last_update_over_many_blocks() {
        let payments = 3 * BLOCK as u32 + 7;
        let mut newest = Newest::default();
        let mut places = vec![NOWHERE; payments as usize];
        for payment in 0..payments {
            newest.touch(payment, &mut places[payment as usize]);
        }
        // Every third is updated again, so blocks have holes.
        let again: Vec<u32> = (0..payments).filter(|p| p % 3 == 0).collect();
        for payment in &again {
            newest.touch(*payment, &mut places[*payment as usize]);
        }
        let expected: Vec<u32> = again
            .iter()
            .rev()
            .copied()
            .chain((0..payments).rev().filter(|p| p % 3 != 0))
            .collect();
        assert_eq!(newest.count(), payments as usize);
        assert_eq!(newest.page(0, payments as usize), expected);
        for skip in [0, 1, 99, 4000, BLOCK, 2 * BLOCK + 5, expected.len() - 1] {
            let end = expected.len().min(skip + 100);
            assert_eq!(newest.page(skip, 100), expected[skip..end], "from {skip}");
        }
        assert!(newest.page(expected.len(), 100).is_empty());
    }
}
