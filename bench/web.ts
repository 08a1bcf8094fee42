import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { findChromium } from '../scripts/chromium.ts'
import { childEnvironment, loadConfig } from '../server/config.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { benchDir, keyFile, open } from './database.ts'
import { memoryNowMb, quantile, report } from './report.ts'
import { signIn } from './session.ts'
import type { World } from './world.ts'

type Started = { url: string; ms: number; pid: number; stop(): Promise<void> }

/** `npm start`, from the launcher on, until the first page is served. */
async function startHouse(env: Record<string, string>): Promise<Started> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const launcher = fileURLToPath(new URL('../scripts/launch.js', import.meta.url))
  const began = performance.now()
  const child = spawn(process.execPath, [launcher, 'start'], {
    stdio: 'ignore',
    env: childEnvironment({ PORT: String(port), LISTEN_HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...env }),
  })
  try {
    for (;;) {
      const page = await fetch(url).catch(() => undefined)
      if (page?.ok && (await page.text()).includes('<script')) break
      if (performance.now() - began > 120_000 || child.exitCode !== null)
        throw new Error('npm start serves no page')
      await sleep(5)
    }
  } catch (error) {
    child.kill('SIGTERM')
    throw error
  }
  const ms = performance.now() - began
  const stop = async () => {
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
  return { url, ms, pid: child.pid ?? 0, stop }
}

/** Everything is installed and built, and the database made: a start as on any other day. */
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

/** The pages in Chromium against the real processes on the large world; then what those processes hold. */
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
      // A browser that has never been here: nothing is cached.
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

/** Web and worker are grandchildren of the launcher. */
function reportMemory(launcher: number): void {
  for (const pid of descendants(launcher)) {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const name = ['web', 'worker'].find((one) => command.some((part) => part.endsWith(`/server/${one}.ts`)))
    if (name)
      report({
        name: `memory ${name}`,
        work: 'after the above',
        figure: memoryNowMb(pid),
        unit: 'MB',
        floor: 250,
        atMost: true,
      })
  }
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
  } catch {
    return 0
  }
}

function freePort(): Promise<number> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => settle(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
