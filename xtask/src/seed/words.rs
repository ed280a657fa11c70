//! The words of seeded resources, in several scripts.

use serde_json::{Value, json};

/// Beginnings and ends of names, each pair in one language.
const NAMES: [(&[&str], &[&str]); 10] = [
    (&["Quarterly", "Internal", "Revised", "Shared"], &["Report", "Roadmap", "Field notes", "Contract"]),
    (&["Überarbeiteter", "Neuer", "Größter"], &["Plan", "Entwurf", "Straßenatlas"]),
    (&["Été", "Première", "Nouvelle"], &["à la mer", "édition", "façade"]),
    (&["Квартальный", "Новый", "Полевой"], &["отчёт", "план", "журнал"]),
    (&["Νέος", "Ετήσιος", "Κοινός"], &["χάρτης", "οδηγός", "κατάλογος"]),
    (&["تقرير", "خطة", "دليل"], &["سنوي", "جديد", "العمل"]),
    (&["דוח", "תכנית", "מדריך"], &["שנתי", "חדש", "פנימי"]),
    (&["四半期", "新しい", "共有"], &["レポート", "計画", "ノート"]),
    (&["季度", "内部", "最新"], &["报告", "计划", "手册"]),
    (&["वार्षिक", "नई", "साझा"], &["रिपोर्ट", "योजना", "सूची"]),
];

const DESCRIPTIONS: [&str; 5] = [
    "Agreed with everyone who asked for it.",
    "Waits for a second pair of eyes before it goes out.",
    "Ersetzt die Fassung vom letzten Monat.",
    "前回の会議で決めた内容です。",
    "Line one.\nLine two, with a \"quote\" and a tab\tin it.",
];

const TAGS: [&str; 6] = ["finance", "field", "draft-2", "público", "重要", "🚀"];

/// A name.
pub(super) fn name() -> String {
    let (beginnings, ends) = pick(&NAMES);
    let number = fastrand::u16(1..2000);
    format!("{} {} {number}", pick(beginnings), pick(ends))
}

/// A sentence or two.
pub(super) fn description() -> &'static str {
    pick(&DESCRIPTIONS)
}

/// Attributes of every JSON type.
pub(super) fn attributes() -> Value {
    let tags = fastrand::choose_multiple(TAGS, fastrand::usize(..4));
    json!({
        "priority": fastrand::u8(1..=5),
        "budget": f64::from(fastrand::u32(..10_000_000)) / 100.0,
        "reviewed": fastrand::bool(),
        "owner": if fastrand::bool() { json!({ "team": pick(&["north", "süd", "東"]) }) } else { Value::Null },
        "tags": tags,
    })
}

fn pick<T: Copy>(items: &[T]) -> T {
    items[fastrand::usize(..items.len())]
}
