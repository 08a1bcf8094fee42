import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { until } from '../server/testing/until.ts'
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

const house = await openHouse({ trades: { 'shanyu-tmall': 12 }, spreadSeconds: 20_000 })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await house.download()
type Rows = { rows: { id: string; tid: string }[] }
const [first] = (await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50')).rows
assert.ok(first)

const page = await chromium.open(`${house.url}/staged-trades`, house.admin)
pictureFailures(() => page)

test('one button changes the language, and the choice outlives a reload', async () => {
  await appears(page.getByRole('heading', { name: '待转入订单' }))
  await page.getByRole('button', { name: '切换到英文' }).click()
  await appears(page.getByRole('heading', { name: 'Staged trades' }))
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await page.reload()
  await appears(page.getByRole('heading', { name: 'Staged trades' }))
  const shown = await page.locator('.frame').textContent()
  assert.doesNotMatch(shown ?? '', /待转入|下载订单|已载入/)
  await page.getByRole('button', { name: 'Switch to Chinese' }).click()
  await appears(page.getByRole('heading', { name: '待转入订单' }))
})

test('however late the answer and the font, the first paint names the person, and nothing beside the name moves', async () => {
  await page.route('**/api/me', async (route) => {
    await sleep(400)
    await route.continue()
  })
  await page.route('**/*.woff2', async (route) => {
    await sleep(800)
    await route.continue()
  })
  await page.reload()
  const button = page.getByRole('button', { name: '切换到英文' })
  await button.waitFor()
  const place = await button.boundingBox()
  assert.equal(await page.evaluate(() => document.fonts.check('14px Inter')), true)
  assert.equal(await page.getByRole('button', { name: /林晓/ }).isVisible(), true)
  assert.equal(await page.getByText('全部店铺 · 1').isVisible(), true)
  await listIsReady(page)
  assert.deepEqual(await button.boundingBox(), place)
  await page.unroute('**/api/me')
  await page.unroute('**/*.woff2')
})

test('the dark theme comes at once and stays', async () => {
  await page.getByRole('button', { name: /林晓/ }).click()
  await page.getByRole('menuitemradio', { name: '深色' }).click()
  await page.keyboard.press('Escape')
  const theme = () => page.locator('html').getAttribute('data-theme')
  assert.equal(await theme(), 'dark')
  await page.reload()
  await listIsReady(page)
  assert.equal(await theme(), 'dark')
  await page.getByRole('button', { name: /林晓/ }).click()
  await page.getByRole('menuitemradio', { name: '浅色' }).click()
  await page.keyboard.press('Escape')
  assert.equal(await theme(), 'light')
})

test('at 1280 the menu is a rail whose words open their pages', async () => {
  await page.setViewportSize({ width: 1280, height: 800 })
  const menu = page.getByRole('navigation', { name: '主菜单' })
  await appears(menu.getByRole('button', { name: '订单' }))
  await menu.getByRole('button', { name: '订单' }).click()
  await page
    .getByRole('dialog', { name: '订单' })
    .getByRole('link', { name: /销售订单/ })
    .click()
  await appears(page.getByRole('heading', { name: '销售订单' }))
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  assert.equal(sideways, false, 'the page does not scroll sideways')
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('? shows every key of the page', async () => {
  await page.goto(`${house.url}/staged-trades`)
  await listIsReady(page)
  await page.keyboard.press('?')
  const sheet = page.getByRole('region', { name: '快捷键' })
  for (const does of [
    '转销售单',
    '标为已处理',
    '移除',
    '下载订单',
    '移动',
    '选择',
    '打开',
    '加筛选',
    '搜索',
  ]) {
    await appears(sheet.getByText(does, { exact: true }))
  }
  const letters = await sheet.locator('dt').allInnerTexts()
  assert.deepEqual(letters.length, new Set(letters).size, 'no key has two meanings')
  await page.keyboard.press('Escape')
  await goes(sheet)
})

test('the palette finds a page and a number', async () => {
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: '命令' })
  await palette.getByRole('combobox').fill('历史退')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('heading', { name: '历史退单' }))
  await page.keyboard.press('/')
  await palette.getByRole('combobox').fill(first.tid)
  await appears(palette.getByRole('option', { name: new RegExp(`单据.*${first.tid}`) }))
  await page.keyboard.press('Enter')
  await appears(page.getByRole('dialog', { name: `交易 ${first.tid}` }))
})

test('who may only look sees why each button is off, and what is not theirs is refused', async () => {
  const viewer = await house.as(['overview.read', 'trades.read', 'refunds.read', 'orders.read', 'shops.read'])
  const own = await chromium.open(`${house.url}/staged-trades`, viewer)
  await listIsReady(own)
  const menu = own.getByRole('navigation', { name: '主菜单' })
  await appears(menu.getByRole('link', { name: /待转入订单/ }))
  assert.equal(await menu.getByRole('link', { name: '用户' }).count(), 0)
  const download = own.getByRole('button', { name: '下载订单' })
  assert.equal(await download.getAttribute('aria-disabled'), 'true')
  await download.hover()
  await appears(own.getByRole('tooltip', { name: '没有权限：手工下载。找管理员开通。' }))
  await rowsOf(own).first().getByRole('checkbox').click()
  const convert = own.getByRole('region', { name: '批量操作' }).getByRole('button', { name: '转销售单' })
  assert.equal(await convert.getAttribute('aria-disabled'), 'true')
  await own.keyboard.press('c')
  await own.goto(`${house.url}/users`)
  await appears(own.getByText('没有权限', { exact: false }).first())
  assert.equal(await rowsOf(own).count(), 0)
  const { rows } = await asked<Rows>(house.admin, 'GET', '/api/orders?limit=50')
  assert.deepEqual(rows, [], 'nothing was converted')
  await own.context().close()
})

const places = [
  '/',
  '/download-queue',
  '/staged-trades',
  `/staged-trades?open=${first.id}`,
  '/trade-history',
  '/staged-refunds',
  '/refund-history',
  '/platform-actions',
  '/parked-items',
  '/orders',
  '/extra-refunds',
  '/order-merges',
  '/blacklist',
  '/print-desk',
  '/deliveries',
  '/aftersale',
  '/waves',
  '/intercepts',
  '/put-backs',
  '/stations',
  '/phones',
  '/refund-statistics',
  '/returns',
  '/receive-returns',
  '/unclaimed-parcels',
  '/products',
  '/listings',
  '/stock',
  '/stock-documents',
  '/stock-uploads',
  '/count-tasks',
  '/bins',
  '/warehouses',
  '/settlements',
  '/bill-trades',
  '/bill-days',
  '/reports',
  '/confirm-rules',
  '/choice-rules',
  '/gift-rules',
  '/waybill-rules',
  '/shops',
  '/shops/connect',
  `/shops/${house.shops['shanyu-tmall']}`,
  '/tasks',
  '/tasks?as=tasks',
  '/batches',
  '/users',
  '/roles',
  '/keys',
  '/audit',
  '/account',
]

test('every page has one heading of its own, and nothing on it is without a name', async () => {
  const found: Record<string, string[]> = {}
  for (const place of someOf(places, 4, 1)) {
    await visit(page, house.url + place)
    await appears(page.locator('main h1'))
    await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
    const wrong = await unnamed(page)
    if (wrong.length > 0) found[place] = wrong
  }
  assert.deepEqual(found, {})
})

test('in a narrow window no heading is cut, no list scrolls sideways and no button leaves the page', async () => {
  const found: Record<string, string[]> = {}
  for (const [first, language] of (['zh', 'en'] as const).entries()) {
    const narrow = await chromium.open(house.url, house.admin, { language, width: 1280, height: 800 })
    for (const place of someOf(places, 4, 2 + first)) {
      await visit(narrow, house.url + place)
      await appears(narrow.locator('main h1'))
      await narrow.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
      const wrong = await cramped(narrow)
      if (wrong.length > 0) found[`${language} ${place}`] = wrong
    }
    await narrow.context().close()
  }
  assert.deepEqual(found, {})
})

test('the keyboard’s place is always seen', async () => {
  await page.goto(`${house.url}/staged-trades`)
  await listIsReady(page)
  const unseen: string[] = []
  for (let step = 0; step < 25; step += 1) {
    await page.keyboard.press('Tab')
    const where = await page.evaluate(() => {
      const at = document.activeElement
      if (!at || at === document.body) return ''
      const seen = (element: Element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      }
      return seen(at) ? '' : at.outerHTML.slice(0, 160)
    })
    if (where !== '') unseen.push(where)
  }
  assert.deepEqual(unseen, [])
})

test('a stretch of time is typed, pasted, or picked in the calendar by keys alone', async () => {
  await page.goto(`${house.url}/staged-trades`)
  const editor = await addFilter(page, '付款')
  const asked = () => new URL(page.url()).searchParams.get('paid')
  const from = editor.getByLabel('从', { exact: true })
  const to = editor.getByLabel('到', { exact: true })
  await from.fill('2026/11/2 9:30')
  await page.keyboard.press('Enter')
  await page.keyboard.type('2026-11-05')
  assert.equal(asked(), '2026-11-02 09:30~2026-11-05 24:00')
  await page.keyboard.press('Enter')
  await goes(editor)
  await page.getByRole('button', { name: /^付款 ?11-02 09:30 至 11-05 24:00$/ }).click()
  await from.evaluate((field) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text', '2026-10-01 至 2026-10-03')
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  assert.deepEqual([await from.inputValue(), await to.inputValue()], ['2026-10-01 00:00', '2026-10-03 24:00'])
  await from.press('ArrowDown')
  await appears(editor.getByRole('heading', { name: '2026年10月' }))
  // After the first day was chosen, the next one has the focus.
  for (const key of ['PageDown', 'ArrowDown', 'Enter', 'ArrowRight', 'Enter']) await page.keyboard.press(key)
  await appears(editor.getByRole('heading', { name: '2026年11月' }))
  assert.equal(asked(), '2026-11-08 00:00~2026-11-10 24:00')
  await editor.getByLabel('到几点').selectOption('18:00')
  assert.equal(asked(), '2026-11-08 00:00~2026-11-10 18:00')
  await page.keyboard.press('Escape')
  await goes(editor.getByRole('heading', { name: '2026年11月' }))
  await page.keyboard.press('Escape')
  await goes(editor)
  assert.equal(asked(), '2026-11-08 00:00~2026-11-10 18:00')
})

test('a style or a script in the page’s own text is refused, and the refusal is a fault', async () => {
  const before = chromium.faults.length
  const colour = await page.evaluate(() => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'body{color:red}' }))
    return getComputedStyle(document.body).color
  })
  assert.notEqual(colour, 'rgb(255, 0, 0)')
  // The browser's own message, and ours.
  await until(() => chromium.faults.length === before + 2)
  assert.match(chromium.faults.splice(before).join(), /Refused by the policy: style-src-elem inline/)
})

test('the first page asks for nothing that the user may not see, and says which permission is missing', async () => {
  for (const permission of ['orders.read', 'reports.read', 'catalog.read'] as const) {
    const answers: string[] = []
    const first = await chromium.open(`${house.url}/account`, await house.as([permission]))
    await first.waitForLoadState('networkidle')
    first.on('response', (one) => answers.push(`${one.status()} ${new URL(one.url()).pathname}`))
    await first.goto(`${house.url}/`)
    await appears(first.getByText('没有权限：查看总览。找管理员开通。'))
    await first.waitForLoadState('networkidle')
    assert.deepEqual(
      answers.filter((one) => !/^[23]/.test(one)),
      [],
    )
    assert.deepEqual(
      [answers.includes('200 /api/me'), await first.locator('.overview-grid').count()],
      [true, 0],
    )
    await first.context().close()
  }
})

test('a page that the user may not see asks for nothing of its own, and names its permission', async () => {
  const person = await chromium.open(`${house.url}/account`, await house.as(['overview.read']))
  const refused: string[] = []
  person.on('response', (one) => {
    if (!/^[23]/.test(`${one.status()}`)) refused.push(new URL(one.url()).pathname)
  })
  for (const to of ['reports', 'health', 'orders?tab=all', 'aftersale', 'waves', 'shops/connect']) {
    await person.goto(`${house.url}/${to}`)
    await appears(person.getByText(/^没有权限：.+。找管理员开通。$/))
    await person.waitForLoadState('networkidle')
  }
  assert.deepEqual(refused, [])
  await person.context().close()
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})

/** Returns elements that do not fit: column headers, lists, and elements at the right edge of the page. */
function cramped(on: Page): Promise<string[]> {
  return on.evaluate(() => {
    const wider = (element: Element) => element.scrollWidth > element.clientWidth + 1
    const outside = (element: Element) => element.getBoundingClientRect().right > innerWidth - 8
    return [
      ...[...document.querySelectorAll('.list-head .cell, .data-list, .scroll')]
        .filter(wider)
        .map((element) => `no room: ${element.className} ${element.textContent.slice(0, 40)}`),
      ...[...document.querySelectorAll('.page-head button, .filter-bar > .push button')]
        .filter(outside)
        .map((element) => `outside: ${element.textContent}`),
    ]
  })
}

/** Returns controls without a name, pictures without a text, duplicate ids, and labels without a control. */
function unnamed(on: Page): Promise<string[]> {
  return on.evaluate(() => {
    const wrong: string[] = []
    const note = (what: string, element: Element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 140)}`)
    const byIds = (ids: string | null) =>
      (ids ?? '').split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '')
    const nameOf = (element: Element): string =>
      [
        element.getAttribute('aria-label'),
        ...byIds(element.getAttribute('aria-labelledby')),
        ...(element instanceof HTMLInputElement ||
        element instanceof HTMLSelectElement ||
        element instanceof HTMLTextAreaElement
          ? [...(element.labels ?? [])].map((label) => label.textContent)
          : [element.textContent, ...[...element.querySelectorAll('img')].map((picture) => picture.alt)]),
        element.getAttribute('title'),
      ]
        .join('')
        .trim()
    const controls =
      'button,a[href],input:not([type=hidden]),select,textarea,[role=checkbox],[role=option],[role=tab]'
    for (const element of document.querySelectorAll(controls)) {
      if (element instanceof HTMLElement && element.offsetParent === null) continue
      if (nameOf(element) === '') note('no name', element)
    }
    for (const element of document.querySelectorAll(
      'img:not([alt]),svg:not([aria-hidden]):not([aria-label]):not([role])',
    )) {
      if (!element.closest('[aria-hidden=true]')) note('no text', element)
    }
    const headings = document.querySelectorAll('h1')
    if (headings.length !== 1) wrong.push(`${headings.length} main headings`)
    if (document.querySelectorAll('main').length !== 1) wrong.push('not one main part')
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
    for (const id of ids.filter((each, index) => ids.indexOf(each) !== index)) wrong.push(`id twice: ${id}`)
    for (const element of document.querySelectorAll(
      '[aria-controls],[aria-activedescendant],[aria-describedby]',
    )) {
      for (const name of ['aria-controls', 'aria-activedescendant', 'aria-describedby']) {
        const id = element.getAttribute(name)
        if (id && !document.getElementById(id)) note(`${name} leads nowhere`, element)
      }
    }
    return wrong
  })
}
