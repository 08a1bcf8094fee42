import { type RawBuilder, sql } from 'kysely'
import { sharedNow } from './clock.ts'
import { type KeyRing, searchHash, searchHashes } from './seal.ts'

/** What of a buyer is searched for. */
export type BuyerNames = {
  nick: string
  receiver?: { name: string; mobile: string; phone: string }
}

/** Where it goes and to whom; `token`: by what the platform knows a receiver of whom it shows masks only. */
export type ReceiverText = Record<
  'name' | 'mobile' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address' | 'token',
  string
>

/**
 * Keyed hashes of a receiver: equal where two parcels go to the same person at the same address. The first is the one to be stored; the
 * others are those under which it may have been stored before. Equal masks are not equal people: a masked receiver is the same only for
 * the same buyer of the same shop.
 */
export function receiverHashes(
  ring: KeyRing,
  receiver: ReceiverText,
  buyer: { shopId: string; nick: string },
): number[] {
  // The token changes weekly by itself, so it is not part of the address.
  const { name, mobile, phone, province, city, district, town, address, token } = receiver
  const parts = [name, mobile, phone, province, city, district, town, address]
  const hashes = (texts: readonly string[]) =>
    searchHashes(ring, 'receiver', texts.join('\u0001')).map((hash) => hash | 0)
  return token === '' ? hashes(parts) : [...hashes([...parts, buyer.shopId, buyer.nick]), ...hashes(parts)]
}

/** Numbers are stored in rows: never change or reuse one. */
const kinds = { mobile: 0, mobileTail: 1, name: 2, nick: 3 } as const
export type BuyerKeyKind = keyof typeof kinds

const hashSpan = 2 ** 32
const monthSpan = 4 * hashSpan
const firstYear = 2020

/**
 * The keys by which a buyer is found: month (from bit 34), kind (2 bits), keyed hash (32 bits). The month of the trade
 * comes first because hashes are scattered: without it each batch of new rows would touch every page of a large index,
 * and with it only the pages of its month. A search asks for every month. A list that has many rows keeps their keys in a
 * table beside it (migration 0032).
 */
export function makeBuyerKeys(ring: KeyRing, month: number, person: BuyerNames): number[] {
  const { nick, receiver } = person
  const mobile = receiver?.mobile || receiver?.phone || ''
  const parts: [BuyerKeyKind, string | undefined][] = [
    ['mobile', mobile],
    ['mobileTail', /\d{4}$/.exec(mobile)?.[0]],
    ['name', receiver?.name],
    ['nick', nick],
  ]
  return parts.flatMap(([kind, written]) => {
    const text = written?.trim()
    return text ? [month * monthSpan + kinds[kind] * hashSpan + searchHash(ring, kind, text)] : []
  })
}

const some = ['', ' ', '  ']
const outerSpaces = some.flatMap((before) => some.map((after) => [before, after] as const))

/** Months since January 2020, those before it counted as that one, at most the next to come: platforms' clocks lie. */
export function buyerKeyMonth(at: Date, now = sharedNow()): number {
  return Math.max(0, Math.min(months(at), months(now) + 1))
}

/**
 * Every key, of any month and any key of the ring, under which a person with this text may stand. Spaces around it do not count; rows
 * of before were hashed with theirs.
 */
export function buyerSearchKeys(
  ring: KeyRing,
  kind: BuyerKeyKind,
  text: string,
  now = sharedNow(),
): number[] {
  const trimmed = text.trim()
  const spaced = kind === 'nick' ? outerSpaces.map(([a, b]) => `${a}${trimmed}${b}`) : []
  const places = [...new Set([trimmed, text, ...spaced])]
    .flatMap((one) => searchHashes(ring, kind, one))
    .map((hash) => kinds[kind] * hashSpan + hash)
  return Array.from({ length: months(now) + 2 }, (_, month) => month * monthSpan).flatMap((month) =>
    places.map((place) => month + place),
  )
}

/** Where a phone stands among the keys of any month: kept with what has no month, and no buyer yet. */
export const monthlessPhoneKey = (ring: KeyRing, phone: string): number =>
  kinds.mobile * hashSpan + searchHash(ring, 'mobile', phone)

/** The keys of such a place in every month. */
export function keyInEveryMonth(place: number, now = sharedNow()): number[] {
  return Array.from({ length: months(now) + 2 }, (_, month) => month * monthSpan + place)
}

function months(at: Date): number {
  return (at.getUTCFullYear() - firstYear) * 12 + at.getUTCMonth()
}

/** The keys `d.people` (text, of month 0) moved to the month in which those of the row `t.people` stand. */
export const sameMonth = sql`array(
  select coalesce(t.people[1] / ${sql.lit(monthSpan)}, 0) * ${sql.lit(monthSpan)} + k
  from unnest(d.people::bigint[]) with ordinality u (k, n) order by n)`

/** Of a table of people's keys, the ids of rows that have one of these. Hidden, as they would be taken for most of a new table. */
export const idsWithBuyerKeys = (table: string, keys: readonly number[]): RawBuilder<unknown> =>
  sql`select id from ${sql.table(table)} where key = any(array(select unnest(${[...keys]}::bigint[])))`

/** The rows, by an expression for their id, whose buyer has one of these keys. */
export const hasBuyerKey = (
  id: RawBuilder<unknown>,
  table: string,
  keys: readonly number[],
): RawBuilder<boolean> => sql`${id} = any(array(${idsWithBuyerKeys(table, keys)}))`

/** Kind and hash of each key in `people` (an expression), whatever its month: as `makeBuyerKeys` makes them of month 0. */
export const monthlessKeys = (people: RawBuilder<unknown>) =>
  sql`array(select k % ${sql.lit(monthSpan)} from unnest(${people}) k)`

/** Those of them that are of one kind. */
export const monthlessKeysOfKind = (people: RawBuilder<unknown>, kind: BuyerKeyKind) =>
  sql`array(select k % ${sql.lit(monthSpan)} from unnest(${people}) k
    where k % ${sql.lit(monthSpan)} / ${sql.lit(hashSpan)} = ${sql.lit(kinds[kind])})`

/**
 * The keys of the phone in `people` (an expression over columns) as they stand in every month around `at`: those of rows of up to
 * so many hours before and after with the same phone. Empty where no phone is known.
 */
export function phoneKeysNear(
  people: RawBuilder<unknown>,
  at: RawBuilder<unknown>,
  hours: RawBuilder<unknown>,
): RawBuilder<unknown> {
  // Not `extract`, which counts in numeric: twenty times as slow.
  const first = sql`(${people})[1]`
  const month = (moment: RawBuilder<unknown>) =>
    sql`(date_part('year', ${moment} at time zone 'UTC') * 12 + date_part('month', ${moment} at time zone 'UTC'))::int`
  return sql`array(
    select ${first} + (m - ${month(at)}) * ${sql.lit(monthSpan)}
    from generate_series(${month(sql`(${at} - make_interval(hours => ${hours}))`)}, ${month(sql`(${at} + make_interval(hours => ${hours}))`)}) m
    where ${first} % ${sql.lit(monthSpan)} / ${sql.lit(hashSpan)} = ${sql.lit(kinds.mobile)})`
}

/**
 * Whether two rows' keys mean one person: the phone is the same, and the name or the nick as well. One alone says
 * little, since platforms mask each of them.
 */
export function isSameBuyer(one: RawBuilder<unknown>, other: RawBuilder<unknown>): RawBuilder<boolean> {
  const place = (key: string) => sql`${sql.ref(key)} % ${sql.lit(monthSpan)}`
  return sql<boolean>`(
    select coalesce(bool_or(kind = ${sql.lit(kinds.mobile)}) and bool_or(kind in (${sql.lit(kinds.name)}, ${sql.lit(kinds.nick)})), false)
    from (
      select ${place('a')} / ${sql.lit(hashSpan)} as kind from unnest(${one}) a
      where ${place('a')} in (select ${place('b')} from unnest(${other}) b)
    ) shared)`
}
