import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import type { Account, Place } from './postgres-place.ts'

export async function run(place: Place, program: string, args: string[]): Promise<void> {
  const { code, output } = await exitOf(place, program, args, { output: 'pipe' })
  if (code !== 0) throw new Error(`${program} failed (${code}):\n${output}`)
}

/** Runs one of PostgreSQL's programs as the account of the server, and returns how it ended. `input` is all that it reads. */
export function exitOf(
  place: Place,
  program: 'initdb' | 'pg_ctl' | 'postgres' | string,
  args: string[],
  { output, input }: { output: 'pipe' | 'ignore' | number; input?: string },
): Promise<{ code: number | null; output: string }> {
  return new Promise((settle, fail) => {
    const child = spawn(join(place.programs, 'bin', program), args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
      // The server gets none of our environment variables, which may contain secrets.
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' },
      cwd: place.account ? '/' : dirname(place.cluster),
      ...identity(place.account),
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        text += chunk
      })
    child.once('error', fail)
    child.once(output === 'pipe' ? 'close' : 'exit', (code) => settle({ code, output: text }))
    // A program that ends before it read everything is reported by its exit code.
    child.stdin?.on('error', () => {}).end(input)
  })
}

function identity(account: Account | undefined) {
  return account ? { uid: account.uid, gid: account.gid } : {}
}
