import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { already, answerEach, type Outcome, type Refusal } from '../../core/decide.ts'
import { sharedNow } from '../../lib/clock.ts'
import { stopsOf } from '../../orders/holds/shipping.ts'
import { deliveryAnswers } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { needsPieces, pickKept, type WaitingParcels } from './kept.ts'
import { type Gathered, gatheredRows, insertWaves, lockPlanning, waitingUnits } from './plan-queries.ts'
import { type PlanRule, plainRule, planWaves } from './plan-rules.ts'

/** The most parcels of one wave that a person makes; more become several along the route. Its name is empty, since no rule made it. */
const byHand: PlanRule = { ...plainRule, id: '', name: '' }

/**
 * 手工建波次: makes waves of these deliveries, one for each hundred parcels of a warehouse. The others of a merged shipment go with it.
 * Deliveries that are stopped, wait for goods or are in a wave are refused; those whose goods all lie in baskets already are picked.
 */
export async function gatherDeliveries(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const places = new Set((await gatheredRows(tx, ids, by.scope)).map(({ warehouseId }) => warehouseId))
  for (const warehouseId of [...places].toSorted()) await lockPlanning(tx, warehouseId)
  const rows = await gatheredRows(tx, ids, by.scope)
  const stops = await stopsOf(
    tx,
    rows.map(({ orderId }) => orderId),
  )
  const why = (row: Gathered) => whyNotGathered(row) ?? stops.get(row.orderId)
  const free = rows.filter((row) => why(row) === undefined)
  const waiting: WaitingParcels[] = []
  for (const [warehouseId, own] of Map.groupBy(free, (row) => row.warehouseId)) {
    const asked = own.map(({ id }) => id)
    waiting.push({ warehouseId, units: await waitingUnits(tx, warehouseId, by.scope, asked) })
  }
  const taken = [...(await pickKept(tx, waiting, by))]
  for (const { warehouseId, units } of waiting) {
    const { waves } = planWaves(units.filter(needsPieces), [byHand], sharedNow())
    if (waves.length > 0) await insertWaves(tx, warehouseId, waves, by.actor.name)
    taken.push(...waves.flatMap((wave) => wave.units))
  }
  const takenIds = new Set(taken.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)))
  return answerEach(
    ids,
    new Map(rows.map((row) => [row.id, row])),
    deliveryAnswers,
    (row) => why(row) ?? (takenIds.has(row.id) ? undefined : notWhole),
  )
}

function whyNotGathered(row: Gathered): Refusal | undefined {
  const refusal = whyNotDelivery(row, 'wave')
  if (refusal) return refusal
  if (row.wave !== null) return already({ zh: `已在波次 ${row.wave}`, en: `In wave ${row.wave}` })
  return row.isPicked ? already({ zh: '已拣', en: 'Picked' }) : undefined
}

const notWhole: Refusal = {
  code: 'not_whole',
  message: {
    zh: '货没占齐，或同包裹的另一单被拦截。等到货，或先处理另一单',
    en: 'Its goods are not all reserved, or another order of its parcel is stopped. Wait for the goods, or settle that order first',
  },
}
