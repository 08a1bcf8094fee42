import { sql } from 'kysely'
import { chromium, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.ts'
import { loadConfig } from '../../server/config.ts'
import type { Database } from '../../server/core/db/db.ts'
import { type BenchServer, benchDir, keyFile, open } from '../database.ts'
import { startHouse } from '../house.ts'
import { report } from '../report.ts'
import { signIn } from '../session.ts'
import { deskOrders, flagged, openDeskWorld } from './desk-world.ts'

/** What the user saw between clicking and the result. Times are in ms. */
type Seen = {
  ms: number
  /** The time until the progress bar first showed progress, and the number of different figures that it showed. */
  firstMs: number
  steps: number
  /** The time to open an order while nothing else ran, and while the bulk action ran. */
  quietDrawerMs: number
  drawerMs: number
  longestTaskMs: number
}

const wanted = flagged.count.toLocaleString('en')

/**
 * Confirms 10,000 of many orders from the order list in Chromium, with real web and worker processes: once with the mouse, once with the
 * keyboard only.
 */
export async function benchBulk(server: BenchServer): Promise<void> {
  const databaseUrl = await openDeskWorld(server)
  // The data folder contains this database, so `npm start` finds it already running.
  const house = await startHouse({ DATA_DIR: benchDir, DATABASE_URL: '', SEALING_KEY_PATH: keyFile })
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const { db, close } = open(databaseUrl, 2)
  try {
    const config = loadConfig({ PUBLIC_URL: `http://localhost:${new URL(house.url).port}` })
    const cookie = await signIn(db, server.ring, config)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
    await context.addCookies([{ ...cookie, url: house.url }])
    const page = await context.newPage()
    const ways = { mouse: byMouse, keyboard: byKeyboard }
    for (const [at, name] of (['mouse', 'keyboard'] as const).entries()) {
      await openList(page, `${house.url}/orders?tab=unconfirmed&flag=${flagged.flags[at]}`)
      const quietDrawerMs = await scrollAndOpen(page, name === 'mouse')
      await ways[name](page)
      reportSeen(name, { quietDrawerMs, ...(await watch(page, name === 'mouse')) })
      await checkBooks(db, flagged.flags[at] ?? 0)
    }
  } finally {
    await close()
    await browser.close()
    await house.stop()
  }
}

async function openList(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.locator('.data-list[aria-busy="false"]').waitFor()
  await page.locator('.list-row').first().waitFor()
}

/** Selects the rows and opens the confirmation dialog, without answering it. */
async function byMouse(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: '选择已载入的全部' }).click()
  await page.getByRole('button', { name: /^改选全部/ }).click()
  await page.getByText(`已选全部 ${wanted} 条`).waitFor()
  await page.getByRole('region', { name: '批量操作' }).getByRole('button', { name: /^确认/ }).click()
  await page.getByRole('dialog').waitFor()
}

async function byKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+a')
  await page.getByText(`已选全部 ${wanted} 条`).waitFor()
  await page.keyboard.press('c')
  await page.getByRole('dialog').waitFor()
}

/** Answers the dialog and uses the page until the result appears. */
async function watch(page: Page, withMouse: boolean): Promise<Omit<Seen, 'quietDrawerMs'>> {
  await page.evaluate(startWatching)
  const act = page.getByRole('dialog').getByRole('button', { name: `确认 ${wanted} 条` })
  if (withMouse) await act.click()
  else await page.keyboard.press('Enter')
  await page.locator('.bulk-strip').waitFor()
  const drawerMs = await scrollAndOpen(page, withMouse)
  await page.waitForFunction(
    (text) => document.querySelector('.bulk-strip')?.textContent?.includes(text),
    `成功 ${wanted}`,
    { polling: 'raf', timeout: 120_000 },
  )
  const seen = await page.evaluate(endWatching)
  return { ...seen, drawerMs }
}

/** Scrolls the list and opens an order; returns the time until the drawer showed it. */
async function scrollAndOpen(page: Page, withMouse: boolean): Promise<number> {
  if (withMouse) {
    await page.mouse.move(700, 500)
    for (let turn = 0; turn < 5; turn += 1) await page.mouse.wheel(0, 400)
    await page.locator('.list-row .cell').nth(80).hover()
  } else for (let turn = 0; turn < 10; turn += 1) await page.keyboard.press('j')
  const began = performance.now()
  if (withMouse) await page.mouse.down().then(() => page.mouse.up())
  else await page.keyboard.press('Enter')
  await page
    .getByRole('dialog', { name: /^销售订单/ })
    .locator('h2')
    .waitFor()
  const ms = performance.now() - began
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return ms
}

type Watched = { pressed: number; steps: [ms: number, done: number][]; longest: number; end: number }
declare global {
  var watched: Watched | undefined
}

/** Runs in the page. Records the click, every figure of the progress bar, and the longest task that blocked the page. */
function startWatching(): void {
  const watched: Watched = { pressed: 0, steps: [], longest: 0, end: 0 }
  globalThis.watched = watched
  const onPress = (event: Event) => {
    watched.pressed ||= event instanceof KeyboardEvent && event.key !== 'Enter' ? 0 : performance.now()
  }
  addEventListener('pointerdown', onPress, true)
  addEventListener('keydown', onPress, true)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longest = Math.max(watched.longest, duration)
  }).observe({ type: 'longtask' })
  const look = () => {
    const strip = document.querySelector('.bulk-strip')
    const done = Number(strip?.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? -1)
    if (done >= 0 && done !== watched.steps.at(-1)?.[1]) watched.steps.push([performance.now(), done])
    if (watched.end === 0 && strip?.textContent?.includes('收起')) watched.end = performance.now()
    if (watched.end === 0) requestAnimationFrame(look)
  }
  look()
}

function endWatching(): Omit<Seen, 'drawerMs' | 'quietDrawerMs'> {
  const watched = globalThis.watched
  if (!watched || watched.pressed === 0 || watched.end === 0) throw new Error('Nothing was watched.')
  const first = watched.steps.find(([, done]) => done > 0)
  return {
    ms: watched.end - watched.pressed,
    firstMs: (first?.[0] ?? watched.end) - watched.pressed,
    steps: watched.steps.length,
    longestTaskMs: watched.longest,
  }
}

/** Checks in the database, independent of the page, that the orders are confirmed, each with its event and its settlement. */
async function checkBooks(db: Database, flag: number): Promise<void> {
  const { rows } = await sql<Record<string, number>>`
    select count(*) filter (where o.status = 'confirmed')::int as confirmed,
      count(*) filter (where exists (select from order_event e where e.order_id = o.id and e.event = 'confirm'))::int as events,
      count(*) filter (where (select count(*) from settlement s where s.order_id = o.id) = 1)::int as settlements
    from sales_order o where o.flag = ${flag}`.execute(db)
  const found = JSON.stringify(rows[0])
  const all = flagged.count
  if (found !== JSON.stringify({ confirmed: all, events: all, settlements: all }))
    throw new Error(`of ${all} orders: ${found}`)
}

function reportSeen(way: string, seen: Seen): void {
  const of = `${wanted} of ${deskOrders.toLocaleString('en')} orders confirmed from the screen, by ${way}`
  const limits = [
    ['bulk', `${of}: from the press to the result`, seen.ms / 1000, 's', 5],
    ['bulk progress', `${of}: until the bar moved`, seen.firstMs / 1000, 's', 1.5],
    [
      'bulk drawer',
      `${of}: an order opened meanwhile; ${Math.round(seen.quietDrawerMs)} ms when nothing else happens`,
      seen.drawerMs / 1000,
      's',
      0.5,
    ],
    ['bulk page', `${of}: the page’s longest task`, seen.longestTaskMs, 'ms', 200],
  ] as const
  for (const [name, work, figure, unit, floor] of limits)
    report({ name, work, figure, unit, floor, atMost: true })
  report({
    name: 'bulk steps',
    work: `${of}: different figures that the bar showed`,
    figure: seen.steps,
    unit: 'figures',
    floor: 5,
    atMost: false,
    facts: seen,
  })
}
