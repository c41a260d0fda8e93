//! The words of `plan --users`.

use super::{band, word};
use crate::lang::Lang;
use crate::report::UsersAnswer;

pub(crate) fn served(lang: Lang, answer: &UsersAnswer) -> String {
    let UsersAnswer {
        users,
        replicas,
        slots,
        served,
        ..
    } = answer;
    let people = match (lang, served != users && *served > 0) {
        (Lang::En, true) => format!("{served} of {users} users"),
        (Lang::En, false) => format!("{users} {}", plural(*users, "user", "users")),
        (Lang::Zh, true) => format!("{users} 人中可供 {served} 人"),
        (Lang::Zh, false) => format!("{users} 人"),
    };
    let who = match lang {
        Lang::En => format!(
            "{people} at once: {replicas} {} with {slots} {} each.",
            plural(*replicas, "server", "servers"),
            plural(*slots, "slot", "slots")
        ),
        Lang::Zh => format!("{people}同时使用：{replicas} 个服务，每个并发 {slots}。"),
    };
    let each = answer.each.as_ref().map(|each| {
        let rate = band(each.decode[0], each.decode[1]);
        let wait = answer.wait.map(|[low, high]| band(low, high));
        match (lang, wait) {
            (Lang::En, Some(wait)) => format!(" Each then gets about {rate} tokens/s; where all ask at the same moment, the last first token comes after {wait} s. Computed from the speed of one request, not measured."),
            (Lang::En, None) => format!(" Each then gets about {rate} tokens/s. Computed from the speed of one request, not measured."),
            (Lang::Zh, Some(wait)) => format!("此时每人约 {rate} tokens/s；若同时提问，最后一人等首个词元 {wait} 秒。由单个请求的速度推算，并非实测。"),
            (Lang::Zh, None) => format!("此时每人约 {rate} tokens/s。由单个请求的速度推算，并非实测。"),
        }
    });
    let short = match (answer.met, answer.each.is_some()) {
        (true, _) => "",
        (false, _) if answer.served == 0 => word(
            lang,
            " Not even that has a place on these GPUs.",
            "这些显卡连这样也放不下。",
        ),
        (false, false) => word(
            lang,
            " How fast this is is not known, so whether it does is not, either.",
            "速度未知，因此无法判断是否达到要求。",
        ),
        (false, true) => word(
            lang,
            " That is less than was asked for; of what was tried, this comes nearest.",
            "达不到要求；在试过的方案中，这是最接近的。",
        ),
    };
    format!("{who}{}{short}", each.unwrap_or_default())
}

fn plural(count: u32, one: &'static str, several: &'static str) -> &'static str {
    if count == 1 { one } else { several }
}
