import assert from 'node:assert/strict'
import type { sql } from 'kysely'
import type { Locator, Page } from 'playwright-core'
import type { TestApp } from '../../server/testing/app.ts'
import { until } from '../../server/testing/until.ts'
import type { Permission } from '../../server/users/permissions.ts'
import { appears, type TestBrowser } from '../browser.ts'

/** What a press needs to know of what it was given: `id` and `no` of its row, and whatever else its seed says. */
export type Seeded = { id: string; no?: string } & Record<string, string>

/** One button, pressed by somebody who may do just that. */
export type Press = {
  /** `data-action` of the button; more than one name where the same press stands at several places. */
  action: string
  /** The request that it makes: METHOD and path as the contract writes them. */
  path: string
  /** The least rights: the act's own, and those without which its page is not seen. */
  can: readonly Permission[]
  /** Makes the row on which it is possible. */
  seed: () => Promise<Seeded>
  /** Where the row is: a list that shows it alone or by its number, or a document that is open. */
  at: (seeded: Seeded) => string
  where: 'row' | 'page' | 'drawer' | 'bulk' | 'whole'
  /** The button, where it bears no name of its own; what it stands in is opened on the way. */
  button?: (page: Page, seeded: Seeded) => Promise<Locator>
  /** What of the row has to be the presser's own. */
  mine?: (seeded: Seeded, userId: string) => ReturnType<typeof sql>
  /** Fills the dialog that asks first. */
  fill?: (dialog: Locator, page: Page, seeded: Seeded) => Promise<void>
  /** One value of the database, and what it is afterwards. */
  effect: (seeded: Seeded) => ReturnType<typeof sql<{ is: unknown }>>
  is: unknown
  /** A row on which it is not possible, and what is said of it. */
  not?: { seed: () => Promise<Seeded>; says: RegExp }
  /** What tells that it was done, where no toast does. */
  tells?: (page: Page) => Locator
}

/** Another file of tests may have the processors for a while. */
const patienceMs = 15_000

export type Hands = {
  press(one: Press): Promise<void>
  refuse(one: Press): Promise<void>
  /** Every action whose button was seen so far, and those that were pressed; with its page where its name is no path. */
  drawn: Set<string>
  pressed: Set<string>
  /** A page as whoever may do just that. */
  as(can: readonly Permission[]): Promise<Page>
  calm(): void
}

/** Presses buttons; whatever is refused by the server, or breaks in a page, fails the press. */
export function hands(house: TestApp, chromium: TestBrowser): Hands {
  const pages = new Map<string, Page>()
  const users = new Map<string, string>()
  const drawn = new Set<string>()
  const pressed = new Set<string>()
  const asked: string[] = []
  const refused: string[] = []
  const as = async (can: readonly Permission[]) => {
    const key = keyOf(can)
    const known = pages.get(key)
    if (known) return known
    const caller = await house.as([...can])
    users.set(key, caller.userId)
    const page = await chromium.open(`${house.url}/account`, caller)
    page.setDefaultTimeout(patienceMs)
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.startsWith('/api/') && request.method() !== 'GET')
        asked.push(`${request.method()} ${pathname.slice(4)}`)
    })
    page.on('response', (answer) => {
      const { pathname } = new URL(answer.url())
      if (!pathname.startsWith('/api/')) return
      const method = answer.request().method()
      if (answer.status() >= 400) refused.push(`${answer.status()} ${method} ${pathname}`)
    })
    pages.set(key, page)
    return page
  }
  const calm = () => {
    assert.deepEqual(refused.splice(0), [])
    assert.deepEqual(chromium.faults.splice(0), [])
  }
  const open = async (one: Press, seeded: Seeded) => {
    const page = await as(one.can)
    await one.mine?.(seeded, users.get(keyOf(one.can)) ?? '').execute(house.db)
    await page.goto(house.url + one.at(seeded))
    if (one.where === 'row') await openRowMenu(page, seeded)
    if (one.where === 'bulk' || one.where === 'whole') await choose(page, one.where)
    const button = one.button ? await one.button(page, seeded) : await buttonOf(page, one)
    for (const name of await page.locator('[data-action]').evaluateAll(namesOf))
      drawn.add(placed(name, page.url()))
    pressed.add(placed(one.action, page.url()))
    return { page, button }
  }
  /** Whatever became of it, what its page asks for is nothing to the next one. */
  const settled = async (one: Press, act: () => Promise<void>) => {
    try {
      await act()
    } catch (error) {
      await (await as(one.can)).goto(`${house.url}/account`)
      chromium.faults.length = 0
      refused.length = 0
      throw error
    }
  }
  return {
    drawn,
    pressed,
    as,
    calm,
    press: (one) =>
      settled(one, async () => {
        const seeded = await one.seed()
        assert.notDeepEqual(await read(house, one, seeded), one.is, 'it was so before')
        asked.length = 0
        const { page, button } = await open(one, seeded)
        assert.notEqual(await button.getAttribute('aria-disabled'), 'true', 'it cannot be pressed')
        await button.click()
        const dialog = page.getByRole('dialog').last()
        if (one.fill) {
          await appears(dialog)
          await one.fill(dialog, page, seeded)
          const act = dialog.locator('.dialog-foot .button.primary, .dialog-foot .button.danger').last()
          if (await act.isVisible()) await act.click()
        }
        await appears(one.tells?.(page) ?? page.locator('.toast'), patienceMs)
        await until(async () => same(await read(house, one, seeded), one.is), patienceMs).catch(async () => {
          calm()
          assert.deepEqual(await read(house, one, seeded), one.is)
        })
        const wanted = new RegExp(`^${one.path.replaceAll(/:[a-z]+/gi, '[^/]+')}$`)
        assert.deepEqual(
          asked.filter((each) => wanted.test(each)).length > 0,
          true,
          `it asked for ${asked.join(', ')}`,
        )
        calm()
      }),
    refuse: (one) =>
      settled(one, async () => {
        if (!one.not) return
        const seeded = await one.not.seed()
        const { page, button } = await open(one, seeded)
        assert.equal(await button.getAttribute('aria-disabled'), 'true')
        await button.hover()
        const said = page.getByRole('tooltip')
        await appears(said)
        assert.match((await said.first().textContent()) ?? '', one.not.says)
        const before = await read(house, one, seeded)
        asked.length = 0
        await button.click({ force: true })
        // Time enough for what it should not ask.
        await page.waitForTimeout(150)
        assert.deepEqual(asked, [])
        assert.deepEqual(await read(house, one, seeded), before)
        calm()
      }),
  }
}

/** The dialog only asks whether. */
export const sure = async () => {}

async function read(house: TestApp, one: Press, seeded: Seeded): Promise<unknown> {
  const { rows } = await one.effect(seeded).execute(house.db)
  return rows[0]?.is
}

const keyOf = (can: readonly Permission[]) => [...can].sort().join()

const same = (found: unknown, wanted: unknown) => JSON.stringify(found) === JSON.stringify(wanted)

const placed = (name: string, url: string) =>
  name.startsWith('/') ? name : `${new URL(url).pathname} ${name}`
const namesOf = (found: Element[]) => found.map((each) => each.getAttribute('data-action') ?? '')

async function openRowMenu(page: Page, { no }: Seeded): Promise<void> {
  const rows = page.getByRole('grid').locator('.list-row')
  const row = no === undefined ? rows.first() : rows.filter({ hasText: no }).first()
  await row.hover()
  await row.locator('.row-acts [aria-haspopup="menu"]').click()
}

/** Every row that is shown, or all that the filter matches. */
async function choose(page: Page, what: 'bulk' | 'whole'): Promise<void> {
  await page.getByRole('grid').locator('.list-row').first().waitFor()
  const bar = page.getByRole('region', { name: '批量操作' })
  if (what === 'bulk') return page.keyboard.press('Control+a')
  await page.getByRole('grid').locator('.list-row [role="checkbox"]').first().click()
  await bar.locator('button[aria-keyshortcuts="Control+A"]').click()
  await bar.getByText(/^已选全部/).waitFor()
}

async function buttonOf(page: Page, { action, where }: Press): Promise<Locator> {
  const inside = where === 'drawer' ? page.locator('.drawer, .decision, main .drawer-foot').first() : page
  const named = inside.locator(`[data-action="${action}"]`)
  if (where === 'row') return page.getByRole('menu').locator(`[data-action="${action}"]`)
  await named.first().waitFor({ state: 'attached' })
  const shown = named.locator('visible=true').first()
  if ((await shown.count()) > 0) return shown
  // What found no room stands behind 更多.
  await inside.getByRole('button', { name: /⋯$/ }).last().click()
  return page.getByRole('menu').locator(`[data-action="${action}"]`)
}

type RowPress = Pick<Press, 'seed' | 'effect' | 'is'> &
  Partial<Pick<Press, 'fill' | 'tells' | 'path' | 'where' | 'not' | 'button' | 'mine'>>
/** Presses of the rows of a list: `read` is what its page needs to be seen; the action is its own path. */
export function rowsAt(at: Press['at'], ...read: Permission[]) {
  return (action: string, right: Permission, row: RowPress): Press => ({
    ...{ action, path: `POST ${action}`, can: [...read, right], at, where: 'row' },
    ...row,
  })
}
