import { sql } from 'kysely'
import { type KeyRing, searchHash, searchHashes } from './seal.ts'

/** What of a buyer is searched for. */
export type SearchedPerson = {
  nick: string
  receiver?: { name: string; mobile: string; phone: string }
}

/** Numbers are stored in rows: never change or reuse one. */
const kinds = { mobile: 0, mobileTail: 1, name: 2, nick: 3 } as const
export type PersonKind = keyof typeof kinds

const hashSpan = 2 ** 32
const monthSpan = 4 * hashSpan
const firstYear = 2020

/**
 * The keys by which a buyer is found: month (from bit 34), kind (2 bits), keyed hash (32 bits). The month of the trade
 * comes first because hashes are scattered: without it each batch of new rows would touch every page of a large index,
 * and with it only the pages of its month. A search asks for every month.
 */
export function personKeys(ring: KeyRing, month: number, person: SearchedPerson): number[] {
  const { nick, receiver } = person
  const mobile = receiver?.mobile || receiver?.phone || ''
  const parts: [PersonKind, string | undefined][] = [
    ['mobile', mobile],
    ['mobileTail', /\d{4}$/.exec(mobile)?.[0]],
    ['name', receiver?.name],
    ['nick', nick],
  ]
  return parts.flatMap(([kind, text]) =>
    text ? [month * monthSpan + kinds[kind] * hashSpan + searchHash(ring, kind, text)] : [],
  )
}

/** Months since January 2020, those before it counted as that one, at most the next to come: platforms' clocks lie. */
export function personMonth(at: Date, now = new Date()): number {
  return Math.max(0, Math.min(months(at), months(now) + 1))
}

/** Every key, of any month and any key of the ring, under which a person with this text may stand. */
export function searchedKeys(ring: KeyRing, kind: PersonKind, text: string, now = new Date()): number[] {
  const places = searchHashes(ring, kind, text).map((hash) => kinds[kind] * hashSpan + hash)
  return Array.from({ length: months(now) + 2 }, (_, month) => month * monthSpan).flatMap((month) =>
    places.map((place) => month + place),
  )
}

function months(at: Date): number {
  return (at.getUTCFullYear() - firstYear) * 12 + at.getUTCMonth()
}

/** The keys `d.people` (text, of month 0) moved to the month in which those of the row `t.people` stand. */
export const sameMonth = sql`array(
  select coalesce(t.people[1] / ${sql.lit(monthSpan)}, 0) * ${sql.lit(monthSpan)} + k
  from unnest(d.people::bigint[]) with ordinality u (k, n) order by n)`
