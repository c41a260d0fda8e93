//! The list of models: filtered, ordered, with speeds.

use super::run;

/// A speed is that of some hardware, for some question: the page says which.
#[test]
fn a_list_with_speeds_says_for_which_hardware() {
    for (language, context) in [("en", "context 8K"), ("zh", "上下文 8K")] {
        for asked in ["--sort speed", "--sort score", "--min-speed 20"] {
            let page = run(&format!(
                "models {asked} --family qwen3 --gpu 'RTX 3090' --lang {language}"
            ));
            assert!(page.out.starts_with("RTX 3090"), "{}", page.out);
            assert!(page.out.contains(context), "{}", page.out);
            assert!(page.out.contains("tokens/s"), "{}", page.out);
            assert!(!page.out.contains("--depth"), "{}", page.out);
        }
    }
    let sized = run("models --sort speed --family qwen3 --vram 24");
    assert!(sized.out.contains("GB/s"), "{}", sized.out);
    let plain = run("models --sort size --family qwen3 --gpu 'RTX 3090'");
    assert!(!plain.out.contains("RTX 3090"), "{}", plain.out);
    let json = run("models --sort speed --family qwen3 --gpu 'RTX 3090' --json").json();
    assert_eq!(json["here"]["inventory"]["origin"], "simulated");
    assert_eq!(json["here"]["request"]["task"], "chat");
}

/// Hard conditions of a choice hold wherever models are listed; what is no licence is told those that there are.
#[test]
fn lists_are_narrowed_by_licence_and_capability() {
    let tags = |command: &str| {
        let models = run(&format!("{command} --json")).json()["models"].clone();
        let models = models.as_array().expect("models").clone();
        assert!(!models.is_empty(), "{command}");
        models
    };
    for (command, wanted) in [
        ("compare --family gemma3 --vram 24", "vision"),
        ("models", "tools,vision"),
    ] {
        let all = tags(command);
        let able = tags(&format!("{command} --capability {wanted}"));
        assert!(able.len() < all.len(), "{command}");
        for model in &able {
            let can = model["capabilities"].as_array().expect("a list");
            for one in wanted.split(',') {
                assert!(can.iter().any(|own| own == one), "{model}");
            }
        }
    }
    let mixed = "compare qwen3:8b command-r:35b --vram 48 --licence commercial";
    assert_eq!(tags(mixed).len(), 1);
    let none = run("compare command-r:35b --vram 48 --license commercial");
    assert_eq!(none.exit, vramfit::app::Exit::No);
    let wrong = run("models --license non-comercial");
    assert_eq!(wrong.exit, vramfit::app::Exit::Failure);
    assert!(wrong.err.contains("apache-2.0, "), "{}", wrong.err);
}

/// The list of all models is ordered within each tier, and chosen by speed, with the numbers of the same files in `recommend`.
#[test]
fn models_are_ordered_by_what_they_do_here() {
    let rows = |conditions: &str| {
        let models = run(&format!(
            "models --task code --gpu 'RTX 3090' {conditions} --json"
        ));
        let models = models.json()["models"].as_array().expect("a list").clone();
        assert!(models.len() > 5, "{conditions}");
        models
    };
    let falls = |rows: &[serde_json::Value], number: &dyn Fn(&serde_json::Value) -> f64| {
        let mut pairs = rows
            .windows(2)
            .filter(|pair| pair[0]["tier"] == pair[1]["tier"]);
        assert!(pairs.all(|pair| number(&pair[0]) >= number(&pair[1])));
    };
    let score = |row: &serde_json::Value| row["here"]["score"].as_f64().expect("points");
    let speed = |row: &serde_json::Value| row["here"]["speed"]["decode"][0].as_f64();
    falls(&rows("--sort score"), &score);
    falls(&rows("--sort speed"), &|row| speed(row).unwrap_or_default());
    falls(&rows("--sort context"), &|row| {
        row["context_length"].as_f64().unwrap_or_default()
    });
    for row in rows("--min-speed 60") {
        assert!(speed(&row) >= Some(60.0), "{row}");
    }
    let ranked = run("recommend --task code --gpu 'RTX 3090' --all --json").json();
    let ranked = ranked["recommendations"].as_array().expect("a list");
    let mut same = 0;
    for row in rows("--sort score") {
        let Some(ranked) = ranked.iter().find(|ranked| ranked["tag"] == row["tag"]) else {
            continue;
        };
        same += 1;
        assert_eq!(
            score(&row),
            ranked["score"]["total"].as_f64().expect("points"),
            "{row}"
        );
    }
    assert!(same > 5, "only {same}");
    assert!(
        run("models --json").json()["models"][0]
            .get("here")
            .is_none()
    );
}

#[test]
fn another_order_of_the_list_picks_no_other_model() {
    let asked = "recommend --vram 24 --task code";
    let first = run(&format!("{asked} --json")).json()["recommendations"][0].clone();
    let tag = first["tag"].as_str().expect("a tag");
    for order in ["score", "speed", "size", "context", "released"] {
        let page = run(&format!("{asked} --sort {order} --limit 3")).out;
        let pick = page.lines().find(|line| line.starts_with("Pick"));
        assert!(
            pick.is_some_and(|line| line.contains(tag)),
            "{order}: {page}"
        );
    }
}
