import Type from 'typebox'
import { defineInstallationTaskKind } from '../../core/tasks/kinds.ts'
import { warehousesWithAutoRules } from './plan-queries.ts'
import { makeDueWaves } from './planning.ts'

/** 自动建波次: does nothing as long as no rule has times of day or a number of waiting parcels. */
export const planningWaves = defineInstallationTaskKind({
  kind: 'plan_waves',
  name: { zh: '自动建波次', en: 'Make waves' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 60 },
  async run({ db, signal, progress }) {
    let [seen, created] = [0, 0]
    for (const warehouseId of await warehousesWithAutoRules(db)) {
      signal.throwIfAborted()
      const made = await db.transaction().execute((tx) => makeDueWaves(tx, warehouseId))
      seen += made.orders
      created += made.waves
      progress({ seen, created })
    }
    return { seen, created }
  },
})
