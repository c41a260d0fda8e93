//! Every table of the document against the program's own: equal, so that neither has a row that the other lacks.

use serde_json::{Value, json};

use super::document::{
    CARDS, CONTEXTS, CONVERSATION, CURVE, FAMILIES, FEWEST_3090S, GAINS, MATRIX, MEMORY,
    ON_ONE_3090, PRACTICES, PRIORITIES, SPEEDS, STAGES, TASK_ANSWERS, TASKS, TIER_CARDS, TIERS,
    VALUE,
};
use super::{ask, each, gib, set, strings};
use vramfit::embedded;

fn row<'a>(models: &'a Value, tag: &str) -> &'a Value {
    let models = models["models"].as_array().expect("a list");
    models
        .iter()
        .find(|model| model["tag"] == tag)
        .unwrap_or_else(|| panic!("{tag} is missing"))
}

#[test]
fn the_tables_by_memory_are_the_documents() {
    let models = ask("models --catalog guide");
    for (tier, listed) in TIERS {
        for (tag, parameters, from, to, marks) in *listed {
            let model = row(&models, tag);
            let range = &model["documented_vram"];
            assert_eq!(
                (gib(&range["min"]), gib(&range["max"])),
                (round(*from), round(*to)),
                "{tag}"
            );
            assert_eq!(model["guide_speed"], json!(marks), "{tag}");
            let guide = embedded::catalog().expect("the catalog");
            let known = guide.guide().find(tag).expect("a model");
            assert_eq!(known.parameters, *parameters, "{tag}");
        }
        let shown = models["models"].as_array().expect("a list").iter();
        let shown = shown.filter(|model| strings(&model["guide_tiers"]).contains(tier));
        assert_eq!(
            set(shown.map(|model| model["tag"].as_str().expect("a tag"))),
            set(listed.iter().map(|row| row.0)),
            "{tier}"
        );
    }
    let listed = TIERS
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|row| row.0));
    let families = FAMILIES
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|row| row.0));
    assert_eq!(
        set(each(&models["models"], "tag")),
        set(listed.chain(families))
    );
}

/// GB of the document as the program reads them: GiB, to the byte.
fn round(gb: f64) -> f64 {
    (gb * f64::from(1 << 30)).round() / f64::from(1 << 30)
}

#[test]
fn the_tiers_have_their_cards_and_features() {
    for (tier, cards) in TIER_CARDS {
        let report = ask(&format!("models --catalog guide --tier {tier}"));
        assert_eq!(report["guide_tier"]["tier"], *tier);
        assert_eq!(strings(&report["guide_tier"]["cards"]), *cards, "{tier}");
        let features = report["guide_tier"]["features"].as_array().expect("a list");
        assert!(features.len() >= 3, "{tier}");
        for model in report["models"].as_array().expect("a list") {
            assert_eq!(model["tier"], *tier, "{}", model["tag"]);
        }
    }
}

#[test]
fn the_cards_of_large_models_are_the_documents() {
    let catalog = embedded::catalog().expect("the catalog");
    let models = &catalog.guide().model;
    let single: Vec<_> = models
        .iter()
        .filter_map(|model| Some((model.tag.as_str(), model.single_3090?)))
        .collect();
    assert_eq!(single, ON_ONE_3090);
    let mut fewest: Vec<_> = models
        .iter()
        .filter_map(|model| Some((model.tag.as_str(), u64::from(model.minimum_3090s?))))
        .collect();
    let mut documented = FEWEST_3090S.to_vec();
    fewest.sort_unstable();
    documented.sort_unstable();
    assert_eq!(fewest, documented);
}

#[test]
fn the_family_tables_are_the_documents() {
    for (family, listed) in FAMILIES {
        let report = ask(&format!("compare --family {family} --catalog guide"));
        let section = &report["guide_family"];
        assert_eq!(section["family"], *family);
        let shown = section["models"].as_array().expect("a list");
        assert_eq!(
            set(each(&section["models"], "tag")),
            set(listed.iter().map(|row| row.0)),
            "{family}"
        );
        for (tag, parameters, from, to, stars) in *listed {
            let model = shown
                .iter()
                .find(|model| model["tag"] == *tag)
                .expect("a row");
            assert_eq!(model["parameters"], *parameters, "{tag}");
            let range = &model["documented_vram"];
            assert_eq!(
                (gib(&range["min"]), gib(&range["max"])),
                (round(*from), round(*to)),
                "{tag}"
            );
            let column = match *family {
                "qwen" => "chinese",
                _ => "general",
            };
            assert_eq!(model["stars"][column], json!(stars), "{tag}");
            let compared = report["models"].as_array().expect("a list");
            let compared = compared.iter().find(|model| model["tag"] == *tag);
            assert_eq!(compared.expect("a row")["stars"], model["stars"], "{tag}");
        }
        let told = |part: &str| section[part].as_array().expect("a list").len();
        assert!(told("scenarios") + told("features") > 0, "{family}");
    }
}

#[test]
fn the_tasks_are_the_documents() {
    let catalog = embedded::catalog().expect("the catalog");
    for (task, picks) in TASKS {
        let table = catalog
            .guide()
            .task
            .iter()
            .find(|table| table.code == *task)
            .expect("a task");
        let shown: Vec<&str> = table.picks.iter().map(|pick| pick.tag.as_str()).collect();
        assert_eq!(shown, *picks, "{task}");
    }
    assert_eq!(catalog.guide().task.len(), TASKS.len());
    for (task, single, dual) in TASK_ANSWERS {
        let table = catalog
            .guide()
            .task
            .iter()
            .find(|table| table.code == *task);
        let table = table.expect("a task");
        assert_eq!(
            (&table.single[..], &table.dual[..]),
            (&[(*single).to_owned()][..], &[(*dual).to_owned()][..])
        );
    }
}

#[test]
fn the_tables_by_memory_stage_and_cards_are_the_documents() {
    let guide = &ask("matrix")["guide"];
    let list = |name: &str| guide[name].as_array().expect("a list");

    assert_eq!(list("matrix").len(), MATRIX.len());
    for (row, (vram, development, production, flagship)) in list("matrix").iter().zip(MATRIX) {
        assert_eq!(gib(&row["vram"]), *vram);
        assert_eq!(strings(&row["development"]), *development, "{vram}");
        assert_eq!(strings(&row["production"]), *production, "{vram}");
        assert_eq!(strings(&row["flagship"]), *flagship, "{vram}");
    }
    assert_eq!(list("memory").len(), MEMORY.len());
    for (row, (from, to, picks)) in list("memory").iter().zip(MEMORY) {
        assert_eq!(gib(&row["from"]), *from);
        assert_eq!(row["to"].as_u64().map(|_| gib(&row["to"])), *to);
        assert_eq!(strings(&row["picks"]), *picks, "{from}");
    }
    assert_eq!(list("stages").len(), STAGES.len());
    for (row, (stage, single, dual, vram, speed)) in list("stages").iter().zip(STAGES) {
        assert_eq!(row["stage"], *stage);
        assert_eq!(
            (strings(&row["single"]), strings(&row["dual"])),
            (single.to_vec(), dual.to_vec())
        );
        let range = &row["documented_vram"];
        assert_eq!([gib(&range["min"]), gib(&range["max"])], *vram, "{stage}");
        assert_eq!(row["tokens_per_second"], json!(speed), "{stage}");
    }
    assert_eq!(list("cards").len(), CARDS.len());
    for (row, (gpu, best, alternatives)) in list("cards").iter().zip(CARDS) {
        assert_eq!(row["gpu"], *gpu);
        assert_eq!(strings(&row["best"]), *best, "{gpu}");
        assert_eq!(strings(&row["alternatives"]), *alternatives, "{gpu}");
    }
    assert_eq!(list("practices").len(), PRACTICES.len());
    for (row, picks) in list("practices").iter().zip(PRACTICES) {
        assert_eq!(strings(&row["picks"]), *picks);
    }
}

#[test]
fn the_curves_are_the_documents() {
    let guide = &ask("curves")["guide"];
    let list = |name: &str| guide[name].as_array().expect("a list").clone();
    let speeds: Vec<Value> = SPEEDS
        .iter()
        .map(|(billions, gpus, rate, marks, wait)| {
            json!({"billions": billions, "gpus": gpus, "tokens_per_second": rate, "marks": marks, "first_token": wait})
        })
        .collect();
    assert_eq!(list("speed"), speeds);
    let curve: Vec<Value> = CURVE
        .iter()
        .map(|(billions, quality)| json!({"billions": billions, "quality": quality}))
        .collect();
    assert_eq!(list("quality"), curve);
    let gains: Vec<Value> = GAINS
        .iter()
        .map(|(from, to, percent)| json!({"from": from, "to": to, "percent": percent}))
        .collect();
    assert_eq!(list("gains"), gains);
    let shown = list("value");
    assert_eq!(shown.len(), VALUE.len());
    for (row, (size, quality, speed, value)) in shown.iter().zip(VALUE) {
        assert_eq!(row["size"], *size);
        assert_eq!(
            (&row["quality"], &row["speed"], &row["value"]),
            (&json!(quality), &json!(speed), &json!(value)),
            "{size}"
        );
    }
}

#[test]
fn the_questions_are_the_documents() {
    let catalog = embedded::catalog().expect("the catalog");
    let guide = catalog.guide();
    let priorities: Vec<(&str, &str)> = guide
        .priority
        .iter()
        .map(|row| (row.code.as_str(), row.advice.zh.as_str()))
        .collect();
    let documented: Vec<(&str, &str)> = PRIORITIES.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(priorities, documented);
    let contexts: Vec<(&str, u32, Vec<&str>)> = guide
        .context
        .iter()
        .map(|row| {
            let picks = row.picks.iter().map(String::as_str).collect();
            (row.title.zh.as_str(), row.from, picks)
        })
        .collect();
    let documented: Vec<(&str, u32, Vec<&str>)> = CONTEXTS
        .iter()
        .map(|(title, from, picks)| (*title, *from, picks.to_vec()))
        .collect();
    assert_eq!(contexts, documented);
    let chat = guide.task.iter().find(|table| table.code == "chat");
    let chat = chat.expect("a task");
    assert_eq!(
        [
            ("speed", chat.fast[0].as_str()),
            ("quality", chat.quality[0].as_str())
        ],
        CONVERSATION
    );
}
