import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import type { Caller } from '../server/testing/app.ts'
import { assertSurface } from '../server/testing/surface.ts'
import { expand, isPermission } from '../server/users/permissions.ts'
import { needsOf, menuPages as pages } from '../web/src/frame/menu.ts'
import { emptied, idle, openBrowser, signIn } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'
import { everyPage, someOf } from './presses/some-of.ts'
import { fillShop } from './two-shops.ts'

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db } = house
// Creates one row of each kind, so that lists have rows to choose.
await fillShop(house, house.boss, '青禾家居', '2')
await house.shipped()
await house.released()
await house.confirmed()

const roles = await sql<{ name: string; permissions: string[] }>`
  select name, permissions from role where builtin is not null or name in ('只读', '财务', '仓库', '客服', '接口员')`.execute(
  db,
)
const permissionOf = new Map(
  house.app.routeList.map(({ method, url, permission }) => [`${method} ${url.slice(4)}`, permission]),
)

const surface: string[] = []

/** The roles and pages that were walked, as the lines of the golden begin. */
const walked = new Set<string>()
/** How many bulk actions were seen, and how many lists opened a document. */
const seen = { acts: 0, documents: 0 }
const refused: string[] = []
let opened: Page | undefined
/** Returns the one window, signed in as that person. Emptying it costs a fifth of loading the program anew. */
async function pageAs(caller: Caller): Promise<Page> {
  const before = opened
  if (before) await emptied(before, () => signIn(before.context(), house.url, caller))
  const page = before ?? (await chromium.open(`${house.url}/account`, caller))
  if (!before)
    page.on('response', (answer) => {
      if (answer.status() >= 400) refused.push(`${answer.status()} ${new URL(answer.url()).pathname}`)
    })
  opened = page
  refused.length = 0
  chromium.faults.length = 0
  return page
}

test('there are six built-in roles', () => assert.equal(roles.rows.length, 6))

const mayOf = (permissions: readonly string[]) => {
  const has = expand(permissions)
  return (permission: string | undefined) =>
    permission === undefined || !isPermission(permission) || has.has(permission)
}

/** Returns the pages on which the role is looked at: all that it sees, or a part, so that one of the roles looks at each page. */
function pagesOf(name: string) {
  return pages.filter(({ to }, at) => {
    const seeing = roles.rows.filter((role) => needsOf(to).every(mayOf(role.permissions)))
    return everyPage ? seeing.some((role) => role.name === name) : seeing[at % seeing.length]?.name === name
  })
}

for (const [turn, { name, permissions }] of roles.rows.entries()) {
  const may = mayOf(permissions)

  describe(`as ${name}`, () => {
    test('each path is refused exactly where the role has no right to it', async () => {
      const caller = await house.as(permissions as never)
      const wrong: string[] = []
      const all = house.app.routeList.filter(
        ({ method, url, permission }) =>
          url.startsWith('/api/') &&
          method !== 'HEAD' &&
          permission !== 'public' &&
          !/sessions|two-factor|\/me\b|\/docs/.test(url),
      )
      const routes = someOf(all, 3, turn)
      const ask = async ({ method, url, permission }: (typeof routes)[number]) => {
        const path = url.replaceAll(/:[a-zA-Z]+/g, '999999')
        const answer = await caller.call(method, path, method === 'GET' ? undefined : {})
        const refused = answer.status === 403 && Object(answer.body).code === 'forbidden'
        // An export also needs the permission for its list.
        if (permission === 'export' && may(permission)) return
        if (refused === may(permission)) wrong.push(`${answer.status} ${method} ${url}`)
      }
      // A few at a time, since each waits for the database.
      for (let from = 0; from < routes.length; from += 8)
        await Promise.all(routes.slice(from, from + 8).map(ask))
      assert.deepEqual(wrong, [])
    })

    test('no page that it sees is refused anything, and each shows just what it may do', async () => {
      const page = await pageAs(await house.as(permissions as never))
      const quiet = stillnessOf(page)
      const wrong: string[] = []
      const shown = new Set<string>()
      const tried = new Set<string>()
      const opened = new Set<string>()
      /** Records links to pages that this user may not open. */
      const look = async (at: string) => {
        const links = await page.locator('main a[href^="/"], .drawer a[href^="/"]').evaluateAll(hrefsOf)
        for (const href of new Set(links)) if (!needsOf(href).every(may)) wrong.push(`${at} links ${href}`)
      }
      await unfoldMenu(page)
      for (const { to } of pagesOf(name)) {
        walked.add(`${name}  ${to}`)
        await pick(page, to)
        await quiet()
        await look(to)
        const keep = (some: readonly string[]) =>
          surface.push(...some.map((one) => `${name}  ${to}  ${one.replaceAll(/\s+/g, ' ')}`))
        keep(
          (await page.locator('main [data-action]').evaluateAll(stateOf)).map(
            ({ action }) => `does ${action}`,
          ),
        )
        keep(await filtersOf(page))
        for (const tab of await tabsOf(page)) {
          await tab.evaluate((found: HTMLElement) => found.click())
          await page.locator('.data-list[aria-busy="false"]').waitFor()
          const label = await tab.evaluate((found) => found.firstChild?.textContent ?? '')
          keep(
            (await page.getByRole('columnheader').allInnerTexts())
              .filter((title) => title !== '')
              .map((title) => `tab ${label}: column ${title}`),
          )
          if ((await page.getByRole('grid').locator('.list-row').count()) === 0) continue
          await page.keyboard.press('Control+a')
          for (const { action, off } of await page.locator('.bulk [data-action^="/"]').evaluateAll(stateOf)) {
            shown.add(action)
            keep([`bulk ${action}${off ? ' (off)' : ''}`])
            if (off === may(permissionOf.get(`POST ${action}`)))
              wrong.push(`${to} ${action}: ${off ? 'off' : 'on'}`)
          }
          await page.keyboard.press('Escape')
          if (tried.has(to)) continue
          tried.add(to)
          await openFirst(page, quiet)
          if ((await page.locator('.drawer').count()) > 0) opened.add(to)
          await look(`${to} opened`)
          await leave(page, to)
          await quiet()
        }
      }
      assert.deepEqual([refused, wrong, chromium.faults.splice(0)], [[], [], []])
      seen.acts += shown.size
      seen.documents += opened.size
      if (!everyPage) return
      assert.ok(shown.size >= 3, [...shown].join())
      assert.ok(opened.size >= 3, [...opened].join())
    })
  })
}

test('the columns, filters and acts of every page, for each role', () => {
  const lines = [...new Set(surface)].sort()
  assert.ok(lines.length > 300, `${lines.length} lines`)
  assert.ok(seen.acts >= 10 && seen.documents >= 8, JSON.stringify(seen))
  assert.equal(new Set([...walked].map((each) => each.split('  ')[1])).size, pages.length)
  const part = (line: string) => walked.has(line.split('  ').slice(0, 2).join('  '))
  assertSurface('pages', lines, everyPage ? undefined : part)
})

/** Opens every section of the menu. */
async function unfoldMenu(page: Page): Promise<void> {
  await page.locator('nav.side .side-full .side-item').first().waitFor()
  const folded = page.locator('nav.side .side-full [aria-expanded="false"]')
  while ((await folded.count()) > 0) await folded.first().click()
}

/** Opens a page by its menu item, which costs a quarter of the processor time of loading the program anew. */
async function pick(page: Page, to: string): Promise<void> {
  // The emptied window shows a page without one.
  const before = await page.$('main h1')
  await page.locator(`nav.side .side-full a[href="${to}"]`).evaluate((link: HTMLElement) => link.click())
  await page.waitForFunction(
    ([at, heading]) => location.pathname === at && !heading?.isConnected,
    [to, before] as const,
    { polling: 20 },
  )
}

/** Returns to the list after its row was opened: closes the document, or leaves the page to which the row led. */
async function leave(page: Page, to: string): Promise<void> {
  if (new URL(page.url()).pathname !== to) return pick(page, to)
  await page.keyboard.press('Escape')
  await page.locator('.drawer').waitFor({ state: 'detached' })
}

/** Returns the filters of the page's list. */
async function filtersOf(page: Page): Promise<string[]> {
  if ((await page.locator('.chip-add').count()) === 0) return []
  await page.locator('.chip-add').click()
  await page.getByRole('menuitem').first().waitFor()
  const names = await page.getByRole('menuitem').allInnerTexts()
  await page.keyboard.press('Escape')
  return names.map((name) => `filter ${name}`)
}

/** Returns a function that waits until no request of the page is open, and the page has drawn what came and asks for nothing more. */
function stillnessOf(page: Page): () => Promise<void> {
  const open = new Set<unknown>()
  let sent = 0
  const begins = (request: unknown) => {
    sent += 1
    open.add(request)
  }
  const ends = (request: unknown) => void open.delete(request)
  page.on('request', begins).on('requestfinished', ends).on('requestfailed', ends)
  return async () => {
    await page.locator('h1').first().waitFor()
    for (let before = -1; open.size > 0 || sent > before; ) {
      before = sent
      await page.evaluate(idle)
      if (open.size > 0) await page.waitForTimeout(10)
    }
    // A panel whose code has loaded and whose answer has come may not be drawn yet on a busy machine.
    await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
  }
}

/** Opens the first row's document, or the page to which Enter leads. */
async function openFirst(page: Page, quiet: () => Promise<void>): Promise<void> {
  const from = new URL(page.url()).pathname
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.evaluate(idle)
  // The address says whether the row has opened a document, whose code may still be loading, or led to another page.
  const { pathname, search } = await page.evaluate(() => ({
    pathname: location.pathname,
    search: location.search,
  }))
  if (pathname === from && new URLSearchParams(search).has('open'))
    await page
      .locator('.drawer, .decision')
      .first()
      .waitFor({ timeout: 1500 })
      .catch(() => undefined)
  await quiet()
}

const hrefsOf = (found: Element[]) => found.map((each) => each.getAttribute('href') ?? '')

const stateOf = (found: Element[]) =>
  found.map((each) => ({
    action: each.getAttribute('data-action') ?? '',
    off: each.getAttribute('aria-disabled') === 'true',
  }))

async function tabsOf(page: Page) {
  if ((await page.locator('.data-list').count()) === 0) return []
  return page.locator('.page-head [role="tab"]').locator('visible=true').all()
}
