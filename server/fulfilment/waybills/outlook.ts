import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Refusal } from '../../core/decide.ts'
import { writeBackFacts } from '../../orders/holds/shipping.ts'
import { usableAccounts } from './account-queries.ts'
import { accountOfEach } from './take.ts'

/** At most this many deliveries are looked at, those that were released first. */
export const looksAt = 2000

export type Outlook = {
  /** The number of deliveries that would get their number from each account, by the account's id. */
  counts: ReadonlyMap<string, number>
  /** Why the others would get none, with their number. */
  refused: { code: string; message: Refusal['message']; count: number }[]
}

/** Says from which account the deliveries that wait for a number would get it now. Writes nothing. */
export function outlook(db: Database, scope: Scope): Promise<Outlook> {
  return db.transaction().execute(async (tx) => {
    const waiting = await sql<Row<'delivery', 'id' | 'shopId' | 'orderId'>>`
      select id, shop_id as "shopId", order_id as "orderId" from delivery d
      where standing = 'number' and not beside and ${grantedSql(scope)}
        and not exists (select from waybill w where w.delivery_id = d.id and w.state = 'asked' and w.wanted)
      order by id limit ${looksAt}`.execute(tx)
    const orders = await writeBackFacts(
      tx,
      waiting.rows.map(({ orderId }) => orderId),
    )
    const chosen = await accountOfEach(
      tx,
      waiting.rows.flatMap(({ id, shopId, orderId }) => {
        const order = orders.get(orderId)
        return order ? [{ delivery: { id, shopId }, order }] : []
      }),
      await usableAccounts(tx),
    )
    const all = [...chosen.values()]
    const served = all.flatMap((one) => ('code' in one ? [] : [one.id]))
    const refusals = all.flatMap((one) => ('code' in one ? [one] : []))
    return {
      counts: new Map([...Map.groupBy(served, (id) => id)].map(([id, some]) => [id, some.length])),
      refused: [...Map.groupBy(refusals, ({ code }) => code)].flatMap(([code, [first, ...others]]) =>
        first ? [{ code, message: first.message, count: others.length + 1 }] : [],
      ),
    }
  })
}
