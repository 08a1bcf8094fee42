import { type RawBuilder, sql } from 'kysely'
import { sharedNow } from './clock.ts'
import { withheldText } from './mask.ts'
import { type KeyRing, searchHash, searchHashes } from './seal.ts'

/** The texts by which users can search for a buyer. */
export type BuyerNames = {
  nick: string
  receiver?: { name: string; mobile: string; phone: string }
}

/** `token`: of a masked receiver; otherwise empty. `identity`: the platform's lasting identifier of the masked receiver, if it has one. */
export type ReceiverText = Record<
  'name' | 'mobile' | 'phone' | 'province' | 'city' | 'district' | 'town' | 'address' | 'token',
  string
> & { identity?: string }

/**
 * Returns keyed hashes of a receiver, equal for parcels to the same person at the same address. The first is stored; the others may be
 * those of rows that were stored earlier. Different persons may have equal masks, so the hash of a masked receiver includes shop, nick, and the
 * platform's identifier.
 */
export function receiverHashes(
  ring: KeyRing,
  receiver: ReceiverText,
  buyer: { shopId: string; nick: string },
): number[] {
  // The token only says that the receiver is masked, as a withheld part does. It is not hashed, since some platforms change it each week; `identity`
  // lasts.
  const { name, mobile, phone, province, city, district, town, address, token, identity } = receiver
  const parts = [name, mobile, phone, province, city, district, town, address]
  const masked = [...parts, buyer.shopId, buyer.nick]
  const hashes = (texts: readonly string[]) =>
    searchHashes(ring, 'receiver', texts.join('\u0001')).map((hash) => hash | 0)
  if (token === '' && !parts.includes(withheldText)) return hashes(parts)
  return [...(identity ? hashes([...masked, identity]) : []), ...hashes(masked), ...hashes(parts)]
}

/** The kinds of buyer keys. Rows store the numbers, so never change or reuse one. */
const kinds = { mobile: 0, mobileTail: 1, name: 2, nick: 3 } as const
export type BuyerKeyKind = keyof typeof kinds

const hashSpan = 2 ** 32
const monthSpan = 4 * hashSpan
const firstYear = 2020

/**
 * Returns the keys by which a buyer is found: month (from bit 34), kind (2 bits), keyed hash (32 bits). The month is first because hashes
 * are scattered: new rows then change only that month's pages of a large index. A search asks for every month. A list with many rows has
 * its keys in a table of its own.
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
    // Withheld texts are equal for all buyers.
    return text && text !== withheldText
      ? [month * monthSpan + kinds[kind] * hashSpan + searchHash(ring, kind, text)]
      : []
  })
}

const some = ['', ' ', '  ']
const outerSpaces = some.flatMap((before) => some.map((after) => [before, after] as const))

/**
 * Returns the number of months since January 2020. An earlier time counts as that month, a later one at most as next month, because
 * platforms' clocks may be wrong.
 */
export function buyerKeyMonth(at: Date, now = sharedNow()): number {
  return Math.max(0, Math.min(months(at), months(now) + 1))
}

/**
 * Returns every key under which a buyer with this text may be stored: of any month and any sealing key. Spaces around the text are ignored;
 * some older rows were hashed with them, so these hashes are included.
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

/** Returns the key of a phone number without a month (month 0), for facts about a phone that no row has yet. */
export const monthlessPhoneKey = (ring: KeyRing, phone: string): number =>
  kinds.mobile * hashSpan + searchHash(ring, 'mobile', phone)

/** Returns the keys in every month for a key of month 0. */
export function keyInEveryMonth(place: number, now = sharedNow()): number[] {
  return Array.from({ length: months(now) + 2 }, (_, month) => month * monthSpan + place)
}

function months(at: Date): number {
  return (at.getUTCFullYear() - firstYear) * 12 + at.getUTCMonth()
}

/** SQL for the keys of `d.people` (text, of month 0), moved to the month of the keys of the row `t.people`. */
export const sameMonth = sql`array(
  select coalesce(t.people[1] / ${sql.lit(monthSpan)}, 0) * ${sql.lit(monthSpan)} + k
  from unnest(d.people::bigint[]) with ordinality u (k, n) order by n)`

/**
 * SQL for the ids of rows with one of these keys, from a table of buyer keys. The sub-select hides the keys from the planner, which would
 * expect them to match most rows of a new table.
 */
export const idsWithBuyerKeys = (table: string, keys: readonly number[]): RawBuilder<unknown> =>
  sql`select id from ${sql.table(table)} where key = any(array(select unnest(${[...keys]}::bigint[])))`

/** SQL condition: the row's buyer has one of these keys. `id`: an expression for the row's id. */
export const hasBuyerKey = (
  id: RawBuilder<unknown>,
  table: string,
  keys: readonly number[],
): RawBuilder<boolean> => sql`${id} = any(array(${idsWithBuyerKeys(table, keys)}))`

/** SQL for the keys of `column` (an expression) as keys of month 0. */
export const monthlessKeys = (column: RawBuilder<unknown>) =>
  sql`array(select k % ${sql.lit(monthSpan)} from unnest(${column}) k)`

/** SQL for the keys of `column` of one kind, as keys of month 0. */
export const monthlessKeysOfKind = (column: RawBuilder<unknown>, kind: BuyerKeyKind) =>
  sql`array(select k % ${sql.lit(monthSpan)} from unnest(${column}) k
    where k % ${sql.lit(monthSpan)} / ${sql.lit(hashSpan)} = ${sql.lit(kinds[kind])})`

/**
 * SQL for the keys of the phone in `people` (an expression) in every month within `hours` of `at`, to find rows of that time with the same
 * phone. Empty if no phone is known.
 */
export function phoneKeysNear(
  people: RawBuilder<unknown>,
  at: RawBuilder<unknown>,
  hours: RawBuilder<unknown>,
): RawBuilder<unknown> {
  // `extract` calculates in numeric and is twenty times as slow.
  const first = sql`(${people})[1]`
  const month = (moment: RawBuilder<unknown>) =>
    sql`(date_part('year', ${moment} at time zone 'UTC') * 12 + date_part('month', ${moment} at time zone 'UTC'))::int`
  return sql`array(
    select ${first} + (m - ${month(at)}) * ${sql.lit(monthSpan)}
    from generate_series(${month(sql`(${at} - make_interval(hours => ${hours}))`)}, ${month(sql`(${at} + make_interval(hours => ${hours}))`)}) m
    where ${first} % ${sql.lit(monthSpan)} / ${sql.lit(hashSpan)} = ${sql.lit(kinds.mobile)})`
}

/**
 * SQL condition: the keys of two rows are of the same buyer, because they have the same phone and the same name or nick. One of these alone
 * proves little, because platforms mask each of them.
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
