import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../server/config.ts'

export type Started = { url: string; ms: number; pid: number; stop(): Promise<void> }

/** Starts Sanyi through `npm start`'s launcher, and settles when the first page is served. */
export async function startHouse(env: Record<string, string>): Promise<Started> {
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

/** Returns the web and worker processes, which are grandchildren of the launcher. */
export function processesOf(launcher: number): { name: 'web' | 'worker'; pid: number }[] {
  return descendants(launcher).flatMap((pid) => {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const name = (['web', 'worker'] as const).find((one) =>
      command.some((part) => part.endsWith(`/server/${one}.ts`)),
    )
    return name ? [{ name, pid }] : []
  })
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
