import { sql } from 'kysely'
import { pino } from 'pino'
import type { Connector } from '../server/connectors/connector.ts'
import { connectors } from '../server/connectors/index.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { intakeActions } from '../server/intake/outbox.ts'
import { openCall } from '../server/shops/calls.ts'
import { aRun } from '../server/testing/run.ts'
import type { ShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'

// For tests of shops that connect with an application of their own: the runs of their lists, and what goes out besides shippings.

const opened = (house: ShippingHouse, shopId = house.shopId, hooks = {}) =>
  openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, shopId, hooks)

/** Returns what makes the context of a list run; each has a greater fence than the one before. */
export function runsOf(house: ShippingHouse) {
  let fence = 0
  return async () => {
    fence += 1
    const shop = await opened(house)
    const run = aRun(house.db, { firstLoadDays: 1, windowsPerRun: 200 })
    const ids = { runId: String(fence), fence: String(fence) }
    return Object.assign(shop, run, { connector: withoutLag(shop.connector), ...ids })
  }
}

/** The lists of the simulator are never late. */
export const withoutLag = ({ trades, refunds, ...connector }: Connector): Connector => ({
  ...connector,
  trades: { ...trades, changed: { ...trades.changed, lagMs: 0 } },
  refunds: { ...refunds, changed: { ...refunds.changed, lagMs: 0 } },
})

/** Sends the answers to refunds and the memos that wait, and settles when none is open. */
export async function sendAnswers(house: ShippingHouse): Promise<void> {
  const outbox = startOutbox({
    db: house.db,
    log: pino({ level: 'silent' }),
    pollMs: 20,
    handlers: intakeActions.map((handler) => ({ ...handler, lookAfterSeconds: 0 })),
    openShop: (id, hooks) => opened(house, id, hooks),
  })
  try {
    await until(async () => {
      const open = await sql`
        select from platform_action where kind <> 'trade.ship' and state in ('pending', 'sending', 'unknown')`.execute(
        house.db,
      )
      return open.rows.length === 0
    })
  } finally {
    await outbox.stop()
  }
}
