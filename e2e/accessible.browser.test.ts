import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../server/testing/until.ts'
import { menu } from '../web/src/frame/menu.ts'
import {
  addFilter,
  appears,
  goes,
  listIsReady,
  openBrowser,
  pictureFailures,
  rowsOf,
  visit,
} from './browser.ts'
import { asked, openHouse } from './house.ts'
import { someOf } from './presses/some-of.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 14, 'shanyu-pdd': 6 }, spreadSeconds: 20_000 })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await house.download()
type Rows = { rows: { id: string; status: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50&reason=none')
await asked(house.admin, 'POST', '/api/staged-trades/convert', {
  ids: staged.rows.slice(0, 8).map((row) => row.id),
})

const page = await chromium.open(house.url, house.admin)
pictureFailures(() => page)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules of axe that read colours. The others read the page as it is in both themes. */
const ofColours = ['color-contrast', 'link-in-text-block']

/** Returns the serious and critical faults of the present page, each with its first element. `rules`: only those of these rules. */
async function faultsOf(on: Page, rules?: string[]): Promise<string[]> {
  // Evaluated directly, because the page's policy refuses a script element.
  if (!(await on.evaluate(() => 'axe' in window))) await on.evaluate(axe)
  return await on.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document, {
      resultTypes: ['violations'],
      ...(only ? { runOnly: only } : {}),
    })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id} ×${nodes.length}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.any[0]?.message ?? nodes[0]?.all[0]?.message ?? ''}`,
      )
  }, rules)
}

async function ready(on: Page, at: string): Promise<void> {
  await visit(on, house.url + at)
  await on.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
}

const places = menu.flatMap(({ to, pages }) => [...(to ? [to] : []), ...(pages ?? []).map((each) => each.to)])

for (const theme of ['light', 'dark'] as const)
  test(`no page has a serious fault for who cannot see it or has no mouse, ${theme}`, async () => {
    const on = await chromium.open(house.url, house.admin, { theme })
    const faults = (page: Page) => faultsOf(page, theme === 'dark' ? ofColours : undefined)
    assert.ok(places.length > 30)
    const found: Record<string, string[]> = {}
    const walked = someOf([...places, '/account', '/shops/connect'], 4, theme === 'light' ? 3 : 1)
    for (const place of walked) {
      await ready(on, place)
      const there = await faults(on)
      if (there.length > 0) found[place] = there
    }
    await on.goto(`${house.url}/orders?tab=all`)
    await listIsReady(on)
    await on.keyboard.press('j')
    await on.keyboard.press('Enter')
    await appears(on.getByRole('dialog'))
    await on.waitForTimeout(500)
    found['an open order'] = await faults(on)
    await on.keyboard.press('Escape')
    await on.keyboard.press('?')
    await appears(on.getByRole('dialog'))
    found['the keys'] = await faults(on)
    await on.getByRole('button', { name: '目录' }).click()
    await on.getByRole('button', { name: '打单发货', exact: true }).click()
    await appears(on.getByRole('heading', { name: '没连打印组件' }))
    found['a page of the guide'] = await faults(on)
    await on.keyboard.press('Escape')
    await on.keyboard.press('f')
    await appears(on.locator('.popover'))
    found['the filters'] = await faults(on)
    await on.keyboard.press('Escape')
    const editor = await addFilter(on, '付款')
    await editor.getByLabel('从', { exact: true }).press('ArrowDown')
    await appears(editor.getByRole('grid'))
    found['the calendar'] = await faults(on)
    await on.context().close()
    assert.deepEqual(Object.fromEntries(Object.entries(found).filter(([, some]) => some.length > 0)), {})
  })

test('a document is opened, acted on, left for the next one and closed by keys alone', async () => {
  const on = await chromium.open(house.url, house.admin)
  const focused = () => on.evaluate(() => document.activeElement?.className ?? '')
  const openIn = () => new URL(on.url()).searchParams.get('open')
  for (const place of ['/staged-trades', '/orders?tab=all', '/audit']) {
    await on.goto(house.url + place)
    await listIsReady(on)
    await on.keyboard.press('j')
    await on.keyboard.press('Enter')
    const drawer = on.locator('.drawer')
    await appears(drawer)
    const first = openIn()
    assert.match(await focused(), /drawer/, place)
    await on.keyboard.press('j')
    await on.waitForFunction((before) => new URL(location.href).searchParams.get('open') !== before, first)
    await on.keyboard.press('k')
    await on.waitForFunction((before) => new URL(location.href).searchParams.get('open') === before, first)
    await on.keyboard.press('Escape')
    await goes(drawer)
    assert.equal(openIn(), null, place)
  }
  await on.goto(`${house.url}/staged-trades?reason=none`)
  await listIsReady(on)
  const before = await rowsOf(on).count()
  await on.keyboard.press('j')
  await on.keyboard.press('Enter')
  // The drawer's keys work only when its buttons are shown.
  await appears(on.locator('.drawer [data-action="/staged-trades/convert"]'))
  await on.keyboard.press('c')
  await until(async () => (await rowsOf(on).count()) === before - 1)
  await on.keyboard.press('j')
  await on.keyboard.press('Escape')
  await goes(on.locator('.drawer'))
  await on.context().close()
})

for (const late of [false, true])
  test(`a dialog that a menu opened gives the focus back to the menu’s button, ${late ? 'also if its code came late' : 'with its code there'}`, async () => {
    const on = await chromium.open(`${house.url}/sign-in`, house.admin)
    const code = Promise.withResolvers<void>()
    if (late) {
      await on.route('**/hold-dialog-*.js', async (route) => {
        await code.promise
        await route.continue()
      })
      // No frame is drawn meanwhile: the focus waits for none.
      await on.addInitScript(() => {
        const frame = requestAnimationFrame
        window.requestAnimationFrame = (draw) => frame(() => setTimeout(() => draw(performance.now()), 500))
      })
    }
    await on.goto(`${house.url}/orders?tab=all`)
    await listIsReady(on)
    const row = rowsOf(on).first()
    await row.hover()
    const button = row.getByRole('button', { name: '这一行的更多动作' })
    await button.focus()
    await on.keyboard.press('Enter')
    const item = on.getByRole('menuitem').filter({ hasText: /^挂起/ })
    await appears(item)
    const focusedText = () => on.evaluate(() => document.activeElement?.textContent ?? '')
    for (let step = 0; step < 20 && !(await focusedText()).startsWith('挂起'); step += 1)
      await on.keyboard.press('ArrowDown')
    await on.keyboard.press('Enter')
    code.resolve()
    const dialog = on.getByRole('dialog', { name: /挂起/ })
    await appears(dialog)
    for (let step = 0; step < 12; step += 1) await on.keyboard.press('Tab')
    assert.equal(await dialog.evaluate((box) => box.contains(document.activeElement)), true)
    // The row shows its buttons only while the pointer is on it or one of them has the focus.
    await on.mouse.move(0, 0)
    await on.keyboard.press('Escape')
    await goes(dialog)
    await until(() => button.evaluate((it) => it === document.activeElement))
    await on.keyboard.press('Enter')
    await appears(item)
    await on.keyboard.press('Escape')
    await goes(item)
    await until(() => button.evaluate((it) => it === document.activeElement))
    await on.context().close()
  })

test('who is not signed in finds no serious fault either', async () => {
  const on = await chromium.open(`${house.url}/sign-in`)
  await appears(on.getByRole('button', { name: '登录' }))
  assert.deepEqual(await faultsOf(on), [])
  await on.context().close()
})
