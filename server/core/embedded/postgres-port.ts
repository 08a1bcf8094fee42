import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'

export async function keptPort(dataDir: string): Promise<number> {
  return Number(await readFile(`${dataDir}.port`, 'utf8').catch(() => '0'))
}

/**
 * Returns the stored port if it is free; otherwise chooses, stores and returns another one. With `insist` a stored port is never replaced,
 * because connected processes know the database by it; undefined then means that the port is in use now.
 */
export async function portFor(dataDir: string, insist: boolean): Promise<number | undefined> {
  const kept = await keptPort(dataDir)
  if (kept > 0 && (await isFree(kept))) return kept
  if (kept > 0 && insist) return undefined
  for (let tries = 0; tries < 100; tries++) {
    // Operating systems take the ports of outgoing connections from above this range.
    const port = randomInt(20_000, 32_000)
    if (!(await isFree(port))) continue
    await writeFile(`${dataDir}.port`, `${port}\n`)
    return port
  }
  throw new Error('No free port on 127.0.0.1 for PostgreSQL')
}

/**
 * True if we can listen on the port now. It is also true for a host that is not an address of this machine; listening then fails with an
 * error of its own.
 */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(!/^(EADDRINUSE|EACCES)$/.test(code ?? '')),
    )
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => settle(true)))
  })
}
