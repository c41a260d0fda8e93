//! The words of `upgrade`.

use super::word;
use crate::lang::Lang;
use crate::report::{CardChange, ChangeKind, Ending, OfferedBy, Upgrade};

words! {
    change: "Change", "换法";
    price: "Price", "价格";
    as_it_is: "as it is", "现状";
    users: "Users", "人数";
    each_of_them: "each", "每人";
    no_card_brings_more: "None of the cards brings more than the machine has: nothing else fits, nothing is a tenth faster, and there is memory for no more users.",
        "这些卡都不能带来更多：放不下更多模型，速度提不了一成，也容不下更多人。";
    no_change_places_all: "No change that was tried makes room for all of them; these bring the most.",
        "试过的换法都放不下全部；以下几种能放下最多。";
    no_change_is_possible: "No card can be added or replaced here.", "这里无法加卡或换卡。";
    not_proved: "So many GPUs or services are searched, not tried through: what is told can be done, and more may be possible than was found, as it is or with a card more.",
        "显卡或服务太多，只能搜索，无法穷尽：列出的都做得到，但现状或加卡之后也许还能做得更好。";
    no_card_was_found_to_bring_more: "With none of the cards a plan was found that brings more than the machines do as they are.",
        "换上或加上这些卡，没有找到比现状带来更多的方案。";
    what_users_are: "Tokens/s: of one user, while whoever shares its cards is busy. Users: requests at once for which there is memory where the models lie, each with this whole context, all services alike (256 a server at most); 'each' is what each of them gets then. Computed from the speed of one request, not measured.",
        "tokens/s：单人使用、同卡服务皆忙时的速度。人数：各服务并发数相同、每个请求都用满上下文时，模型所在的卡容得下的并发请求数（每个服务最多 256）；“每人”是此时每人的速度。由单个请求的速度推算，并非实测。";
    not_checked: "Whether the machine has the slot, the room and the power for a card is not checked; with --slots N no machine gets more than N GPUs.",
        "机器有没有插槽、空间和足够的供电，这里没有检查；用 --slots N 限定每台机器最多 N 张卡。";
}

/// Whether what is asked for fits on the machines as they are.
pub(crate) fn today(lang: Lang, placed: u32, wanted: u32) -> String {
    match lang {
        Lang::En if placed == wanted && wanted == 1 => "It fits already.".into(),
        Lang::En if placed == wanted => format!("All {wanted} fit already."),
        Lang::En if wanted == 1 => "It does not fit today.".into(),
        Lang::En => format!("{placed} of {wanted} fit today."),
        Lang::Zh if placed == wanted && wanted == 1 => "现在就放得下。".into(),
        Lang::Zh if placed == wanted => format!("{wanted} 个服务现在就全部放得下。"),
        Lang::Zh if wanted == 1 => "现在放不下。".into(),
        Lang::Zh => format!("{wanted} 个服务现在放得下 {placed} 个。"),
    }
}

/// What stands below, in which order.
pub(crate) fn order(lang: Lang, by_price: bool) -> &'static str {
    match by_price {
        true => word(
            lang,
            "Below stand the changes of at most two cards that serve more, or bring a tenth more speed or users, than every other that costs no more: first what serves most, then the cheapest. What a replaced card brings is not counted.",
            "下面是最多动两张卡、且比所有不更贵的换法能放下更多，或速度、人数多出一成的换法：先看放下多少，再看价格。换下的卡能卖多少不计。",
        ),
        false => word(
            lang,
            "Below stand the changes of at most two cards that serve more, or bring a tenth more speed or users, than every smaller one: first what serves most, then the fewest cards, the least memory, the older generation and the slower card. --prices orders them by your prices.",
            "下面是最多动两张卡、且比所有更小的换法能放下更多，或速度、人数多出一成的换法：先看放下多少，再看买几张卡，再依次看显存大小、哪一代更早、哪张更慢。用 --prices 可按你的价格排序。",
        ),
    }
}

/// Which cards were tried, and how many changes of them.
pub(crate) fn offered(lang: Lang, report: &Upgrade) -> String {
    let names: Vec<&str> = report.cards.iter().map(|card| card.name.as_str()).collect();
    let (en, zh) = (names.join(", "), names.join("、"));
    match report.offered_by {
        OfferedBy::Rule => {
            say!(
                lang,
                "Tried: the cards of the generation in shops with 16 GiB or more, those bought used for their memory, and what is there already; {}",
                "试算的卡：在售一代中 16 GiB 以上的卡、因显存大而常买二手的卡，以及机器里已有的卡；{}",
                of_their_maker(lang)
            ) + &say!(
                lang,
                " --card names others. They are {en}.",
                "用 --card 另选。即 {zh}。"
            )
        }
        OfferedBy::Name | OfferedBy::Prices => say!(lang, "Tried: {en}.", "试算的卡：{zh}。"),
    }
}

fn of_their_maker(lang: Lang) -> &'static str {
    word(
        lang,
        "in a machine only those of the maker of its GPUs.",
        "每台机器只试与现有显卡同一厂商的卡。",
    )
}

/// What was left untried, and why.
pub(crate) fn untried(lang: Lang, report: &Upgrade) -> String {
    let Upgrade { tried, untried, .. } = report;
    match report.ended {
        Some(Ending::TimeLimit) => say!(
            lang,
            "The time was over: {tried} changes were tried, the cheapest first, and {untried} were not. --time gives more.",
            "时间到了：从最便宜的开始试了 {tried} 种，还有 {untried} 种没试。可用 --time 延长。"
        ),
        Some(Ending::Interrupt) => say!(
            lang,
            "Interrupted: {tried} changes were tried, the cheapest first, and {untried} were not.",
            "已中断：从最便宜的开始试了 {tried} 种，还有 {untried} 种没试。"
        ),
        None => say!(
            lang,
            "So many GPUs or services: {tried} changes of one card were tried, {untried} of two were not.",
            "显卡或服务太多：只试了动一张卡的 {tried} 种换法，动两张卡的 {untried} 种没试。"
        ),
    }
}

/// The cards that come; with their hosts where there are several.
pub(crate) fn changes(lang: Lang, changes: &[CardChange], several: bool) -> String {
    let mut parts: Vec<String> = Vec::new();
    let alike = |one: &CardChange, other: &CardChange| {
        (one.kind, &one.host, &one.replaced, &one.card)
            == (other.kind, &other.host, &other.replaced, &other.card)
    };
    match changes {
        [one, other] if alike(one, other) => parts.push(step(lang, one, 2, several)),
        changes => parts.extend(changes.iter().map(|one| step(lang, one, 1, several))),
    }
    parts.join(super::punctuation::semicolon(lang))
}

fn step(lang: Lang, change: &CardChange, count: u32, several: bool) -> String {
    let CardChange { card, host, .. } = change;
    let times = match count {
        1 => String::new(),
        count => format!("{count}× "),
    };
    let words = match (change.kind, &change.replaced) {
        (ChangeKind::Replace, Some(replaced)) => format!("{times}{replaced} → {card}"),
        _ => format!("+ {times}{card}"),
    };
    match several {
        true => say!(lang, "{host}: {words}", "{host}：{words}"),
        false => words,
    }
}

/// A price as it was given.
pub(crate) fn amount(price: f64, currency: Option<&str>) -> String {
    let digits = if price.fract() == 0.0 { 0 } else { 2 };
    match currency {
        Some(currency) => format!("{price:.digits$} {currency}"),
        None => format!("{price:.digits$}"),
    }
}

/// Replicas of a demand that have a place.
pub(crate) fn some_of(lang: Lang, placed: u32, wanted: u32) -> String {
    say!(
        lang,
        "{placed} of {wanted} fit",
        "{wanted} 个放下 {placed} 个"
    )
}

pub(crate) fn more(lang: Lang, count: usize) -> String {
    say!(
        lang,
        "{count} more; --limit shows them.",
        "还有 {count} 种，用 --limit 查看。"
    )
}
