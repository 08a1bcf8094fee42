import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { findChromium } from '../scripts/chromium.ts'
import { loadConfig } from '../server/config.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { benchDir, keyFile, open } from './database.ts'
import { processesOf, startHouse } from './house.ts'
import { memoryNowMb, quantile, report } from './report.ts'
import { signIn } from './session.ts'
import type { World } from './world/world.ts'

/** Measures a usual start, with packages installed, pages built and the database created. */
export async function benchStart(): Promise<void> {
  const dataDir = join(benchDir, 'start')
  const env = {
    DATA_DIR: dataDir,
    DATABASE_URL: '',
    SEALING_KEY_PATH: join(benchDir, 'start-keys', 'sealing.json'),
  }
  await (await startHouse(env)).stop()
  const times: number[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    const house = await startHouse(env)
    times.push(house.ms)
    await house.stop()
  }
  report({
    name: 'start',
    work: `npm start to the first page, embedded database included, median of ${times.length}; best ${Math.round(Math.min(...times))} ms`,
    figure: quantile(times, 0.5) / 1000,
    unit: 's',
    floor: 2,
    atMost: true,
  })
}

/** Measures the pages in Chromium with the real processes and a large database, then the memory of these processes. */
export async function benchWeb(world: World, ring: KeyRing): Promise<void> {
  const house = await startHouse({
    DATABASE_URL: world.url,
    SEALING_KEY_PATH: keyFile,
    DATA_DIR: join(benchDir, 'web'),
  })
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const { db, close } = open(world.url)
  try {
    const cookie = await signIn(
      db,
      ring,
      loadConfig({ PUBLIC_URL: `http://localhost:${new URL(house.url).port}` }),
    )
    const times: number[] = []
    let bytes = 0
    for (let turn = 0; turn < 5; turn += 1) {
      // A new browser with an empty cache.
      const context = await browser.newContext({ viewport: { width: 1440, height: 3000 }, locale: 'zh-CN' })
      await context.addCookies([{ ...cookie, url: house.url }])
      const page = await context.newPage()
      const loaded = scriptsOf(page)
      times.push(await untilUsable(page, house.url))
      bytes = await loaded()
      await context.close()
    }
    report({
      name: 'first load',
      work: 'gzipped JavaScript of the staged trades, nothing cached',
      figure: bytes / 1024,
      unit: 'KB',
      floor: 420,
      atMost: true,
    })
    report({
      name: 'list of 50',
      work: `from navigation to 50 rows in Chromium, nothing cached, median of ${times.length}; best ${Math.round(Math.min(...times))} ms`,
      figure: quantile(times, 0.5) / 1000,
      unit: 's',
      floor: 1.5,
      atMost: true,
    })
    // The web process compiles its schemas a minute after the start, and they take memory.
    await sleep(75_000)
    reportMemory(house.pid)
  } finally {
    await close()
    await browser.close()
    await house.stop()
  }
}

function scriptsOf(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    sizes.push(
      response.body().then(
        (body) => gzipSync(body, { level: 9 }).length,
        () => 0,
      ),
    )
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function untilUsable(page: Page, url: string): Promise<number> {
  const began = performance.now()
  await page.goto(`${url}/staged-trades`, { waitUntil: 'commit' })
  await page.waitForFunction(() => document.querySelectorAll('[role=row]').length > 50, undefined, {
    polling: 'raf',
    timeout: 60_000,
  })
  return performance.now() - began
}

function reportMemory(launcher: number): void {
  for (const { name, pid } of processesOf(launcher))
    report({
      name: `memory ${name}`,
      work: 'after the above',
      figure: memoryNowMb(pid),
      unit: 'MB',
      floor: 250,
      atMost: true,
    })
}
