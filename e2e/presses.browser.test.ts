import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { openBrowser } from './browser.ts'
import { aftersalePresses } from './presses/aftersale.ts'
import { catalogPresses } from './presses/catalog.ts'
import { deskPresses } from './presses/desk.ts'
import { fulfilmentPresses } from './presses/fulfilment.ts'
import { goodsPresses } from './presses/goods.ts'
import { intakePresses } from './presses/intake.ts'
import { mailPresses } from './presses/mails.ts'
import { moneyPresses } from './presses/money.ts'
import { notNamed, notPressed } from './presses/not-pressed.ts'
import { noticePresses } from './presses/notices.ts'
import { officePresses } from './presses/office.ts'
import { orderPresses } from './presses/orders.ts'
import { pagePresses } from './presses/pages.ts'
import { hands } from './presses/press.ts'
import { privacyPresses } from './presses/privacy.ts'
import { rarePresses } from './presses/rare.ts'
import { returnPresses } from './presses/returns.ts'
import { aPressHouse } from './presses/seeds.ts'
import { shopsPresses } from './presses/shops.ts'
import { everyPage, someOf } from './presses/some-of.ts'
import { stockPresses } from './presses/stock.ts'
import { webhookPresses } from './presses/webhooks.ts'

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const hand = hands(house, chromium)
const presses = [
  ...fulfilmentPresses(house),
  ...orderPresses(house),
  ...deskPresses(house),
  ...aftersalePresses(house),
  ...goodsPresses(house),
  ...officePresses(house),
  ...noticePresses(house),
  ...webhookPresses(house),
  ...privacyPresses(house),
  ...shopsPresses(house),
  ...intakePresses(house),
  ...moneyPresses(house),
  ...mailPresses(house),
  ...catalogPresses(house),
  ...stockPresses(house),
  ...returnPresses(house),
  ...pagePresses(house),
  ...rarePresses(house),
]

describe('each action does what it says, for whoever may do just that', () => {
  for (const one of someOf(presses, 3, 0)) test(`${one.action} → ${one.path}`, () => hand.press(one))
})

describe('where it cannot be done it says why', () => {
  const refusing = presses.filter(({ not }) => not)
  for (const one of someOf(refusing, 3, 1)) test(one.action, () => hand.refuse(one))
})

/** Reads that use POST, and requests of links. */
const noAction = /^POST \/sign-out|dry-run$|split-plan$/

test('every write of the API is pressed on a page, or stands by name among those that are not yet', () => {
  const writes = house.app.routeList
    .filter(({ method, url }) => url.startsWith('/api/') && !/^(GET|HEAD|OPTIONS)$/.test(method))
    .map(({ method, url }) => `${method} ${url.slice(4)}`)
    .filter((path) => !noAction.test(path))
  const pressed = new Set(presses.map(({ path }) => path))
  const left = [...new Set(writes)].filter((path) => !pressed.has(path))
  assert.deepEqual(left.sort(), Object.values(notPressed).flat().sort())
  assert.deepEqual(
    [...pressed].filter((path) => !writes.includes(path)),
    [],
  )
})

test('every button that was seen on the way is pressed as well', () => {
  // Where only some are pressed, the actions of the others are known, and not on which pages their buttons are.
  const actions = new Set(presses.map(({ action }) => action))
  const isKnown = (name: string) =>
    everyPage ? hand.pressed.has(name) : actions.has(name.slice(name.lastIndexOf(' ') + 1))
  assert.ok(hand.drawn.size > 30, `${hand.drawn.size} buttons`)
  const left = [...hand.drawn].filter((name) => !isKnown(name) && !notNamed.includes(name))
  assert.deepEqual(left, [])
  // A page that is left early does not show all its buttons, so only pressed buttons must be removed from the list.
  assert.deepEqual(
    notNamed.filter((name) => hand.pressed.has(name)),
    [],
  )
})
