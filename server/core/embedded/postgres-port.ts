import { randomInt } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'

/** The port that was written down for the database of this folder; 0 before its first start. */
export async function keptPort(dataDir: string): Promise<number> {
  return Number(await readFile(`${dataDir}.port`, 'utf8').catch(() => '0'))
}

/**
 * The same port at every start, unless something else has taken it meanwhile. With `insist` there is no other: whoever is
 * connected knows the database by it, and would look for it there for ever. Undefined: it is held at this moment.
 */
export async function portFor(dataDir: string, insist: boolean): Promise<number | undefined> {
  const kept = await keptPort(dataDir)
  if (kept > 0 && (await isFree(kept))) return kept
  if (kept > 0 && insist) return undefined
  for (let tries = 0; tries < 100; tries++) {
    // Below the range from which systems take the ports of outgoing connections.
    const port = randomInt(20_000, 32_000)
    if (!(await isFree(port))) continue
    await writeFile(`${dataDir}.port`, `${port}\n`)
    return port
  }
  throw new Error('No free port on 127.0.0.1 for PostgreSQL')
}

/** Whether nobody listens there, and we may. An address that is none of this machine's is told by whoever listens. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(!/^(EADDRINUSE|EACCES)$/.test(code ?? '')),
    )
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => settle(true)))
  })
}
