import { sql } from 'kysely'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Outcome } from '../../core/decide.ts'
import { sharedNow } from '../../lib/clock.ts'
import { chinaDay, startOfChinaDay } from '../../lib/time.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { whyNotPlanned } from '../order/desk-rules.ts'
import { plannedFacet } from '../order/facets.ts'
import { addOrderEvents, facetWhen, lockOrders, lockOrdersWithChildren } from '../order/queries.ts'

/** `byPlatform`: the day of the platform's deadline, from midnight in China; orders without a deadline are refused. */
export type ShipAfterInput = { at: Date | null } | { byPlatform: true }

/**
 * 预售计划发货日: sets the planned ship date. Before it an order can be confirmed and its goods reserved, but not released to the warehouse.
 * Null removes the date.
 */
export function planShipping(
  tx: Tx,
  ids: readonly string[],
  input: ShipAfterInput,
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const dates = await datesOf(tx, granted)
    const planned = new Map(
      orders.flatMap((order) => {
        if (whyNotPlanned(order.status)) return []
        const { shipBy, shipAfter } = dates.get(order.id) ?? nothing
        const at = 'at' in input ? input.at : shipBy && startOfChinaDay(shipBy)
        if ('byPlatform' in input && at === null) return []
        return at?.getTime() === shipAfter?.getTime() ? [] : [[order.id, at] as const]
      }),
    )
    await write(tx, planned, actor)
    return answerOrders(granted, orders, ({ id, status }) => {
      if (planned.has(id)) return undefined
      const missing = 'byPlatform' in input && !dates.get(id)?.shipBy
      return whyNotPlanned(status) ?? (missing ? noDeadline : unchanged)
    })
  })
}

/** The platform's planned ship date of an order and of single lines; `from`: the date that the platform named before. */
export type Plan = { orderId: string; from: Date | null; at: Date | null; lines?: readonly LineDay[] }
export type LineDay = { oid: string; at: Date | null }

/**
 * 平台的预计发货日: sets the date on orders that are not released yet, child orders included, if their planned ship date is the platform's
 * former date. A date that a person planned stays. If the order's date was the former date of its own lines, the order gets the new date of its lines.
 */
export async function planOrders(tx: Tx, plans: readonly Plan[], actor: Actor): Promise<void> {
  if (plans.length === 0) return
  const planOf = new Map(plans.map((plan) => [plan.orderId, plan]))
  const orders = await lockOrdersWithChildren(tx, [...planOf.keys()])
  const dates = await datesOf(
    tx,
    orders.map(({ id }) => id),
  )
  const lastDays = await writeLineDays(
    tx,
    orders.flatMap(({ id, splitFrom }) =>
      (planOf.get(splitFrom ?? id)?.lines ?? []).map((line) => ({ ...line, orderId: id })),
    ),
  )
  const planned = orders.flatMap(({ id, status, splitFrom }) => {
    const plan = planOf.get(splitFrom ?? id)
    const { shipAfter } = dates.get(id) ?? nothing
    if (!plan || whyNotPlanned(status)) return []
    const own = lastDays.get(id)
    const followed = [own?.from && own.at ? own : null, plan].find(
      (one) => one && one.from?.getTime() === shipAfter?.getTime(),
    )
    return followed && !sameDay(followed.at, shipAfter) ? [[id, followed.at] as const] : []
  })
  await write(tx, new Map(planned), actor)
}

/** Sets new planned ship dates that result from the remaining lines of these orders. The caller has locked the orders. */
export async function replan(tx: Tx, days: ReadonlyMap<string, Date | null>, actor: Actor): Promise<void> {
  if (days.size === 0) return
  const dates = await datesOf(tx, [...days.keys()])
  const moved = [...days].filter(([id, at]) => !sameDay(at, dates.get(id)?.shipAfter ?? null))
  await write(tx, new Map(moved), actor)
}

/**
 * Gives each parent order the latest planned ship date of the child orders that are put back, if that date is in the future and later than
 * the parent's. `intoOf`: parent id by child id. The caller has locked all these orders.
 */
export async function waitTogether(tx: Tx, intoOf: ReadonlyMap<string, string>, actor: Actor): Promise<void> {
  const dates = await datesOf(tx, [...intoOf.keys(), ...intoOf.values()])
  const latest = new Map<string, Date>()
  for (const [from, into] of intoOf) {
    const day = dates.get(from)?.shipAfter
    const known = latest.get(into) ?? dates.get(into)?.shipAfter
    if (day && day > sharedNow() && (!known || day > known)) latest.set(into, day)
  }
  await write(tx, latest, actor)
}

const sameDay = (one: Date | null, other: Date | null) => one?.getTime() === other?.getTime()

/**
 * Writes the planned ship dates of the lines in `days`; gifts are left out. Returns for each order the latest date of these lines, before
 * and after. The caller has locked the orders.
 */
async function writeLineDays(
  tx: Tx,
  days: readonly (LineDay & { orderId: string })[],
): Promise<Map<string, { from: Date | null; at: Date | null }>> {
  if (days.length === 0) return new Map()
  const found = await sql<Row<'order_line', 'orderId'> & Record<'from' | 'at', Date | null>>`
    with line as materialized (
      select l.order_id, l.line_no, l.plan_at as was, d.at
      from ${unnestRows('d', days, [
        ['order_id', 'int8', (row) => row.orderId],
        ['oid', 'text', (row) => row.oid],
        ['at', 'timestamptz', (row) => row.at],
      ])}
      join order_line l on l.order_id = d.order_id and l.oid = d.oid and not l.gift
    ), written as (
      update order_line l set plan_at = line.at from line
      where l.order_id = line.order_id and l.line_no = line.line_no and line.was is distinct from line.at
    )
    select order_id as "orderId", max(was) as "from", max(at) as at from line group by order_id`.execute(tx)
  return new Map(found.rows.map(({ orderId, ...own }) => [orderId, own]))
}

const nothing = { shipBy: null, shipAfter: null }
const unchanged = { code: 'already', message: { zh: '没有改动', en: 'Nothing to change' } }
const noDeadline = {
  code: 'no_deadline',
  message: { zh: '平台没有给发货时限，手工定日期', en: 'The platform gave no deadline; choose a date' },
}

async function datesOf(tx: Tx, ids: readonly string[]) {
  const found = await sql<Row<'sales_order', 'id' | 'shipBy' | 'shipAfter'>>`
    select id, ship_by as "shipBy", ship_after as "shipAfter" from sales_order where id = any(${ids}::bigint[])`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.id, row]))
}

async function write(tx: Tx, planned: ReadonlyMap<string, Date | null>, actor: Actor): Promise<void> {
  if (planned.size === 0) return
  await sql`
    update sales_order t
    set ship_after = d.at, facets = ${facetWhen(sql.ref('t.facets'), plannedFacet, sql`d.at is not null`)},
        version = version + 1, updated_at = now()
    from ${unnestRows(
      'd',
      [...planned],
      [
        ['id', 'int8', ([id]) => id],
        ['at', 'timestamptz', ([, at]) => at],
      ],
    )}
    where t.id = d.id`.execute(tx)
  await addOrderEvents(
    tx,
    [...planned].map(([orderId, at]) => ({
      orderId,
      event: 'ship_after',
      detail: at ? { day: chinaDay(at) } : {},
    })),
    actor,
  )
}
