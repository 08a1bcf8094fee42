import Type from 'typebox'
import { defineHouseTaskKind } from '../tasks/kinds.ts'
import { releaseDue } from './holds.ts'
import { ordersWithDueHolds } from './queries.ts'

/** Orders of one transaction. */
const bite = 500

/** 到期解除挂起: holds that were placed until a time. */
export const releasingDueHolds = defineHouseTaskKind({
  kind: 'release_due_holds',
  name: { zh: '到期解除挂起', en: 'Release due holds' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 60 },
  async run({ db, signal, progress }) {
    for (let updated = 0; ; ) {
      signal.throwIfAborted()
      const ids = await ordersWithDueHolds(db, bite)
      if (ids.length === 0) return { seen: updated, updated }
      updated += await db.transaction().execute((tx) => releaseDue(tx, ids))
      progress({ updated })
    }
  },
})
