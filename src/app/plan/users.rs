//! `--users`: how many replicas with how many slots serve so many people at once.

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::{Session, number};
use super::limit::Limit;
use super::wanted::Wanted;
use crate::engine::pack::AntiAffinity;
use crate::engine::pack::users::{Asked, Found, Served, fewest_replicas};
use crate::error::{Error, ExpectedFormat};
use crate::report::{PlanNote, Planned, Service, UsersAnswer};

/// More people at once than one plan serves.
const MOST_USERS: u32 = 10_000;

/// What was typed, if anything was.
///
/// # Errors
/// If it is no number, or if not exactly one model is asked for.
pub(super) fn read(args: &PlanArgs, wanted: &Wanted) -> Result<Option<Asked>, Error> {
    let Some(text) = args.users.as_deref() else {
        return Ok(None);
    };
    let count = number("--users", text, MOST_USERS, ExpectedFormat::Count)?;
    let speed = args.min_speed.as_deref();
    let speed = speed.map(|text| number("--min-speed", text, 1 << 20, ExpectedFormat::Count));
    let wait = args.ttft.as_deref().map(seconds).transpose()?;
    // How many of these people each of several models serves nobody said.
    let [one] = &wanted.demands[..] else {
        return Err(Error::Conflict {
            argument: "--users".into(),
            other: "DEMAND DEMAND".into(),
        });
    };
    // How many replicas there are is the answer here.
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
    Ok(Some(Asked {
        users: count,
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
pub(super) fn answer(
    session: &Session,
    args: &PlanArgs,
    limit: &Limit<'_>,
    wanted: &Wanted,
    hardware: &Hardware,
    asked: &Asked,
) -> Result<Planned, Error> {
    let gpus = u32::try_from(hardware.pool.devices.len()).unwrap_or(u32::MAX);
    // The plans look at the clock; here it is only asked whether one of them was cut short.
    let goes_on = || limit.ended().is_none();
    fewest_replicas(asked.users, gpus, goes_on, |replicas, slots| {
        let mut planned = plan(session, args, limit, (wanted, hardware), (replicas, slots))?;
        let served = tell(asked, &mut planned, replicas, slots);
        Ok((served, planned))
    })
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

/// Adds to a plan whom it serves how, and tells how much of what is asked it reaches.
fn tell(asked: &Asked, planned: &mut Planned, replicas: u32, slots: u32) -> Served {
    let plan = &planned.plan;
    let one_slot = |note: &PlanNote| matches!(note, PlanNote::OneSlot { .. });
    // Ollama gives such a model one slot whatever is asked.
    let slots = if plan.notes.iter().any(one_slot) {
        1
    } else {
        slots
    };
    let speeds = plan.services.iter().filter_map(Service::busy_speed);
    // Nobody chooses the replica that answers: what is promised holds for the slowest.
    let slowest = speeds.min_by(|one, other| one.decode[0].total_cmp(&other.decode[0]));
    let slowest = slowest.cloned();
    let longest = slowest
        .as_ref()
        .and_then(|slowest| slowest.time_to_first_token);
    // Prompts share what the GPUs compute: of several that come at the same moment the last is read after all others.
    let wait = longest.map(|band| band.map(|seconds| seconds * f64::from(slots)));
    let services = u32::try_from(plan.services.len()).unwrap_or(u32::MAX);
    let places = services.saturating_mul(slots);
    let found = Found {
        places: plan.services.len() as f64 * f64::from(slots),
        speed: slowest.as_ref().map(|slowest| slowest.decode[0]),
        wait: wait.map(|[_, longest]| longest),
    };
    let served = Served {
        part: asked.part_reached(&found),
        all_placed: plan.unplaced.is_empty(),
    };
    planned.users = Some(UsersAnswer {
        users: asked.users,
        replicas,
        slots,
        min_speed: asked.speed,
        max_wait: asked.wait,
        wait,
        each: slowest,
        served: places.min(asked.users),
        met: served.is_met(),
    });
    served
}
