//! `--users`: how many replicas with how many slots serve so many people at once.

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::{Session, number};
use super::limit::Limit;
use super::wanted::Wanted;
use crate::engine::pack::AntiAffinity;
use crate::error::{Error, ExpectedFormat};
use crate::report::{PlanNote, Planned, Service, UsersAnswer};

/// More people at once than one plan serves.
const MOST_USERS: u32 = 10_000;
/// Ollama's and this program's most slots of a server.
pub(super) const MOST_SLOTS: u32 = 256;

/// What `--users`, `--min-speed` and `--ttft` ask for.
pub(super) struct Users {
    count: u32,
    /// Tokens per second for each, at least.
    speed: Option<u32>,
    /// Seconds until each has a first token, at most.
    wait: Option<f64>,
}

/// What was typed, if anything was.
///
/// # Errors
/// If it is no number, or if not exactly one model is asked for.
pub(super) fn read(args: &PlanArgs, wanted: &Wanted) -> Result<Option<Users>, Error> {
    let Some(text) = args.users.as_deref() else {
        return Ok(None);
    };
    let count = number("--users", text, MOST_USERS, ExpectedFormat::Count)?;
    let speed = args.min_speed.as_deref();
    let speed = speed.map(|text| number("--min-speed", text, 1 << 20, ExpectedFormat::Count));
    let wait = args.ttft.as_deref().map(seconds).transpose()?;
    let [one] = &wanted.demands[..] else {
        return Err(Error::Conflict {
            argument: "--users".into(),
            other: "DEMAND DEMAND".into(),
        });
    };
    if one.replicas > 1 || args.preset.is_some() {
        return Err(Error::Conflict {
            argument: "--users".into(),
            other: if args.preset.is_some() {
                "--preset"
            } else {
                "*REPLICAS"
            }
            .into(),
        });
    }
    Ok(Some(Users {
        count,
        speed: speed.transpose()?,
        wait,
    }))
}

fn seconds(text: &str) -> Result<f64, Error> {
    let seconds = text.trim().trim_end_matches('s').parse().ok();
    let possible = |seconds: &f64| (0.001..=86_400.0).contains(seconds);
    seconds.filter(possible).ok_or_else(|| Error::BadValue {
        argument: "--ttft".into(),
        value: text.to_owned(),
        form: ExpectedFormat::Seconds,
    })
}

/// The plan with the fewest replicas that serves them all as asked; else of those that were tried the one that comes nearest.
///
/// More replicas with fewer slots each serve everybody faster, as long as all of them have a place: their number is found by halving, since
/// each try is a plan of its own.
pub(super) fn answer(
    session: &Session,
    args: &PlanArgs,
    limit: &Limit<'_>,
    wanted: &Wanted,
    hardware: &Hardware,
    users: &Users,
) -> Result<Planned, Error> {
    let gpus = u32::try_from(hardware.pool.devices.len()).unwrap_or(u32::MAX);
    let most = gpus.min(users.count).max(1);
    let least = users.count.div_ceil(MOST_SLOTS).min(most);
    let mut best: Option<(f64, Planned)> = None;
    // Too few on the left; enough, or more than have a place, on the right.
    let (mut few, mut enough, mut step) = (least - 1, most + 1, 1);
    while enough - few > 1 && (best.is_none() || limit.ended().is_none()) {
        let replicas = match enough > most {
            true => few.saturating_add(step).min(most),
            false => few + (enough - few) / 2,
        };
        step = step.saturating_mul(2);
        let slots = users.count.div_ceil(replicas).min(MOST_SLOTS);
        let mut planned = plan(session, args, limit, (wanted, hardware), (replicas, slots))?;
        let reached = users.tell(&mut planned, replicas, slots);
        match reached >= 1.0 || !planned.plan.unplaced.is_empty() {
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
    while replicas <= most && limit.ended().is_none() {
        let slots = users.count.div_ceil(replicas).min(MOST_SLOTS);
        let (mut some, mut many) = (0, slots);
        while many - some > 1 {
            let tried = some + (many - some) / 2;
            let mut planned = plan(session, args, limit, (wanted, hardware), (replicas, tried))?;
            let reached = users.tell(&mut planned, replicas, tried);
            if reached < 0.0 {
                many = tried;
                continue;
            }
            some = tried;
            if best.as_ref().is_none_or(|(other, _)| reached > *other) {
                best = Some((reached, planned));
            }
        }
        if some == 0 {
            break;
        }
        replicas = replicas.saturating_mul(2);
    }
    match best {
        Some((_, planned)) => Ok(planned),
        // Not reached: there is one number to try at least.
        None => plan(session, args, limit, (wanted, hardware), (most, MOST_SLOTS)),
    }
}

fn plan(
    session: &Session,
    args: &PlanArgs,
    limit: &Limit<'_>,
    (wanted, hardware): (&Wanted, &Hardware),
    (replicas, slots): (u32, u32),
) -> Result<Planned, Error> {
    let mut wanted = wanted.clone();
    for demand in &mut wanted.demands {
        demand.replicas = replicas;
        demand.parallel = Some(slots);
        // Two servers on one GPU take turns: that serves nobody sooner.
        demand.apart = demand.apart.or(Some(AntiAffinity::Gpu));
    }
    super::answer_to(session, args, limit, &wanted, hardware, Vec::new())
}

impl Users {
    /// Adds to a plan whom it serves how, and tells how much of what is asked it reaches: from 1 on all of it.
    fn tell(&self, planned: &mut Planned, replicas: u32, slots: u32) -> f64 {
        let plan = &planned.plan;
        let one_slot = |note: &PlanNote| matches!(note, PlanNote::OneSlot { .. });
        // Ollama gives such a model one slot whatever is asked.
        let slots = if plan.notes.iter().any(one_slot) {
            1
        } else {
            slots
        };
        let speeds = plan.services.iter().filter_map(Service::busy_speed);
        let slowest = speeds.min_by(|one, other| one.decode[0].total_cmp(&other.decode[0]));
        let slowest = slowest.cloned();
        let served = plan.services.len() as f64 * f64::from(slots) / f64::from(self.count);
        let speed = self.speed.map(|least| {
            slowest
                .as_ref()
                .map_or(0.0, |slowest| slowest.decode[0] / f64::from(least))
        });
        let longest = slowest
            .as_ref()
            .and_then(|slowest| slowest.time_to_first_token);
        // Prompts share what the GPUs compute: of several that come at the same moment the last is read after all others.
        let wait = longest.map(|band| band.map(|seconds| seconds * f64::from(slots)));
        let waits = self
            .wait
            .map(|most| wait.map_or(0.0, |[_, longest]| most / longest));
        let all = [Some(served), speed, waits].into_iter().flatten();
        let reached = all.fold(f64::INFINITY, f64::min);
        planned.users = Some(UsersAnswer {
            users: self.count,
            replicas,
            slots,
            min_speed: self.speed,
            max_wait: self.wait,
            wait,
            each: slowest,
            served: u32::try_from(plan.services.len())
                .unwrap_or(u32::MAX)
                .saturating_mul(slots)
                .min(self.count),
            met: reached >= 1.0 && plan.unplaced.is_empty(),
        });
        if plan.unplaced.is_empty() {
            reached
        } else {
            // Less than any plan that places all.
            reached.min(1.0) - 1.0
        }
    }
}
