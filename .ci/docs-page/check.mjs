// Checks the documentation page of a running API in a browser, as a reader uses it: by clicking and typing.
//
//   node check.mjs BASE_URL TOKEN [SCREENSHOT_FOLDER]
//
// TOKEN's role must be allowed to create customers and to delete orders. The API serves the example shop. Prints a line
// for each check; the exit code is 1 if one fails.

import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';

const ACTION_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 300_000;
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const NARROW = { width: 375, height: 812 };

const [baseUrl, token, screenshots] = process.argv.slice(2);
if (!baseUrl || !token) {
  console.error('usage: node check.mjs BASE_URL TOKEN [SCREENSHOT_FOLDER]');
  process.exit(2);
}
const origin = new URL(baseUrl).origin;
if (screenshots) mkdirSync(screenshots, { recursive: true });

setTimeout(() => {
  console.error(`not done after ${TOTAL_TIMEOUT_MS / 1000} s`);
  process.exit(1);
}, TOTAL_TIMEOUT_MS).unref();

const openApi = await fetch(`${origin}/openapi.json`, { signal: AbortSignal.timeout(ACTION_TIMEOUT_MS) });
assert.equal(openApi.status, 200, `GET ${origin}/openapi.json answers ${openApi.status}`);
const operations = operationsOf(await openApi.json());

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
let failures = 0;
try {
  await check('every operation is listed when the page opens', {}, everyOperationIsListed);
  await check('customers and orders are created, listed, patched and deleted', {}, shopIsTriedOut);
  await check('a link to a problem leads to its row', { path: '/docs#not_found' }, problemLinkLeadsToItsRow);
  await check('a link to an operation opens it', { path: deepLink('post', '/api/orders') }, operationLinkOpensIt);
  await check('the filter leaves what it matches', {}, filterFilters);
  for (const colorScheme of ['light', 'dark']) {
    await check(`no WCAG A or AA violation, ${colorScheme}`, { colorScheme }, isAccessible);
  }
  await check('the colour scheme is followed', { colorScheme: 'light' }, colourSchemeIsFollowed);
  await check('no sideways scrolling at 375 px', { viewport: NARROW }, doesNotScrollSideways);
} finally {
  await browser.close();
}
console.log(failures === 0 ? 'the documentation page is good' : `${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;

// Checks

async function everyOperationIsListed(page) {
  const listed = await shownOperations(page);
  const missing = operations.map(({ name }) => name).filter((name) => !listed.includes(name));
  assert.deepEqual(missing, [], 'operations of /openapi.json that the page does not show');
  await screenshot(page, 'page');
}

async function shopIsTriedOut(page) {
  await authorize(page);
  const unique = Date.now();

  const customer = await call(page, 'post', '/api/customers', {
    body: { name: 'Ada Lovelace', email: `ada-${unique}@example.com` },
    expected: 201,
  });
  const order = await call(page, 'post', '/api/orders', {
    body: { number: `T-${unique}`, customer_id: customer.data.id, total: 12.5 },
    expected: 201,
  });
  const { id } = order.data;

  const list = await call(page, 'get', '/api/orders', { parameters: { limit: '5' }, expected: 200 });
  assert.ok(JSON.stringify(list.data).includes(id), `the list has no order ${id}`);

  const patched = await call(page, 'patch', '/api/orders/{id}', {
    parameters: { id },
    body: { status: 'paid' },
    expected: 200,
  });
  assert.equal(patched.data.status, 'paid', 'the status of the patched order');
  await screenshot(page, 'tried-out', operation(page, 'patch', '/api/orders/{id}'));

  await call(page, 'delete', '/api/orders/{id}', { parameters: { id }, expected: 204 });
}

async function problemLinkLeadsToItsRow(page) {
  await assertProblemIsShown(page, 'not_found');
  await screenshot(page, 'problem');
  await page.goto(`${origin}/docs#rate_limited`);
  await assertProblemIsShown(page, 'rate_limited');
}

async function operationLinkOpensIt(page) {
  await assertOpenedByLink(page, 'post', '/api/orders');
  assert.equal(await page.locator('.opblock.is-open').count(), 1, 'opened operations');
  await page.goto(origin + deepLink('delete', '/api/orders/{id}'));
  await assertOpenedByLink(page, 'delete', '/api/orders/{id}');
}

async function filterFilters(page) {
  const path = '/api/customers/{id}';
  const filter = page.getByRole('textbox', { name: /filter/i });
  await filter.fill(path.toUpperCase());
  await settle(page);
  const expected = operations.filter((one) => one.path.includes(path)).map(({ name }) => name);
  assert.deepEqual((await shownOperations(page)).sort(), expected.sort(), `what is shown for "${path}"`);

  await filter.fill('no operation has these words');
  await settle(page);
  assert.deepEqual(await shownOperations(page), [], 'what is shown for words that nothing has');

  await filter.fill('');
  await settle(page);
  assert.equal((await shownOperations(page)).length, operations.length, 'operations shown without a filter');
}

async function isAccessible(page) {
  const scheme = (await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)) ? 'dark' : 'light';
  await screenshot(page, scheme);
  await assertAccessible(page, 'the opened page');

  await open(page, 'patch', '/api/orders/{id}');
  await assertAccessible(page, 'an opened operation');
  await tryOut(page, 'patch', '/api/orders/{id}');
  await assertAccessible(page, 'an operation that is tried out');
  await screenshot(page, `${scheme}-operation`, operation(page, 'patch', '/api/orders/{id}'));

  await page.locator('.btn.authorize').first().click();
  await assertAccessible(page, 'the dialog for the token');
  await page.keyboard.press('Escape');
  await page.locator('.dialog-ux').waitFor({ state: 'detached' });
}

async function colourSchemeIsFollowed(page) {
  const isDark = () => document.documentElement.matches('.dark-mode');
  assert.ok(!(await page.evaluate(isDark)), 'the page is dark in the light scheme');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(isDark);
}

async function doesNotScrollSideways(page) {
  await assertFits(page, 'the opened page');
  await screenshot(page, 'narrow');
  for (const [method, path] of [['get', '/api/orders'], ['post', '/api/orders']]) {
    await open(page, method, path);
    await assertFits(page, `${method} ${path} opened`);
    await tryOut(page, method, path);
    await assertFits(page, `${method} ${path} tried out`);
    await screenshot(page, `narrow-${method}`, operation(page, method, path));
  }
}

// Actions on the page

/** Runs one check on a new page, which must not log problems or send requests to other origins. */
async function check(name, { path = '/docs', ...options }, run) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  try {
    const page = await context.newPage();
    const complaints = observe(page);
    await page.goto(origin + path);
    await page.locator('.opblock').first().waitFor();
    await settle(page);
    await run(page);
    assert.deepEqual(complaints, [], 'complaints of the browser');
    console.log(`ok      ${name}`);
  } catch (error) {
    failures += 1;
    console.error(`FAILED  ${name}\n${error.message}\n`);
  } finally {
    await context.close();
  }
}

/** Collects errors, warnings (also those of the Content-Security-Policy), and requests to other origins. */
function observe(page) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) complaints.push(`request to ${url.origin}`);
  });
  return complaints;
}

/** Waits until the page has not changed its height for a while. */
async function settle(page) {
  let [before, same] = [-1, 0];
  for (let round = 0; round < 50 && same < 4; round += 1) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    same = height === before ? same + 1 : 0;
    before = height;
    await page.waitForTimeout(100);
  }
}

async function authorize(page) {
  await page.locator('.btn.authorize').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').pressSequentially(token);
  await dialog.getByRole('button', { name: 'Authorize' }).click();
  await dialog.getByRole('button', { name: 'Logout' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

/** The block of an operation in the page. */
function operation(page, method, path) {
  const block = page.locator('.opblock').filter({ has: page.locator(`[data-path="${path}"]`) });
  return block.filter({ has: page.locator('.opblock-summary-method', { hasText: new RegExp(`^${method}$`, 'i') }) });
}

async function open(page, method, path) {
  const block = operation(page, method, path);
  await block.locator('.opblock-summary-control').click();
  await block.locator('.opblock-body').waitFor();
  await settle(page);
}

async function tryOut(page, method, path) {
  await operation(page, method, path).getByRole('button', { name: 'Try it out' }).click();
  await settle(page);
}

/** Tries an operation out; returns the body of the response. */
async function call(page, method, path, { parameters = {}, body, expected }) {
  const block = operation(page, method, path);
  await open(page, method, path);
  await tryOut(page, method, path);
  for (const [name, value] of Object.entries(parameters)) {
    await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  if (body) await block.getByRole('textbox', { name: 'Request body' }).fill(JSON.stringify(body));
  await block.getByRole('button', { name: 'Execute' }).click();

  const response = block.locator('.live-responses-table tbody tr').first();
  const status = (await response.locator('.response-col_status').innerText()).trim();
  const text = status === '204' ? '' : await response.locator('pre').first().innerText();
  assert.match(status, new RegExp(`^${expected}\\b`), `${method} ${path}, which answers ${text}`);
  return text ? JSON.parse(text) : undefined;
}

async function shownOperations(page) {
  const blocks = page.locator('.opblock:visible');
  return blocks.evaluateAll((all) =>
    all.map((block) => {
      const method = block.querySelector('.opblock-summary-method').textContent;
      return `${method} ${block.querySelector('[data-path]').dataset.path}`;
    }),
  );
}

async function screenshot(page, name, element = page) {
  if (!screenshots) return;
  await element.screenshot({ path: `${screenshots}/${name}.png`, ...(element === page && { fullPage: name !== 'problem' }) });
}

// Assertions

async function assertProblemIsShown(page, code) {
  await settle(page);
  const row = page.locator(`tr#${code}`);
  assert.ok(await row.evaluate((one) => one.matches(':target')), `the row of ${code} is not highlighted`);
  await assertInView(row, `the row of ${code}`);
}

async function assertOpenedByLink(page, method, path) {
  const block = operation(page, method, path);
  await block.locator('.opblock-body').waitFor();
  await settle(page);
  await assertInView(block.locator('.opblock-summary'), `${method} ${path}`);
}

async function assertInView(locator, what) {
  const { top, bottom, height } = await locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return { top, bottom, height: innerHeight };
  });
  assert.ok(top >= -1 && bottom <= height + 1, `${what} is at ${top} to ${bottom} of ${height} px`);
}

async function assertFits(page, what) {
  await settle(page);
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${what} is ${content} px wide in a window of ${window}`);
}

async function assertAccessible(page, what) {
  await settle(page);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const lines = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(lines, [], `accessibility of ${what}`);
}

// The OpenAPI document

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      method,
      tag: item[method].tags?.[0] ?? 'default',
      id: item[method].operationId,
    })),
  );
}

/** The page's address of an operation. */
function deepLink(method, path) {
  const found = operations.find((one) => one.method === method && one.path === path);
  assert.ok(found, `/openapi.json has no ${method} ${path}`);
  return `/docs#/${encodeURIComponent(found.tag)}/${encodeURIComponent(found.id)}`;
}
