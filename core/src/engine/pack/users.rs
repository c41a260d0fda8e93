//! How many replicas with how many slots serve so many people at once.

/// Ollama's and this program's most slots of a server.
pub const MOST_SLOTS: u32 = 256;

/// What people who are served at once ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// Number of people served at once.
    pub users: u32,
    /// Tokens per second for each, at least.
    pub speed: Option<u32>,
    /// Seconds until each has a first token, at most.
    pub wait: Option<f64>,
}

/// What a plan gives them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Slots of all replicas together.
    pub places: f64,
    /// Tokens per second of the slowest while all are busy, if that is known.
    pub speed: Option<f64>,
    /// Seconds until the last has a first token, if that is known.
    pub wait: Option<f64>,
}

impl Asked {
    /// How much of it is reached: the least of its parts, from 1 on all of it. What is not known reaches nothing.
    pub fn part_reached(&self, found: &Found) -> f64 {
        let served = found.places / f64::from(self.users);
        let speed = self.speed.map(|least| {
            let speed = found.speed.map(|speed| speed / f64::from(least));
            speed.unwrap_or_default()
        });
        let wait = self.wait.map(|most| {
            let wait = found.wait.map(|wait| most / wait);
            wait.unwrap_or_default()
        });
        let all = [Some(served), speed, wait].into_iter().flatten();
        all.fold(f64::INFINITY, f64::min)
    }
}

/// How far a plan gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// How much of what is asked is reached: [`Asked::part_reached`].
    pub part: f64,
    /// Whether every replica has a place.
    pub all_placed: bool,
}

impl Served {
    /// Whether everybody is served as asked.
    pub fn is_met(&self) -> bool {
        self.part >= 1.0 && self.all_placed
    }

    /// What plans are compared by: one that does not place all is less than any that does.
    fn worth(&self) -> f64 {
        match self.all_placed {
            true => self.part,
            false => self.part.min(1.0) - 1.0,
        }
    }
}

/// The plan with the fewest replicas that serves them all as asked; else of those that were tried the one that comes nearest. `plan` makes one
/// with so many replicas of so many slots; once `goes_on` says no, what was found is the answer.
///
/// More replicas with fewer slots each serve everybody faster, as long as all of them have a place: their number is found by halving, since
/// each try is a plan of its own.
///
/// # Errors
/// Those of `plan`.
pub fn fewest_replicas<T, E>(
    users: u32,
    gpus: u32,
    goes_on: impl Fn() -> bool,
    mut plan: impl FnMut(u32, u32) -> Result<(Served, T), E>,
) -> Result<T, E> {
    let most = gpus.min(users).max(1);
    let least = users.div_ceil(MOST_SLOTS).min(most);
    let mut best: Option<(f64, T)> = None;
    // Too few on the left; enough, or more than have a place, on the right.
    let (mut few, mut enough, mut step) = (least - 1, most + 1, 1);
    // The first try is made whatever the time: there must be an answer.
    while enough - few > 1 && (best.is_none() || goes_on()) {
        let replicas = match enough > most {
            // By doubling while none was enough: one by one, 300 users on 1,024 GPUs took 67 s.
            true => few.saturating_add(step).min(most),
            false => few + (enough - few) / 2,
        };
        step = step.saturating_mul(2);
        let slots = users.div_ceil(replicas).min(MOST_SLOTS);
        let (served, planned) = plan(replicas, slots)?;
        let reached = served.worth();
        match reached >= 1.0 || !served.all_placed {
            true => enough = replicas,
            false => few = replicas,
        }
        let nearer = |other: f64| reached > other || reached >= 1.0;
        if best.as_ref().is_none_or(|(other, _)| nearer(*other)) {
            best = Some((reached, planned));
        }
    }
    // Slots for everybody take more than there is: as many as have a place.
    let full = best.as_ref().is_none_or(|(reached, _)| *reached < 0.0);
    let mut replicas = if full { least } else { most + 1 };
    while replicas <= most && goes_on() {
        let slots = users.div_ceil(replicas).min(MOST_SLOTS);
        let (mut some, mut many) = (0, slots);
        while many - some > 1 {
            let tried = some + (many - some) / 2;
            let (served, planned) = plan(replicas, tried)?;
            let reached = served.worth();
            if reached < 0.0 {
                many = tried;
                continue;
            }
            some = tried;
            if best.as_ref().is_none_or(|(other, _)| reached > *other) {
                best = Some((reached, planned));
            }
        }
        // Not even one slot of so many replicas has a place: of more none has.
        if some == 0 {
            break;
        }
        replicas = replicas.saturating_mul(2);
    }
    match best {
        Some((_, planned)) => Ok(planned),
        // Not reached: there is one number to try at least.
        None => plan(most, MOST_SLOTS).map(|(_, planned)| planned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan where GPUs hold one replica each of at most `slots`, which share a speed of 100.
    fn tried(asked: &Asked, gpus: u32, most: u32) -> ((u32, u32), Vec<(u32, u32)>) {
        let tries = std::cell::RefCell::new(Vec::new());
        let answer = fewest_replicas(
            asked.users,
            gpus,
            || true,
            |replicas, slots| {
                tries.borrow_mut().push((replicas, slots));
                let all_placed = replicas <= gpus && slots <= most;
                let found = Found {
                    places: if all_placed {
                        f64::from(replicas * slots)
                    } else {
                        0.0
                    },
                    speed: Some(100.0 / f64::from(slots)),
                    wait: Some(f64::from(slots)),
                };
                let part = asked.part_reached(&found);
                Ok::<_, ()>((Served { part, all_placed }, (replicas, slots)))
            },
        );
        (answer.expect("a plan"), tries.into_inner())
    }

    const ASKED: Asked = Asked {
        users: 24,
        speed: None,
        wait: None,
    };

    #[test]
    fn the_fewest_replicas_that_serve_all_are_found() {
        assert_eq!(tried(&ASKED, 8, 100).0, (1, 24));
        let fast = Asked {
            speed: Some(20),
            ..ASKED
        };
        assert_eq!(tried(&fast, 8, 100).0, (5, 5));
        let soon = Asked {
            wait: Some(3.0),
            ..ASKED
        };
        assert_eq!(tried(&soon, 8, 100).0, (8, 3));
        // A try is a plan: on 1,024 GPUs not each number is one.
        let many = Asked {
            users: 1000,
            speed: Some(100),
            ..ASKED
        };
        let (best, tries) = tried(&many, 1024, 256);
        assert_eq!(best, (1000, 1));
        assert!(tries.len() < 20, "{tries:?}");
    }

    #[test]
    fn where_all_have_no_place_as_many_are_served_as_have_a_slot() {
        assert_eq!(tried(&ASKED, 2, 7).0, (2, 7));
        assert_eq!(tried(&ASKED, 1, 5).0, (1, 5));
    }

    #[test]
    fn what_comes_nearest_is_told_where_nothing_is_enough() {
        let fast = Asked {
            speed: Some(90),
            ..ASKED
        };
        assert_eq!(tried(&fast, 4, 100).0, (4, 6));
        let unknown = Found {
            places: 24.0,
            speed: None,
            wait: None,
        };
        assert_eq!(fast.part_reached(&unknown), 0.0);
    }
}
