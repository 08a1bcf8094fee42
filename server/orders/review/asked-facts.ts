import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { monthlessKeysOfKind } from '../../lib/people.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { ordersOfBuyer } from '../buyers/same-buyer.ts'
import { type MergeCandidates, mergeCandidatesOf } from '../shipments/merge-mates.ts'

/** Facts that are read only if a check of the rule needs them, since each kind costs a query of its own. */
export type CostlyFacts = MergeCandidates & {
  /** Order numbers of the same buyer's other orders that go to another address. */
  otherAddresses: string[]
  /** The number of different buyers whose open orders go to this order's receiver. */
  buyersThere: number
  titles: string[]
}

/**
 * The costly facts that a rule needs of one order. `mates`: whether merge candidates are searched, in the order's shop or in all shops.
 * `addressHours`: the buyer's other orders within this number of hours are searched for other addresses; 0: none are.
 */
export type Asked = {
  mates: 'none' | 'shop' | 'all'
  addressHours: number
  buyers: boolean
  titles: boolean
}

const nothing: CostlyFacts = { mates: [], unpaidMates: [], otherAddresses: [], buyersThere: 0, titles: [] }

/**
 * Reads the costly facts that the rules of these orders need, with one or two queries for each kind of fact. Returns a function from an
 * order's id to its facts.
 */
export async function costlyFacts(
  db: Database | Tx,
  wanted: readonly ({ id: string } & Asked)[],
): Promise<(id: string) => CostlyFacts> {
  const mates = await mergeCandidatesOf(
    db,
    wanted.flatMap(({ id, mates: from }) => (from === 'none' ? [] : { id, acrossShops: from === 'all' })),
  )
  const addresses = await otherAddresses(
    db,
    wanted.filter(({ addressHours }) => addressHours > 0),
  )
  const buyers = await buyersThere(db, idsOf(wanted.filter((one) => one.buyers)))
  const titles = await titlesOf(db, idsOf(wanted.filter((one) => one.titles)))
  return (id) => ({
    ...nothing,
    ...mates.get(id),
    otherAddresses: addresses.get(id) ?? [],
    buyersThere: buyers.get(id) ?? 0,
    titles: titles.get(id) ?? [],
  })
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

async function otherAddresses(
  db: Database | Tx,
  wanted: readonly { id: string; addressHours: number }[],
): Promise<Map<string, string[]>> {
  if (wanted.length === 0) return new Map()
  const elsewhere = sql<boolean>`b.receiver_hash <> 0 and b.receiver_hash <> o.receiver_hash`
  const found = await sql<Row<'sales_order', 'id'> & { numbers: string[] | null }>`
    select o.id, (${ordersOfBuyer(sql.ref('d.hours'), elsewhere)}) as numbers
    from ${unnestRows('d', wanted, [
      ['id', 'int8', (row) => row.id],
      ['hours', 'int4', (row) => row.addressHours],
    ])}
    join sales_order o on o.id = d.id
    where o.receiver_hash <> 0`.execute(db)
  return new Map(found.rows.map(({ id, numbers }) => [id, numbers ?? []]))
}

const lookedAtMax = 100

async function buyersThere(db: Database | Tx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const found = await sql<Row<'sales_order', 'id'> & { buyers: number }>`
    select o.id, (
      select count(distinct nick)::int from (
        select mate.people from sales_order mate
        where mate.receiver_hash = o.receiver_hash and mate.receiver_hash <> 0 and mate.status in ('unconfirmed', 'confirmed')
        order by mate.receiver_hash, mate.id limit ${lookedAtMax}
      ) mate cross join unnest(${monthlessKeysOfKind(sql.ref('mate.people'), 'nick')}) nick
    ) as buyers
    from sales_order o where o.id = any(${[...ids]}::bigint[]) and o.receiver_hash <> 0`.execute(db)
  return new Map(found.rows.map(({ id, buyers }) => [id, buyers]))
}

async function titlesOf(db: Database | Tx, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map()
  const found = await sql<Row<'order_line', 'orderId'> & { titles: string[] }>`
    select order_id as "orderId", array_agg(title order by line_no) as titles from order_line
    where order_id = any(${[...ids]}::bigint[]) and not gift and refunded_quantity < quantity group by order_id`.execute(
    db,
  )
  return new Map(found.rows.map(({ orderId, titles }) => [orderId, titles]))
}
