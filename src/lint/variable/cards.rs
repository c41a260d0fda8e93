//! Variables that choose cards: by number, or by UUID.

use super::super::sheet::SourceText;
use super::super::{LintContext, Problem};
use super::{Place, Setting};

/// The variables that choose cards.
pub(super) const CARDS: &[&str] = &[
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
];

/// Whether cards are chosen by number.
pub(super) fn by_number(setting: &Setting) -> bool {
    setting.name == "CUDA_VISIBLE_DEVICES" && ids(&setting.value).is_some()
}

/// Whether numbers of cards are those of nvidia-smi.
pub(super) fn in_order(setting: &Setting) -> bool {
    setting.name == "CUDA_DEVICE_ORDER" && setting.value == "PCI_BUS_ID"
}

pub(super) fn ids(value: &str) -> Option<Vec<usize>> {
    value
        .split(',')
        .map(|id| id.trim().parse().ok())
        .collect::<Option<Vec<usize>>>()
        .filter(|ids| !ids.is_empty())
}

/// The same cards by UUID, where they are known.
pub(in crate::lint) fn by_uuid(value: &str, context: LintContext<'_>) -> Option<String> {
    let uuids = context.cards?.uuids();
    let chosen: Option<Vec<&str>> = ids(value)?
        .into_iter()
        .map(|id| uuids.get(id).map(String::as_str))
        .collect();
    Some(chosen?.join(","))
}

/// Cards by number: by UUID where they are known, else in an order that can be relied on.
pub(super) fn numbered(sheet: &mut SourceText<'_>, setting: &Setting) {
    let variable = setting.name.clone();
    let at = setting.at.clone();
    let written = sheet.text.get(setting.value_at.clone()).unwrap_or_default();
    // A variable stands for another card in each round of a loop.
    let named = written.starts_with(['$', '"']) && written.contains('$');
    match by_uuid(&setting.value, sheet.context).filter(|_| !named) {
        Some(uuids) => {
            sheet.find(at.clone(), Problem::NumericGpuIds { variable });
            setting.put(sheet, &uuids);
        }
        None => sheet.find(at.clone(), Problem::NumericGpuIds { variable }),
    }
    // Where each setting has a line of its own, so has this.
    let line = sheet.line_start(at.start);
    let before = sheet.text.get(line..at.start).unwrap_or_default();
    let after = sheet.text.get(at.end..).unwrap_or_default();
    let behind = after.strip_prefix('"').unwrap_or(after);
    let alone = behind.is_empty() || behind.starts_with(['\n', '\r']);
    let quote = if before.ends_with('"') && after.starts_with('"') {
        "\""
    } else {
        ""
    };
    let own_line =
        alone && (before.trim().is_empty() || before.trim_end_matches('"').ends_with('='));
    let between = if own_line {
        format!("{quote}\n{before}")
    } else {
        " ".to_owned()
    };
    sheet.insert(at.start, format!("CUDA_DEVICE_ORDER=PCI_BUS_ID{between}"));
}

/// Numbers of cards in a container, whose cards are handed in from outside and have others.
pub(super) fn in_container(sheet: &mut SourceText<'_>, setting: &Setting, place: Place) {
    let (variable, value) = (setting.name.clone(), setting.value.as_str());
    let form = match place {
        Place::Kubernetes => {
            format!("nvidia.com/gpu: {}", value.split(',').count())
        }
        Place::Compose => format!("device_ids: [\"{}\"]", value.replace(',', "\", \"")),
        Place::Quadlet => {
            let device = |id: &str| format!("AddDevice=nvidia.com/gpu={}", id.trim());
            let devices: Vec<String> = value.split(',').map(device).collect();
            devices.join("\n")
        }
        Place::Container | Place::Host => format!("--gpus '\"device={value}\"'"),
    };
    let at = setting.at.clone();
    sheet.find_with(at, Problem::ContainerGpuVariable { variable }, form);
    setting.advise_without(sheet);
}
