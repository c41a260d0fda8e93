//! Words that several pages share: column heads, names of numbers, titles.

words! {
    models: "Models", "模型";
}
