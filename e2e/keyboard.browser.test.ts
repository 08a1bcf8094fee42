import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { menuPages } from '../web/src/frame/menu.ts'
import { openBrowser, pictureFailures, settled, visit } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'
import { someOf } from './presses/some-of.ts'
import { fillShop } from './two-shops.ts'

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
// An empty list has fewer buttons.
await fillShop(house, house.boss, '青禾家居', '2')
await house.shipped()
await house.released()
await house.confirmed()

const page = await chromium.open(`${house.url}/account`, await house.as(['*']))
pictureFailures(() => page)
const places = [...menuPages.map(({ to }) => to), '/account', '/shops/connect']

test('there are pages to walk through', () => assert.ok(places.length > 30, String(places.length)))

for (const place of someOf(places, 4, 0))
  test(`${place} is used by keys alone: everything that can be pressed takes the focus, and shows it`, async () => {
    await visit(page, house.url + place)
    await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
    // An element that is drawn anew on the way gets another number.
    await settled(page)
    const { reached, unseen } = await walk(page)
    assert.deepEqual(unseen, [], 'the focus is not seen on these')
    const { pressable, mouseOnly } = await page.evaluate(look)
    assert.deepEqual(mouseOnly, [], 'these hear the mouse alone')
    assert.ok(pressable.length > 3, `${place} has nothing to press`)
    assert.deepEqual(
      pressable.filter(({ id, group }) => !reached.has(id) && !reached.has(group)).map(({ html }) => html),
      [],
      'Tab does not come to these',
    )
  })

const tabsMax = 400

/**
 * Presses Tab until the focus has been everywhere. Returns the numbers of the focused elements, and those that did not show their focus.
 */
async function walk(on: Page): Promise<{ reached: Set<string>; unseen: string[] }> {
  const reached = new Set<string>()
  const unseen: string[] = []
  await on.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    for (const one of document.querySelectorAll('[data-walked]')) one.removeAttribute('data-walked')
    // The element that had the focus last on the page before may get it first on this one.
    Reflect.deleteProperty(window, 'last')
  })
  // A page may set the focus to a field in the middle; then Tab goes to the end and continues at the beginning.
  let rounds = 0
  for (let pressed = 0; pressed < tabsMax; pressed += 1) {
    await on.keyboard.press('Tab')
    const at = await on.evaluate(focused)
    if (at === null) rounds += 1
    if (rounds === 2 || (at !== null && rounds === 1 && reached.has(at.id))) return { reached, unseen }
    if (at === null) continue
    for (const id of [at.id, at.group]) if (id !== '') reached.add(id)
    if (at.unseen !== undefined) unseen.push(at.unseen)
  }
  throw new Error(`The focus went to ${reached.size} places and did not come back.`)
}

/**
 * Returns the focused element. Every element gets a number when it is first met. A group counts as one stop, because its arrow keys reach
 * the rest.
 */
function focused() {
  const at = document.activeElement
  if (!(at instanceof HTMLElement) || at === document.body) return null
  const kept = window as unknown as { last?: { one: Element; looks: string }; numbers?: number }
  // An element that is drawn anew gets a new number, and no number is given twice.
  const numbered = (found: Element | null) => {
    if (!(found instanceof HTMLElement)) return ''
    if (!found.dataset['walked']) kept.numbers = (kept.numbers ?? 0) + 1
    found.dataset['walked'] ??= String(kept.numbers)
    return found.dataset['walked']
  }
  const looks = (one: Element) =>
    [one, one.closest('label, .row, .field, .chip') ?? one]
      .map((each) => getComputedStyle(each))
      .map((style) =>
        [style.outline, style.boxShadow, style.borderColor, style.backgroundColor, style.color].join(),
      )
      .join()
  // A visible focus changes the element's look. The former element has lost its focus by now.
  const unseen = kept.last?.one.isConnected && looks(kept.last.one) === kept.last.looks ? kept.last.one : null
  kept.last = { one: at, looks: looks(at) }
  return {
    id: numbered(at),
    group: numbered(
      at.closest('[role="tablist"], [role="toolbar"], [role="grid"], [role="radiogroup"], [role="menu"]'),
    ),
    unseen: unseen?.outerHTML.slice(0, 160),
  }
}

/** Returns the elements that can be pressed, and those that handle clicks but can never have the focus. */
function look() {
  const shown = (one: Element) =>
    one instanceof HTMLElement && one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  const native = 'a[href], button, input, select, textarea, [role="button"], [role="tab"], [role="checkbox"]'
  const numberOf = (one: Element | null) =>
    one instanceof HTMLElement ? (one.dataset['walked'] ?? '?') : '?'
  // Rows and their buttons are reached with J, K and the row's keys; a radio button with the arrows of its group.
  const apart = '[aria-hidden="true"], [inert], [role="row"], [hidden]'
  const pressable = [...document.querySelectorAll(native)]
    .filter((one) => shown(one) && !one.closest(apart) && !one.matches(':disabled, [type="radio"]'))
    .map((one) => ({
      id: numberOf(one),
      group: numberOf(one.closest('[role="tablist"], [role="toolbar"], [role="radiogroup"], [role="menu"]')),
      html: one.outerHTML.slice(0, 160),
    }))
  const hears = (one: Element) => {
    const key = Object.keys(one).find((name) => name.startsWith('__reactProps$'))
    const props =
      key === undefined ? undefined : (one as unknown as Record<string, Record<string, unknown>>)[key]
    return typeof props?.['onClick'] === 'function'
  }
  const mouseOnly = [...document.querySelectorAll('body *')]
    .filter((one) => hears(one) && shown(one))
    .filter((one) => !one.matches(`${native}, [tabindex], label`) && !one.closest('[role="row"], [tabindex]'))
    .filter((one) => one.querySelector(native) === null)
    .map((one) => one.outerHTML.slice(0, 160))
  return { pressable, mouseOnly }
}
