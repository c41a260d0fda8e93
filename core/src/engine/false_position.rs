//! The largest number for which something holds, found with few questions: each is a plan of the engine's memory.

/// What came of asking for a number.
pub(super) struct Attempt<T> {
    /// The answer, where the number holds.
    pub answer: Option<T>,
    /// Bytes that are left, or that are missing where negative; `None` where that is not one figure.
    pub margin: Option<i128>,
}

impl From<bool> for Attempt<()> {
    fn from(holds: bool) -> Self {
        Self {
            answer: holds.then_some(()),
            margin: None,
        }
    }
}

/// Guesses by false position at most, before the middle is asked for: where bytes do not grow evenly they come nearer by one at a time.
const GUESSES: u32 = 4;

/// The largest number up to `high` that holds, with its answer, where all below one that holds do, too; `margin` is that of none.
///
/// As the engine's fitting guesses (`common/fit.cpp`).
pub(super) fn most<T>(
    high: u32,
    margin: Option<i128>,
    attempt: impl Fn(u32) -> Attempt<T>,
) -> Option<(u32, T)> {
    if high == 0 {
        return None;
    }
    let all = attempt(high);
    if let Some(answer) = all.answer {
        return Some((high, answer));
    }
    last_between((0, margin), (high, all.margin), attempt)
}

/// The same for the numbers between two of which the first is known to hold and the second not to, each with its margin.
pub(super) fn last_between<T>(
    mut low: (u32, Option<i128>),
    mut high: (u32, Option<i128>),
    attempt: impl Fn(u32) -> Attempt<T>,
) -> Option<(u32, T)> {
    let mut best = None;
    let mut guesses = 0..GUESSES;
    while high.0 - low.0 > 1 {
        let guess = guesses.next().and_then(|_| zero_between(low, high));
        let number = guess.unwrap_or(low.0 + (high.0 - low.0) / 2);
        let Attempt { answer, margin } = attempt(number);
        match answer {
            Some(answer) => (best, low) = (Some((number, answer)), (number, margin)),
            None => high = (number, margin),
        }
    }
    best
}

/// Where a straight line through both margins has none left, at least one off each end.
fn zero_between(low: (u32, Option<i128>), high: (u32, Option<i128>)) -> Option<u32> {
    let ((low, left), (high, missing)) = ((low.0, low.1?), (high.0, high.1?));
    if left < 0 || missing >= 0 {
        return None;
    }
    let numbers = i128::from(high - low);
    let step = left.checked_mul(numbers)? / left.checked_sub(missing)?;
    let step = u32::try_from(step).ok()?;
    Some((low + step).clamp(low + 1, high - 1))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::{Attempt, most};

    /// The largest number whose cost is paid, and how often one was asked for.
    fn asked(high: u32, room: i128, cost: impl Fn(u32) -> i128) -> (Option<u32>, u32) {
        let count = Cell::new(0);
        let found = most(high, Some(room - cost(0)), |number| {
            count.set(count.get() + 1);
            let margin = room - cost(number);
            Attempt {
                answer: (margin >= 0).then_some(()),
                margin: Some(margin),
            }
        });
        (found.map(|(number, ())| number), count.get())
    }

    proptest! {
        #[test]
        fn it_is_the_last_that_holds(high in 1_u32..300, steps in prop::collection::vec(0_i128..1 << 40, 1..20), room in 0_i128..1 << 50) {
            let cost = |number: u32| (0..number).map(|at| steps[at as usize % steps.len()]).sum();
            let last = (1..=high).take_while(|number| cost(*number) <= room).last();
            let (found, count) = asked(high, room, cost);
            prop_assert_eq!(found, last);
            prop_assert!(count <= 1 + 4 + 9);
        }
    }

    #[test]
    fn what_grows_evenly_is_found_in_three_questions() {
        for room in 0..49 {
            let (found, count) = asked(48, room * 1000 + 500, |number| i128::from(number) * 1000);
            assert_eq!(found, u32::try_from(room).ok().filter(|room| *room > 0));
            assert!(count <= 3, "{room}: {count}");
        }
    }
}
