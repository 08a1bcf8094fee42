import { type RawBuilder, sql } from 'kysely'
import { isBeingRead } from '../../core/access/shop-gate.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Asking } from '../../core/lists/define-query.ts'
import { isShortOrder } from '../../inventory/ship.ts'
import { isStopped } from '../../orders/holds/shipping.ts'
import { packagesLeft } from '../numbers.ts'
import { workStateOf } from '../queries.ts'
import { hasOtherGoods } from '../ship-steps.ts'
import { servedBy } from './served.ts'

const deskActs = ['number', 'print', 'ship'] as const
export type DeskAct = (typeof deskActs)[number]
export const isDeskAct = (act: string): act is DeskAct => deskActs.some((one) => one === act)

/**
 * SQL over the deliveries `t`: those for which the act would be done now, in place of being refused. A button over a whole tab counts them
 * and acts on them alone, so that it does as many as it says. The conditions are those of `takeNumbers`, `printLabels` and `shipDeliveries`,
 * as far as the tables have them: what a platform answers about refunds is known only when a parcel leaves.
 */
export async function mayDo(act: DeskAct, asking: Asking): Promise<RawBuilder<boolean>> {
  const isPossible =
    act === 'number' ? await mayGetNumber(asking.db) : act === 'print' ? isPrintable : mayLeave
  return sql<boolean>`(${isPossible('t')} and not exists (
    select from delivery n where n.parcel = t.parcel and n.id <> t.id and n.status = 'pending' and not ${isPossible('n')}))`
}

type IsPossible = (d: string) => RawBuilder<boolean>

/** No number is being taken for the delivery or one of its parcel, nothing stops it, and an account would give it one. */
async function mayGetNumber(db: Database | Tx): Promise<IsPossible> {
  const isServed = await servedBy(db)
  // The case asks the cheapest first: while a run is under way, nearly all that wait for a number are being asked for. The limit keeps the
  // question about the parcel to the few that are in one.
  return (d) => sql<boolean>`(${sql.ref(`${d}.waybill_no`)} = '' and case
    when exists (select from waybill w where w.delivery_id = ${sql.ref(`${d}.id`)} and w.state = 'asked' and w.wanted) then false
    when ${sql.ref(`${d}.parcel`)} is not null and (
      select true from delivery p join waybill w on w.delivery_id = p.id and w.state = 'asked' and w.wanted
      where p.parcel = ${sql.ref(`${d}.parcel`)} and p.status = 'pending' limit 1) then false
    when ${isStopped(`${d}.order_id`)} then false else ${isServed(d)} end)`
}

/**
 * Nothing stops the delivery, and it has a label that was not printed and waits in no print job. The labels are counted, because PostgreSQL
 * takes a series of numbers for a thousand rows, and then reads all that was ever printed for each delivery.
 */
const isPrintable: IsPossible = (d) => sql<boolean>`(exists (
    select from waybill w
    where w.courier = ${sql.ref(`${d}.courier`)} and w.waybill_no = ${sql.ref(`${d}.waybill_no`)} and w.waybill_no <> '' and w.state = 'taken'
      and w.package_count > (
        select count(distinct p.nth) from print_document p
        where p.waybill_id = w.id and p.nth between 1 and w.package_count and p.state in ('waiting', 'spooled', 'printed')))
  and not ${isStopped(`${d}.order_id`)})`

/** Every step is done, the goods are there and are those that were checked, and nothing stops the delivery. */
const mayLeave: IsPossible = (d) => sql<boolean>`(${workStateOf(d)} = 'ready' and ${packagesLeft(d)} = 0
  and not ${isStopped(`${d}.order_id`)} and not ${isShortOrder(`${d}.order_id`)} and not ${hasOtherGoods(d)}
  and not ${isBeingRead(`${d}.shop_id`)})`
