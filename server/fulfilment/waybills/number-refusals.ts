import type { Database } from '../../core/db/db.ts'
import type { DeliveryView } from '../contract.ts'
import type { PlainDelivery } from '../view.ts'
import { decideAccount } from './choose-account.ts'
import { accountTable, parcelsOfOrders } from './parcel-facts.ts'

/** Adds to each delivery that waits for a number why no account would give it one now. */
export async function withNumberRefusals(
  db: Database,
  rows: readonly PlainDelivery[],
): Promise<DeliveryView[]> {
  const waiting = rows.filter(
    ({ status, waybillNo, numberState }) =>
      status === 'pending' && waybillNo === '' && numberState !== 'asked',
  )
  const refusals = await refusalsOf(
    db,
    waiting.map(({ orderId }) => orderId),
  )
  return rows.map((row) => ({ ...row, numberRefusal: refusals.get(row.orderId) ?? null }))
}

type Refusals = ReadonlyMap<string, DeliveryView['numberRefusal']>

async function refusalsOf(db: Database, orderIds: readonly string[]): Promise<Refusals> {
  if (orderIds.length === 0) return new Map()
  return db.transaction().execute(async (tx) => {
    const table = await accountTable(tx)
    // Without accounts every waybill is typed by hand, so nothing is amiss.
    if (table.accounts.length === 0) return new Map()
    const parcels = await parcelsOfOrders(tx, orderIds)
    return new Map(
      parcels.flatMap((parcel) => {
        const { chosen } = decideAccount(table, parcel)
        return 'code' in chosen ? [[parcel.orderId, chosen.message] as const] : []
      }),
    )
  })
}
