import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { QueryClient } from '@tanstack/react-query'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { findChromium } from '../scripts/chromium.ts'
import { closeAtEnd, inRow } from '../scripts/row/end.ts'
import type { Caller } from '../server/testing/app.ts'
import { until } from '../server/testing/until.ts'

export type Looks = {
  language?: 'zh' | 'en'
  theme?: 'light' | 'dark'
  width?: number
  height?: number
}

export type TestBrowser = {
  browser: Browser
  /** Opens a new window, signed in as `caller`; without `caller` signed out. */
  open(url: string, caller?: Caller, looks?: Looks): Promise<Page>
  /** The errors of all pages so far: uncaught errors and violations of the content policy. Any entry fails the test file. */
  faults: string[]
  [Symbol.asyncDispose](): Promise<void>
}

const patienceMs = 20_000
type Program = { __TANSTACK_QUERY_CLIENT__: QueryClient }
const refusedByPolicy = 'Refused by the policy:'

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

let ofRow: Browser | undefined

/** In a row, the files share one Chromium. One that has ended is started anew. */
async function sharedBrowser(): Promise<Browser> {
  if (ofRow?.isConnected()) return ofRow
  const browser = await launch()
  ofRow = browser
  closeAtEnd(() => browser.close())
  return browser
}

/** Starts Chromium without a window. Each window has a profile of its own. */
export async function openBrowser(): Promise<TestBrowser> {
  const browser = inRow() ? await sharedBrowser() : await launch()
  const faults: string[] = []
  return {
    browser,
    faults,
    async open(url, caller, looks = {}) {
      const context = await browser.newContext(contextOptions(looks))
      context.setDefaultTimeout(patienceMs)
      if (caller) await signIn(context, url, caller)
      await context.addInitScript(
        ([language, theme]) => {
          // Only on the first load, because a test may change these settings and reload.
          if (localStorage.getItem('sanyi.language') !== null) return
          localStorage.setItem('sanyi.language', language ?? 'zh')
          localStorage.setItem('sanyi.theme', theme ?? 'light')
        },
        [looks.language ?? 'zh', looks.theme ?? 'light'],
      )
      await context.addInitScript((mark) => {
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
          console.error(mark, violatedDirective, blockedURI, sample),
        )
      }, refusedByPolicy)
      const page = await context.newPage()
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.stack ?? error.message}`))
      page.on('console', (line) => {
        // A refused request is an answer and not a fault of the page. Each test checks its answers itself.
        // Nor is a print client that does not run on this machine.
        const isAnswer = /Failed to load resource|WebSocket connection to 'ws:\/\/127\.0\.0\.1/
        if (line.type() !== 'error' || isAnswer.test(line.text())) return
        faults.push(`${page.url()}: ${line.text()}`)
      })
      await page.goto(url)
      return page
    },
    [Symbol.asyncDispose]: async () => {
      if (browser === ofRow) await Promise.all(browser.contexts().map((context) => context.close()))
      else await browser.close()
      const refused = faults.filter((fault) => fault.includes(refusedByPolicy))
      if (refused.length === 0) return
      // Not thrown, so that everything else is still closed.
      console.error(refused.join('\n'))
      process.exitCode = 1
    },
  }
}

function contextOptions({ language = 'zh', theme = 'light', width = 1440, height = 900 }: Looks) {
  return {
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    // Neither the browser's nor the server's time zone may matter: days are Shanghai days.
    timezoneId: 'America/New_York',
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  } satisfies BrowserContextOptions
}

/** Signs the window in as this person, who makes its requests from then on. */
export async function signIn(context: BrowserContext, url: string, { cookie }: Caller): Promise<void> {
  const cut = cookie.indexOf('=')
  const { hostname } = new URL(url)
  await context.addCookies([
    { name: cookie.slice(0, cut), value: cookie.slice(cut + 1), domain: hostname, path: '/', httpOnly: true },
  ])
}

/** The rows of the page's list, without the header. */
export function rowsOf(page: Page): Locator {
  return page.getByRole('grid').locator('.list-row')
}

/** Waits until the list has loaded with its filter. */
export async function listIsReady(page: Page): Promise<void> {
  await page.locator('.data-list[aria-busy="false"]').waitFor()
}

/** Adds a filter through the 筛选 menu. */
export async function addFilter(page: Page, name: string): Promise<Locator> {
  await page.getByRole('button', { name: '筛选', exact: true }).click()
  await page.getByRole('menuitem', { name, exact: true }).click()
  return page.getByRole('dialog', { name, exact: true })
}

/** Waits, in the page, for a frame, and then until the program has nothing to do. */
export const idle = () =>
  new Promise<void>((done) =>
    requestAnimationFrame(() => requestIdleCallback(() => done(), { timeout: 1000 })),
  )

/** Waits until the program has nothing more to read, and has drawn what it read. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (window as unknown as Program).__TANSTACK_QUERY_CLIENT__.isFetching() === 0,
    undefined,
    { polling: 20 },
  )
  await page.evaluate(idle)
}

export async function appears(locator: Locator, timeout = patienceMs): Promise<void> {
  await locator.first().waitFor({ state: 'visible', timeout })
}

export async function goes(locator: Locator, timeout = patienceMs): Promise<void> {
  await locator.first().waitFor({ state: 'hidden', timeout })
}

/** Returns the bytes of the file that the page downloads during `act`. */
export async function downloadOf(page: Page, act: () => Promise<void>): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()])
  const stream = await download.createReadStream()
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

const picturesOfFailures = fileURLToPath(new URL('../data/test/e2e', import.meta.url))

/** Saves a screenshot of the page for each failed test: data/test/e2e/<test name>.png. */
export function pictureFailures(page: () => Page): void {
  afterEach(async (context) => {
    if (!('passed' in context) || context.passed) return
    await mkdir(picturesOfFailures, { recursive: true })
    const name = context.name.replaceAll(/[^\w一-龥]+/g, '-').slice(0, 60)
    await page().screenshot({ path: join(picturesOfFailures, `${name}.png`) })
  })
}

/** Opens a page of the house and waits for its list. */
export async function goToList(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await listIsReady(page)
}

/**
 * Opens another page of the program as a link does, without loading the program anew, which costs five times the processor time. The
 * window must show a page of the program already.
 */
export async function visit(page: Page, url: string): Promise<void> {
  const heading = page.locator('main h1').first()
  await heading.waitFor()
  // Only a page with another path has another heading.
  if (new URL(page.url()).pathname === new URL(url).pathname) return void (await page.goto(url))
  const before = await heading.elementHandle()
  await page.evaluate((to) => history.pushState(null, '', to), url)
  await page.waitForFunction((old) => !old?.isConnected, before, { polling: 20 })
  await heading.waitFor()
}

/**
 * Empties the running program, which costs a fifth of the processor time of loading it anew: it shows a page without requests, and has
 * forgotten all that it read. With `next`, which signs another person in, it also reads anew who that is.
 */
export async function emptied(page: Page, next?: () => Promise<void>): Promise<void> {
  const nowhere = page.locator('main').getByText('没有这个页面')
  // What was saved a moment ago may still lead to another page.
  await page.waitForFunction(
    () => (window as unknown as Program).__TANSTACK_QUERY_CLIENT__.isMutating() === 0,
  )
  await until(async () => {
    await page.evaluate(() => history.pushState(null, '', '/nowhere'))
    return nowhere.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    )
  })
  await page.evaluate(() => {
    for (const close of document.querySelectorAll<HTMLElement>('.toast-close')) close.click()
  })
  if (next) {
    await next()
    await page.evaluate(() => {
      localStorage.clear()
      sessionStorage.clear()
    })
  }
  await page.evaluate(async (all) => {
    const { __TANSTACK_QUERY_CLIENT__: queries } = window as unknown as Program
    queries.removeQueries({ type: 'inactive' })
    if (all) await queries.resetQueries()
  }, next !== undefined)
}

/** Chooses a picture of this width as the file of a dialog. */
export async function choosePicture(dialog: Locator, width: number): Promise<void> {
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'proof.png',
    mimeType: 'image/png',
    buffer: await dialog.page().screenshot({ clip: { x: 0, y: 0, width, height: 30 } }),
  })
}
