import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'

/** Returns the port that is stored for the database of this folder; 0 before its first start. */
export async function keptPort(dataDir: string): Promise<number> {
  return Number(await readFile(`${dataDir}.port`, 'utf8').catch(() => '0'))
}

/**
 * Returns the stored port, or another free one if some program uses the stored port now. With `insist` no other port is chosen, because the
 * connected processes know the database by its port; undefined then means that the port is in use at this moment.
 */
export async function portFor(dataDir: string, insist: boolean): Promise<number | undefined> {
  const kept = await keptPort(dataDir)
  if (kept > 0 && (await isFree(kept))) return kept
  if (kept > 0 && insist) return undefined
  for (let tries = 0; tries < 100; tries++) {
    // Below the range from which operating systems take the ports of outgoing connections.
    const port = randomInt(20_000, 32_000)
    if (!(await isFree(port))) continue
    await writeFile(`${dataDir}.port`, `${port}\n`)
    return port
  }
  throw new Error('No free port on 127.0.0.1 for PostgreSQL')
}

/**
 * True if no process listens on the port and we may listen there. A host that is not an address of this machine also counts as free;
 * listening on it then fails with its own error.
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
