import type { Random } from '../../sandbox/world/random.ts'
import type { House } from '../day-house.ts'
import { rowsOf } from '../settle.ts'

/** The number of calls by name and status, and answers that must never occur. */
export type Work = { done: Map<string, number>; broken: string[] }

export type Person = { house: House; random: Random; work: Work }
export type Deed = (person: Person) => Promise<void>
/** Deeds with their names and frequencies. */
export type Deeds = readonly (readonly [readonly [name: string, deed: Deed], number])[]

export type Row = { id: string; shopId: string; tid: string }

export async function call(
  { house, work }: Person,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  // The web process may be down for a moment; then the call is ignored.
  const answer = await house.boss.call(method, path, body).catch(() => undefined)
  if (!answer) return undefined
  const key = `${method} ${path.replace(/\d+/g, ':id').replace(/\?.*/, '')} ${answer.status}`
  work.done.set(key, (work.done.get(key) ?? 0) + 1)
  // 502 and 503 concern the platform.
  if (answer.status === 500) work.broken.push(`${key} ${JSON.stringify(answer.body)}`)
  return answer.status < 300 ? answer.body : undefined
}

/** Presses a button; now and then twice at once, as a user may. */
export async function press(me: Person, path: string, body: unknown): Promise<void> {
  const presses = me.random.chance(0.25) ? 2 : 1
  await Promise.all(Array.from({ length: presses }, () => call(me, 'POST', path, body)))
}

export async function list<R extends { id: string }>(me: Person, path: string): Promise<R[]> {
  return rowsOf<R>(await call(me, 'GET', path))
}

export function some<R extends { id: string }>(
  { random }: Person,
  rows: readonly R[],
  most: number,
): string[] {
  return rows.length === 0 ? [] : Array.from({ length: random.between(1, most) }, () => random.pick(rows).id)
}

export const distinct = (ids: readonly string[]) => [...new Set(ids)]

/** Returns a field of an answer; undefined if the answer is no object or has no such field. */
export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}
