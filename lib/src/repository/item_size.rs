//! The size of an item as DynamoDB counts it ("`DynamoDB` item sizes and formats" in its developer guide).

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::Item;

/// The bytes of a list or a map besides its elements.
const CONTAINER: usize = 3;
/// The bytes of each element besides its value.
const ELEMENT: usize = 1;

/// The bytes of an item, names and values.
pub(super) fn of_item(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + of_value(value)).sum()
}

fn of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => of_number(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(items) => {
            CONTAINER + items.iter().map(|item| ELEMENT + of_value(item)).sum::<usize>()
        }
        AttributeValue::M(members) => {
            let member = |(name, value): (&String, &AttributeValue)| ELEMENT + name.len() + of_value(value);
            CONTAINER + members.iter().map(member).sum::<usize>()
        }
        // Booleans and nulls; sets, which no item here has.
        _ => 1,
    }
}

/// One byte for each two significant digits, one more, and one for a minus sign.
fn of_number(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    significant.div_ceil(2) + 1 + usize::from(mantissa.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0", 1)]
    #[case("7", 2)]
    #[case("1234", 3)]
    #[case("12300", 3)]
    #[case("-1234", 4)]
    #[case("0.0012", 2)]
    #[case("1.5E+10", 2)]
    #[case("12345678901234567890123456789012345678", 20)]
    fn numbers_take_a_byte_for_two_digits(#[case] number: &str, #[case] size: usize) {
        assert_eq!(of_number(number), size);
    }

    #[test]
    fn names_and_containers_count() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let list = AttributeValue::L(vec![text("ab"), AttributeValue::Null(true)]);
        let map = AttributeValue::M([("é".to_owned(), list)].into());
        let item = Item::from([("name".to_owned(), map)]);
        assert_eq!(of_item(&item), 4 + (3 + 1 + 2 + (3 + (1 + 2) + (1 + 1))));
    }
}
