//! What is wrong in a data file.

use super::{fleet, word};
use crate::error::{Defect, Fault};
use crate::lang::Lang;
use crate::sanitize::sanitize;

pub(crate) fn defect(lang: Lang, defect: &Defect) -> String {
    let what = fault(lang, &defect.fault);
    let said = say!(
        lang,
        "{}:{}: {what}",
        "{}:{}：{what}",
        defect.file,
        defect.line
    );
    sanitize(&said).into_owned()
}

fn fault(lang: Lang, fault: &Fault) -> String {
    match fault {
        // The parser has words of its own, in one language.
        Fault::Syntax(detail) => say!(
            lang,
            "{}",
            "语法或字段有误，解析器的原文是：{}",
            detail.trim()
        ),
        Fault::UnknownTable(name) => say!(
            lang,
            "there is no table '{name}' here, only [series], [[architecture]], [[model]] and [[gpu]]",
            "这里没有名为“{name}”的表，只有 [series]、[[architecture]]、[[model]] 和 [[gpu]]"
        ),
        Fault::NotTables => word(
            lang,
            "an array of [[tables]] is expected here",
            "这里应当是 [[表数组]]",
        )
        .into(),
        Fault::Duplicate(name) => say!(lang, "'{name}' appears twice", "“{name}”重复了"),
        Fault::UnknownArchitecture(name) => say!(
            lang,
            "no [[architecture]] is called '{name}'",
            "没有名为“{name}”的 [[architecture]]"
        ),
        Fault::UnknownReplacement(tag) => say!(
            lang,
            "replaced_by: no model has the tag '{tag}'",
            "replaced_by：没有标签为“{tag}”的模型"
        ),
        Fault::NoSource => word(lang, "numbers need a source", "数字须注明 source").into(),
        Fault::NoVariant => word(
            lang,
            "a published model needs at least one [[model.variant]]",
            "已发布的模型至少要有一个 [[model.variant]]",
        )
        .into(),
        Fault::Implausible(key) => say!(
            lang,
            "{key}: this number cannot be right",
            "{key}：这个数字不可能对"
        ),
        Fault::Missing(key) => say!(lang, "{key} is missing", "缺少 {key}"),
        Fault::ListLength(key) => say!(
            lang,
            "{key}: a list needs one number per layer",
            "{key}：列表中每层要有一个数"
        ),
        Fault::BadSize(text) => say!(
            lang,
            "'{text}' is not a size such as \"24GiB\"",
            "“{text}”不是大小，应如 \"24GiB\""
        ),
        Fault::BadDate(text) => say!(
            lang,
            "'{text}' is not a date such as \"2025-07\"",
            "“{text}”不是日期，应如 \"2025-07\""
        ),
        Fault::BadComputeCapability(text) => say!(
            lang,
            "'{text}' is not a compute capability such as \"8.6\"",
            "“{text}”不是计算能力，应如 \"8.6\""
        ),
        Fault::Fleet(fault) => fleet::fault(lang, fault),
    }
}
