import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Actor } from '../core/access/actor.ts'
import { isRecord } from '../lib/json.ts'
import type { KeyRing } from '../lib/seal.ts'

/** A call that was run dry: of whom, of which tool, and with which arguments besides `confirm`. */
export type Rehearsed = { actor: Actor; tool: string; args: Record<string, unknown> }

/** A person has this long to look at a dry run before its `confirm` ends. */
const validMs = 10 * 60_000

/**
 * Returns the `confirm` of a dry run. It is signed and nothing is stored: only the same caller can use it, for the same tool with the same
 * arguments. `now`: the database's time.
 */
export function confirmOf(ring: KeyRing, call: Rehearsed, now: Date): string {
  const until = now.getTime() + validMs
  return `${until.toString(36)}.${signed(ring.current.hash, call, until)}`
}

/** True if `confirm` came from a dry run of this call and has not ended. */
export function isConfirmed(ring: KeyRing, call: Rehearsed, confirm: string, now: Date): boolean {
  const [given = '', signature = ''] = confirm.split('.')
  const until = Number.parseInt(given, 36)
  if (!(until > now.getTime()) || given !== until.toString(36)) return false
  const sent = Buffer.from(signature)
  return [...ring.byNumber.values()].some(({ hash }) => {
    const expected = Buffer.from(signed(hash, call, until))
    return sent.length === expected.length && timingSafeEqual(sent, expected)
  })
}

function signed(key: KeyRing['current']['hash'], { actor, tool, args }: Rehearsed, until: number): string {
  return createHmac('sha256', key)
    .update(`mcp\n${actor.kind}:${actor.id}\n${tool}\n${until}\n${JSON.stringify(ordered(args))}`)
    .digest('base64url')
}

/** Sorts the names inside, since an assistant may write them in another order the second time. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, part]) => [name, ordered(part)]),
  )
}
