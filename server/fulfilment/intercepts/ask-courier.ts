import { waybillSources } from '../../carriers/index.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { countOfSubjects, enqueueActions } from '../../core/outbox/actions.ts'
import { actionStates } from '../../core/outbox/contract.ts'
import { askable } from './intercept-queries.ts'

/** The kind of platform action by which a source asks a courier for a parcel; payload `AskPayload`. */
export const askKind = 'parcel.intercept'
export type AskPayload = { accountId: string; courier: string; waybillNo: string }

/** The couriers that each source can ask, as two lists of the same length. */
export const askableCouriers = () => {
  const pairs = waybillSources.flatMap(({ id, intercept }) =>
    (intercept?.couriers ?? []).map((courier) => ({ source: id, courier })),
  )
  return { sources: pairs.map(({ source }) => source), couriers: pairs.map(({ courier }) => courier) }
}

/** Has the sources ask the couriers for these parcels, as far as they can; a merged shipment is asked for once. */
export async function askCouriers(tx: Tx, interceptIds: readonly string[], actor: Actor): Promise<void> {
  const parcels = await askable(tx, interceptIds, askableCouriers())
  const subjects = { type: 'intercept', ids: parcels.map(({ id }) => id) }
  const before = await countOfSubjects(tx, askKind, subjects, actionStates)
  await enqueueActions(
    tx,
    parcels.map(({ id, shopId, accountId, courier, waybillNo }) => ({
      ...{ shopId, kind: askKind, subject: { type: 'intercept', id } },
      idempotencyKey: `${askKind}/${id}/${(before.get(id) ?? 0) + 1}`,
      payload: { accountId, courier, waybillNo } satisfies AskPayload,
    })),
    actor,
  )
}
