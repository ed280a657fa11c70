"""Excludes requests to which `cargo lambda watch` itself responds with a 500, and API Gateway does not.

The functions' own tests (functions/tests/api/requests.rs) send them without a gateway.
"""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    """Leaves out header values and bodies that are not UTF-8 on the wire."""
    values = [str(value) for value in (case.headers or {}).values()]
    return all(value.isascii() for value in values) and is_utf8(case.body)


def is_utf8(body):
    """Whether a body is not bytes, or is bytes in UTF-8."""
    if not isinstance(body, bytes):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
