import Type from 'typebox'
import { defineInstallationTaskKind } from '../core/tasks/kinds.ts'
import type { KeyRing } from '../lib/seal.ts'
import { makeDueExchanges } from './exchange.ts'

const batchSize = 100

export const exchanging = (ring: KeyRing) =>
  defineInstallationTaskKind({
    kind: 'make_exchanges',
    name: { zh: '生成换货单', en: 'Make exchange orders' },
    params: Type.Object({}, { additionalProperties: false }),
    defaultSchedule: { everySeconds: 60 },
    async run({ db, signal, progress }) {
      let [seen, updated] = [0, 0]
      for (let after: string | undefined = '0'; after !== undefined; ) {
        signal.throwIfAborted()
        const bitten: Awaited<ReturnType<typeof makeDueExchanges>> = await makeDueExchanges(
          db,
          ring,
          after,
          batchSize,
        )
        seen += bitten.seen
        updated += bitten.made
        after = bitten.last
        progress({ seen, updated })
      }
      return { seen, updated }
    },
  })
