import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import type { DeliveryView, PlainDelivery } from '../contract.ts'
import { type Decision, decideAccount } from './choose-account.ts'
import { accountTable, parcelsOfOrders, waitingParcels } from './parcel-facts.ts'

export type Outlook = {
  /** The number of deliveries that would get their number from each account, by the account's id. */
  counts: ReadonlyMap<string, number>
  /** Why the others would get none, with their number. */
  refused: { code: string; message: Refusal['message']; count: number }[]
}

/** Says from which account the deliveries that wait for a number would get it now. Writes nothing. */
export function outlook(db: Database, scope: Scope): Promise<Outlook> {
  return db.transaction().execute(async (tx) => {
    const table = await accountTable(tx)
    return outlookOf((await waitingParcels(tx, scope)).map((parcel) => decideAccount(table, parcel)))
  })
}

export function outlookOf(decisions: readonly Decision[]): Outlook {
  const served = decisions.flatMap(({ chosen }) => ('code' in chosen ? [] : [chosen.id]))
  const refusals = decisions.flatMap(({ chosen }) => ('code' in chosen ? [chosen] : []))
  return {
    counts: new Map([...Map.groupBy(served, (id) => id)].map(([id, some]) => [id, some.length])),
    refused: [...Map.groupBy(refusals, ({ code }) => code)].flatMap(([code, [first, ...others]]) =>
      first ? [{ code, message: first.message, count: others.length + 1 }] : [],
    ),
  }
}

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
