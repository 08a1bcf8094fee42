import type { Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { warehousesById } from '../../inventory/warehouses.ts'
import { sharedNow } from '../../lib/clock.ts'
import { ordersByNumber } from '../../orders/holds/shipping.ts'
import { dryRowsMax } from '../../orders/list/dry-run.ts'
import { asNumber } from '../lifecycle.ts'
import type { WaybillRule } from './account-rules.ts'
import { type Decision, decideAccount } from './choose-account.ts'
import { ordersOfDelivery } from './number-queries.ts'
import { outlookOf } from './outlook.ts'
import { accountTable, looksAt, parcelsOfOrders, type WaitingParcel, waitingParcels } from './parcel-facts.ts'
import type { WaybillDryRun } from './rule-contract.ts'

type Draft = { rules?: readonly WaybillRule[] | undefined; number?: string | undefined }

/** Says which rule and account each delivery that waits for a number would get by these rules. Writes nothing. */
export function tryRules(db: Database, { rules, number }: Draft, scope: Scope): Promise<WaybillDryRun> {
  return db.transaction().execute(async (tx) => {
    const stored = await accountTable(tx)
    const draft = { ...stored, rules: rules ?? stored.rules }
    const found =
      number === undefined
        ? await waitingParcels(tx, scope, looksAt + 1)
        : await parcelsOfOrders(tx, await ordersOfNumber(tx, number, scope))
    const parcels = found.slice(0, looksAt)
    const decided = parcels.map((parcel) => ({
      parcel,
      decision: decideAccount(draft, parcel),
      before: decideAccount(stored, parcel),
    }))
    const decisions = decided.map(({ decision }) => decision)
    const { counts, refused } = outlookOf(decisions)
    const rows = decided.slice(0, dryRowsMax)
    const warehouses = await warehousesById(
      tx,
      rows.flatMap(({ parcel }) => parcel.warehouseId ?? []),
    )
    return {
      seen: parcels.length,
      capped: found.length > looksAt,
      changing: decided.filter(({ decision, before }) => keyOf(decision) !== keyOf(before)).length,
      at: sharedNow(),
      byRule: [...Map.groupBy(decisions, ({ rule }) => rule)]
        .map(([rule, some]) => ({ rule, count: some.length }))
        .toSorted((one, other) => one.rule - other.rule),
      byAccount: draft.accounts.flatMap(({ id, courier, source }) => {
        const count = counts.get(id)
        return count === undefined ? [] : [{ accountId: id, courier, source, count }]
      }),
      refused,
      rows: rows.map(({ parcel, decision }) =>
        shown(parcel, decision, warehouses.get(parcel.warehouseId ?? '')?.name ?? ''),
      ),
    }
  })
}

const keyOf = ({ chosen }: Decision) => ('code' in chosen ? chosen.code : chosen.id)

function shown(
  { orderId, no, platform, courier: wanted }: WaitingParcel,
  { chosen, rule, passed }: Decision,
  warehouse: string,
): WaybillDryRun['rows'][number] {
  const account =
    'code' in chosen
      ? { accountId: null, courier: '', source: '', why: chosen.message }
      : { accountId: chosen.id, courier: chosen.courier, source: chosen.source, why: null }
  return { orderId, orderNo: no, platform, wanted, warehouse, rule, ...account, passed }
}

/** Returns the orders with this number, which is of an order, a trade or a delivery. */
async function ordersOfNumber(tx: Tx, typed: string, scope: Scope): Promise<string[]> {
  const number = asNumber(typed.trim())
  const orders = (await ordersByNumber(tx, [number], scope)).get(number) ?? []
  return [...new Set([...orders, ...(await ordersOfDelivery(tx, number, scope))])]
}
