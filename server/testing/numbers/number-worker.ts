import { pino } from 'pino'
import { waybillSources } from '../../carriers/index.ts'
import { connectors } from '../../connectors/index.ts'
import { openDatabase } from '../../core/db/db.ts'
import { startOutbox } from '../../core/outbox/loop.ts'
import { givingBack, takingNumbersOf } from '../../fulfilment/waybills/outbox.ts'
import { loadKeyRing } from '../../lib/seal.ts'
import { openCall } from '../../shops/calls.ts'

// A process that takes waybill numbers until it is killed. Arguments: database, key file, and how the source clears an unclear answer.

const [url = '', keys = '', unclear = 'look_up'] = process.argv.slice(2)
const { db } = openDatabase(url, { max: 6 })
const ring = await loadKeyRing(keys)
const sources = waybillSources.map(({ lookUp, ...source }) => {
  if (unclear === 'same_number' || unclear === 'neither') return { ...source, unclear } as const
  return lookUp ? { ...source, lookUp } : source
})
startOutbox({
  db,
  log: pino({ level: 'silent' }),
  pollMs: 50,
  handlers: [takingNumbersOf(sources), givingBack],
  paceOf: ({ rate }) => rate,
  openShop: (id, hooks) => openCall({ db, ring, connectors, simulator: true }, id, hooks),
})
process.send?.('up')
