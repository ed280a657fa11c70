"""Uses the generated client with the example shop. Ends with an exception if a response is not as expected.

API_URL=http://127.0.0.1:9000 API_TOKEN=… python example.py
"""

import os
import time
import uuid
from typing import TypeVar

import httpx

from client import AuthenticatedClient
from client.api.customers import create_customer
from client.api.orders import create_order, get_order, list_orders, update_order
from client.models import CustomerInput, CustomerResponse, OrderInput, OrderPage, OrderPatch, OrderResponse
from client.types import UNSET, Unset

T = TypeVar("T")


class RetryTransport(httpx.HTTPTransport):
    """Repeats a request after a 429, and after a 503 if it is safe to repeat, when `Retry-After` says."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_safe = request.method == "GET" or "Idempotency-Key" in request.headers
        for _ in range(3):
            response = super().handle_request(request)
            if response.status_code != 429 and not (response.status_code == 503 and is_safe):
                return response
            response.close()
            time.sleep(int(response.headers.get("Retry-After", 1)))
        return super().handle_request(request)


class ApiError(Exception):
    """An error response. `code` is the code of the problem; errors of the gateway have none."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code} {response.text}")
        problem = response.json()
        self.code: str | None = problem.get("code")
        self.details: list[dict[str, str]] = problem.get("details", [])
        self.headers = response.headers


def raise_for_problem(response: httpx.Response) -> None:
    if response.is_error:
        response.read()
        raise ApiError(response)


client = AuthenticatedClient(
    base_url=os.environ["API_URL"],
    token=os.environ["API_TOKEN"],
    httpx_args={"transport": RetryTransport(), "event_hooks": {"response": [raise_for_problem]}},
)


def expect(model: type[T], body: object) -> T:
    """The body of a response, whose type is the union of all that the operation may return."""
    assert isinstance(body, model), body
    return body


def new_key() -> str:
    return str(uuid.uuid4())


run = uuid.uuid4().hex[:8].upper()  # makes unique values differ from those of earlier runs

# Create.
email = f"ada-{run}@example.com"
body = CustomerInput(name="Ada Lovelace", email=email)
customer = expect(CustomerResponse, create_customer.sync(client=client, body=body, idempotency_key=new_key())).data
print(f"created customer {customer.id}")

for index, total in enumerate([10, 20, 30]):
    order = OrderInput(number=f"{run}-{index}", customer_id=customer.id, total=total)
    expect(OrderResponse, create_order.sync(client=client, body=order, idempotency_key=new_key()))

# List, page by page. Lists are eventually consistent, so give the new orders a moment.
time.sleep(1)
numbers = []
cursor: str | None | Unset = UNSET
while cursor is not None:
    page = expect(
        OrderPage,
        list_orders.sync(client=client, customer_id=customer.id, sort="created", limit=2, cursor=cursor),
    )
    numbers += [row.number for row in page.data]
    cursor = page.pagination.next_cursor
assert numbers == [f"{run}-0", f"{run}-1", f"{run}-2"], numbers
print(f"listed orders {numbers}")

# List a range. The generator does not implement `total[gte]`, so send this request with the client's httpx client.
large = OrderPage.from_dict(
    client.get_httpx_client()
    .get("/api/orders", params={"customer_id": str(customer.id), "total[gte]": 20, "fields": "id,total"})
    .json()
)
assert [row.total for row in large.data] == [30, 20], large
print("listed orders of 20 or more")

# Retry: the same request with the same key is applied once, and gets the same response.
key = new_key()
order = OrderInput(number=f"{run}-3", customer_id=customer.id, total=39.8)
first = create_order.sync_detailed(client=client, body=order, idempotency_key=key)
second = create_order.sync_detailed(client=client, body=order, idempotency_key=key)
assert second.content == first.content
assert "Idempotent-Replayed" not in first.headers
assert second.headers["Idempotent-Replayed"] == "true"
print("created an order once, with two requests")

# Update only the version that was read.
order_id = expect(OrderResponse, first.parsed).data.id
etag = get_order.sync_detailed(order_id, client=client).headers["ETag"]
paid = update_order.sync_detailed(
    order_id, client=client, body=OrderPatch(status="paid"), if_match=etag, idempotency_key=new_key()
)
assert expect(OrderResponse, paid.parsed).data.status == "paid"
print("updated the order")

# The entity tag is now stale. The response is a 412, and nothing is changed: read the order again, and decide anew.
try:
    update_order.sync(
        order_id, client=client, body=OrderPatch(status="cancelled"), if_match=etag, idempotency_key=new_key()
    )
    raise AssertionError("a newer version was overwritten")
except ApiError as error:
    assert error.code == "precondition_failed", error
    assert error.headers["ETag"] == paid.headers["ETag"]
print("did not overwrite a newer version")


# Handle problems by their code.
def try_to_create_customer(email: str) -> str:
    try:
        body = CustomerInput(name="Ada Lovelace", email=email)
        created = create_customer.sync(client=client, body=body, idempotency_key=new_key())
        return f"created {expect(CustomerResponse, created).data.id}"
    except ApiError as error:
        match error.code:
            case "already_exists":
                return f"the address is taken: {[fault['pointer'] for fault in error.details]}"
            case "validation_failed":
                return f"rejected: {[(fault['pointer'], fault['code']) for fault in error.details]}"
            case _:
                raise


taken = try_to_create_customer(email)
assert taken == "the address is taken: ['/email']", taken
rejected = try_to_create_customer("ada")
assert rejected == "rejected: [('/email', 'invalid_format')]", rejected
print("handled problems by their code")
