//! What is not there is not told: GPUs that were left out, RAM beside a memory that is shared, a place of what does not load, another engine's rule.

use crate::support::Machine;

fn page(command: &str) -> String {
    Machine::new().run(command).out
}

#[test]
fn what_does_not_load_lies_nowhere() {
    for (lang, place, gpu) in [("en", "Placement", "GPU 0"), ("zh", "部署", "GPU 0")] {
        let command = format!("explain phi:2.7b --gpu 'RTX 3090' --lang {lang}");
        let loads = page(&command);
        assert!(loads.contains(gpu), "{loads}");
        let refused = page(&(command + " --kv-cache-type q8_0"));
        assert!(!refused.contains(gpu), "{refused}");
        if lang == "en" {
            assert!(
                loads.contains(place) && !refused.contains(place),
                "{refused}"
            );
        }
    }
}

#[test]
fn no_model_spills_into_memory_that_the_gpu_shares() {
    let shared = Machine::new().run("explain gpt-oss:120b --gpu 'M4 Max' --ram 64 --json");
    let ollama = &shared.json()["ollama"];
    for choice in [ollama, &ollama["asked"]] {
        assert_eq!(choice["placement"]["host_expert_layers"], 0, "{choice}");
        assert_eq!(choice["placement"]["host_layers"], 0, "{choice}");
    }
    let card = Machine::new().run("explain gpt-oss:120b --gpu 'RTX 4090' --ram 64 --json");
    let placement = &card.json()["ollama"]["placement"];
    assert_ne!(placement["host_expert_layers"], 0, "{placement}");
}
