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
