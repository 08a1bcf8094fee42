import assert from 'node:assert/strict'
import type { sql } from 'kysely'
import type { Locator, Page } from 'playwright-core'
import type { Caller, TestApp } from '../../server/testing/app.ts'
import { until } from '../../server/testing/until.ts'
import type { Permission } from '../../server/users/permissions.ts'
import { appears, emptied, idle, signIn, type TestBrowser } from '../browser.ts'

/** The data of the seeded row: `id`, `no`, and further values. */
export type Seeded = { id: string; no?: string } & Record<string, string>

/** One button, pressed by a user with just the needed permissions. */
export type Press = {
  /** `data-action` of the button; several names if the button is at several places. */
  action: string
  /** The request that it sends: method and path as in the contract. */
  path: string
  /** The needed permissions: that of the action, and those for seeing its page. */
  can: readonly Permission[]
  /** Creates a row for which the action is possible. */
  seed: () => Promise<Seeded>
  /** Returns the address at which the row is shown: a list with this row, or an open document. */
  at: (seeded: Seeded) => string
  where: 'row' | 'page' | 'drawer' | 'bulk' | 'whole'
  /** Returns the button if it has no name, after opening what contains it. */
  button?: (page: Page, seeded: Seeded) => Promise<Locator>
  /** Makes the row belong to the user who presses. */
  mine?: (seeded: Seeded, userId: string) => ReturnType<typeof sql>
  /** Fills the dialog before the action. */
  fill?: (dialog: Locator, page: Page, seeded: Seeded) => Promise<void>
  /** Reads one value of the database; `is` is its value after the press. */
  effect: (seeded: Seeded) => ReturnType<typeof sql<{ is: unknown }>>
  is: unknown
  /** A row for which the action is not possible, and the message about it. */
  not?: { seed: () => Promise<Seeded>; says: RegExp }
  /** The element that shows the success, if there is no toast. */
  tells?: (page: Page) => Locator
}

/** Another test file may keep the processors busy for a while. */
const patienceMs = 15_000

export type Hands = {
  press(one: Press): Promise<void>
  refuse(one: Press): Promise<void>
  /** The actions whose buttons were seen, and those that were pressed. A name that is not a path includes the page. */
  drawn: Set<string>
  pressed: Set<string>
  /** Opens a page for a user with just these permissions. */
  as(can: readonly Permission[]): Promise<Page>
  calm(): void
}

/** Presses buttons. A refusal by the server or an error in a page fails the press. */
export function hands(house: TestApp, chromium: TestBrowser): Hands {
  const callers = new Map<string, Caller>()
  const drawn = new Set<string>()
  const pressed = new Set<string>()
  const asked: string[] = []
  const refused: string[] = []
  const callerOf = async (can: readonly Permission[]) => {
    const caller = callers.get(keyOf(can)) ?? (await house.as([...can]))
    callers.set(keyOf(can), caller)
    return caller
  }
  let opened: Promise<Page> | undefined
  let present: Caller | undefined
  /** Returns the window, signed in as that person. All share one: sixty open pages poll so much that the pressed one is drawn late. */
  const as = async (can: readonly Permission[]) => {
    const caller = await callerOf(can)
    opened ??= openPage(caller)
    const page = await opened
    if (present !== caller) await handOver(page, caller)
    present = caller
    return page
  }
  const openPage = async (caller: Caller) => {
    const page = await chromium.open(`${house.url}/account`, caller)
    present = caller
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
      const on = new URL(page.url()).pathname
      if (answer.status() >= 400) refused.push(`${answer.status()} ${method} ${pathname} on ${on}`)
    })
    return page
  }
  /** Signs the next person in, on a page without requests. What is asked until then is not counted. */
  const handOver = async (page: Page, caller: Caller) => {
    await emptied(page, () => signIn(page.context(), house.url, caller))
    forget()
  }
  const forget = () => {
    chromium.faults.length = 0
    refused.length = 0
  }
  const calm = () => {
    assert.deepEqual(refused.splice(0), [])
    assert.deepEqual(chromium.faults.splice(0), [])
  }
  const open = async (one: Press, seeded: Seeded) => {
    const before = present
    const page = await as(one.can)
    await one.mine?.(seeded, (await callerOf(one.can)).userId).execute(house.db)
    // A pointer that already rests on the next button's place does not enter that button.
    await page.mouse.move(0, 0)
    // The browser draws a page behind another tab only once a second.
    for (const other of page.context().pages()) if (other !== page) await other.close()
    // The window of the next person is empty already.
    if (before === undefined || present === before) await emptied(page)
    await page.evaluate((to) => history.pushState(null, '', to), one.at(seeded))
    if (one.where === 'row') await openRowMenu(page, seeded)
    if (one.where === 'bulk' || one.where === 'whole') await choose(page, one.where)
    const button = one.button ? await one.button(page, seeded) : await buttonOf(page, one)
    for (const name of await page.locator('[data-action]').evaluateAll(namesOf))
      drawn.add(placed(name, page.url()))
    pressed.add(placed(one.action, page.url()))
    return { page, button }
  }
  /** Forgets the page's requests even after a failure, so that they do not count for the next press. */
  const settled = async (one: Press, act: () => Promise<void>) => {
    try {
      await act()
    } catch (error) {
      await (await as(one.can)).goto(`${house.url}/account`)
      forget()
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
        // A request that should not be sent would be on its way by then.
        await page.evaluate(idle)
        assert.deepEqual(asked, [])
        assert.deepEqual(await read(house, one, seeded), before)
        calm()
      }),
  }
}

/** For dialogs that only ask for confirmation. */
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

/** Selects all shown rows, or all rows of the filter. */
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
  // Buttons without room are in the menu 更多.
  await inside.getByRole('button', { name: /⋯$/ }).last().click()
  return page.getByRole('menu').locator(`[data-action="${action}"]`)
}

type RowPress = Pick<Press, 'seed' | 'effect' | 'is'> &
  Partial<Pick<Press, 'fill' | 'tells' | 'path' | 'where' | 'not' | 'button' | 'mine'>>
/** Returns presses of a list's rows. `read`: the permissions for seeing the page. The action is the path. */
export function rowsAt(at: Press['at'], ...read: Permission[]) {
  return (action: string, right: Permission, row: RowPress): Press => ({
    ...{ action, path: `POST ${action}`, can: [...read, right], at, where: 'row' },
    ...row,
  })
}
