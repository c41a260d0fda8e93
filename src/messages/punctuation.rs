//! What stands between words; Chinese marks bring their own room.

use std::fmt::Display;

use crate::lang::Lang;

words! {
    semicolon: "; ", "；";
    comma: ", ", "，";
    list_comma: ", ", "、";
    colon: ": ", "：";
    full_stop: ".", "。";
}

pub(crate) fn brackets(lang: Lang, text: impl Display) -> String {
    say!(lang, " ({text})", "（{text}）")
}
