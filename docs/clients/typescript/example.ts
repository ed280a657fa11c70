// Uses the generated client with the example shop. Ends with an error if a response is not as expected.
//
//   API_URL=http://127.0.0.1:9000 API_TOKEN=… npm start

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { client } from './client/client.gen.js';
import { createCustomer, createOrder, getOrder, listOrders, updateOrder, type OrderInput } from './client/index.js';

const { API_URL, API_TOKEN } = process.env;
assert(API_URL && API_TOKEN, 'API_URL and API_TOKEN must be set');

client.setConfig({ baseUrl: API_URL, auth: API_TOKEN, fetch: fetchWithRetries });

// With `throwOnError`, a call throws the body of the error response. This makes it an Error, with the members of the problem.
client.interceptors.error.use((body) => (body instanceof Error ? body : Object.assign(new Error(JSON.stringify(body)), body)));

const run = randomUUID().slice(0, 8).toUpperCase(); // makes unique values differ from those of earlier runs

// Create. `throwOnError` is for calls whose failure is not handled here.
const email = `ada-${run}@example.com`;
const { data: customer } = await createCustomer({
  throwOnError: true,
  headers: { 'Idempotency-Key': randomUUID() },
  body: { name: 'Ada Lovelace', email },
});
const customerId = customer.data.id;
console.log(`created customer ${customerId}`);

for (const [index, total] of [10, 20, 30].entries()) {
  await createOrder({
      throwOnError: true,
    headers: { 'Idempotency-Key': randomUUID() },
    body: { number: `${run}-${index}`, customer_id: customerId, total },
  });
}

// List, page by page. Lists are eventually consistent, so give the new orders a moment.
await sleep(1000);
const numbers: (string | undefined)[] = [];
let cursor: string | undefined;
do {
  const { data: page } = await listOrders({
      throwOnError: true,
    query: { customer_id: customerId, sort: 'created', limit: 2, cursor },
  });
  numbers.push(...page.data.map((order) => order.number));
  cursor = page.pagination.next_cursor ?? undefined;
} while (cursor);
assert.deepEqual(numbers, [`${run}-0`, `${run}-1`, `${run}-2`]);
console.log(`listed orders ${numbers.join(', ')}`);

// List a range: total[gte]=20.
const { data: large } = await listOrders({
  throwOnError: true,
  query: { customer_id: customerId, total: { gte: 20 }, fields: ['id', 'total'] },
});
assert.deepEqual(large.data.map((order) => order.total), [30, 20]);
console.log('listed orders of 20 or more');

// Retry: the same request with the same key is applied once, and gets the same response.
const key = randomUUID();
const body: OrderInput = {
  number: `${run}-3`,
  customer_id: customerId,
  total: 39.8,
  lines: [{ sku: 'T-7', quantity: 2, price: 19.9 }],
};
const first = await createOrder({ throwOnError: true, headers: { 'Idempotency-Key': key }, body });
const second = await createOrder({ throwOnError: true, headers: { 'Idempotency-Key': key }, body });
assert.deepEqual(second.data, first.data);
assert.equal(first.response.headers.get('Idempotent-Replayed'), null);
assert.equal(second.response.headers.get('Idempotent-Replayed'), 'true');
console.log('created an order once, with two requests');

// Update only the version that was read.
const path = { id: first.data.data.id };
const read = await getOrder({ throwOnError: true, path });
const etag = read.response.headers.get('ETag') ?? undefined;
const paid = await updateOrder({
  throwOnError: true,
  path,
  headers: { 'If-Match': etag, 'Idempotency-Key': randomUUID() },
  body: { status: 'paid' },
});
assert.equal(paid.data.data.status, 'paid');
console.log('updated the order');

// The entity tag is now stale. The response is a 412, and nothing is changed: read the order again, and decide anew.
const stale = await updateOrder({
  path,
  headers: { 'If-Match': etag, 'Idempotency-Key': randomUUID() },
  body: { status: 'cancelled' },
});
assert.equal(stale.error?.code, 'precondition_failed');
assert.equal(stale.response?.headers.get('ETag'), paid.response.headers.get('ETag'));
console.log('did not overwrite a newer version');

// Handle problems by their code.
assert.equal(await tryToCreateCustomer(email), 'the address is taken: /email');
assert.equal(await tryToCreateCustomer('ada'), 'rejected: /email invalid_format');
console.log('handled problems by their code');

async function tryToCreateCustomer(email: string): Promise<string> {
  const { data, error } = await createCustomer({
    headers: { 'Idempotency-Key': randomUUID() },
    body: { name: 'Ada Lovelace', email },
  });
  if (data) return `created ${data.data.id}`;
  switch (error.code) {
    case 'already_exists':
      return `the address is taken: ${error.details?.map((fault) => fault.pointer)}`;
    case 'validation_failed':
      return `rejected: ${error.details?.map((fault) => `${fault.pointer} ${fault.code}`)}`;
    default:
      throw error;
  }
}

/** Repeats a request after a 429, and after a 503 if it is safe to repeat, when `Retry-After` says. */
async function fetchWithRetries(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const isSafe = request.method === 'GET' || request.headers.has('Idempotency-Key');
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(request.clone());
    const isTransient = response.status === 429 || (response.status === 503 && isSafe);
    if (!isTransient || attempt === 4) return response;
    await response.body?.cancel();
    await sleep(1000 * Number(response.headers.get('Retry-After') ?? 1));
  }
}
