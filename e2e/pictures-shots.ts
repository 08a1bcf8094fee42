import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Caller } from '../server/testing/app.ts'
import type { Looks, TestBrowser } from './browser.ts'

export type Shot = {
  name: string
  at: string
  act?: (page: Page) => Promise<void>
  /** True: a page for phones, 390 pixels wide. */
  phone?: boolean
}
export type Look = Looks & { name: string; width: number; height: number }

/** Both languages, themes and widths. */
export const looksOf = (): Look[] =>
  (['zh', 'en'] as const).flatMap((language) =>
    (['light', 'dark'] as const).flatMap((theme) =>
      ([1440, 1280] as const).map((width) => ({
        name: `${language}-${theme}-${width}`,
        language,
        theme,
        width,
        height: width === 1440 ? 900 : 800,
      })),
    ),
  )

/** The pictures of the guide, by the names of their shots. */
const guideNames: Record<string, string> = {
  trades: 'staged-trades',
  order: 'order',
  'desk-rules': 'confirm-rules',
  aftersale: 'aftersale',
  'receive-counting': 'receive-returns',
  reports: 'reports',
  'day-desk': 'print-desk',
  'day-waves': 'waves',
  'day-station': 'station',
  'day-pick': 'phone-pick',
}

export const guideShots = new RegExp(`^(${Object.keys(guideNames).join('|')})-(zh|en)-light-(1440|390)$`)

/** Saves a picture of the guide as WebP, which is a third of a PNG. Playwright itself writes no WebP. */
async function saveForGuide(page: Page, folder: string, { name }: Shot, { language }: Look): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  await session.detach()
  await writeFile(join(folder, language ?? 'zh', `${guideNames[name]}.webp`), Buffer.from(data, 'base64'))
}

/** Saves these pages in one look, as far as their names are wanted. */
export async function takePictures(given: {
  chromium: TestBrowser
  url: string
  admin: Caller | undefined
  look: Look
  wanted: RegExp
  folder: string
  shots: readonly Shot[]
  guide?: boolean
}): Promise<void> {
  const { chromium, url, admin, look, wanted, folder, guide = false } = given
  const nameOf = ({ name, phone }: Shot) =>
    phone ? `${name}-${look.language}-${look.theme}-390` : `${name}-${look.name}`
  // A page for phones has one width only, so it is taken with the wide look.
  const shots = given.shots.filter(
    (shot) => wanted.test(nameOf(shot)) && !(shot.phone && look.width !== 1440),
  )
  if (shots.length === 0) return
  const page = await chromium.open(url, admin, look)
  for (const shot of shots) {
    const name = nameOf(shot)
    await page.setViewportSize(shot.phone ? { width: 390, height: 844 } : look)
    await page.goto(url + shot.at)
    await settled(page)
    await shot.act?.(page).catch((error: unknown) => console.log(`${name}: ${String(error).split('\n')[0]}`))
    await settled(page)
    if (guide) await saveForGuide(page, folder, shot, look)
    else await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  await page.context().close()
}

async function settled(page: Page): Promise<void> {
  // A page and the document beside it are loaded as separate chunks.
  await page
    .locator('h1')
    .first()
    .waitFor({ timeout: 4000 })
    .catch(() => undefined)
  if (page.url().includes('open='))
    await page
      .locator('.drawer-foot')
      .waitFor({ timeout: 4000 })
      .catch(() => undefined)
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]')).catch(() => undefined)
  await page.waitForTimeout(250)
}
