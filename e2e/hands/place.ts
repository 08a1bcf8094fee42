import { sql } from 'kysely'
import { connectors } from '../../server/connectors/index.ts'
import { waveDemo } from '../../server/fulfilment/waves/demo.ts'
import { ownAccountDemo, waybillDemo, waybillRuleDemo } from '../../server/fulfilment/waybills/demo.ts'
import { binDemo } from '../../server/inventory/bins/demo.ts'
import { stockDemo } from '../../server/inventory/demo.ts'
import { loadKeyRing } from '../../server/lib/seal.ts'
import { ruleDemo } from '../../server/orders/sourcing/demo.ts'
import { goodsOf } from '../../server/start/demo.ts'
import type { House } from '../day-house.ts'

/** What the warehouses demand before a parcel leaves. The hands change it in the middle of the day. */
export const demands: readonly (readonly string[])[] = [
  ['print', 'check'],
  ['print', 'wave', 'check', 'weigh'],
  ['wave'],
  ['check'],
  [],
]

/**
 * Gives a house two warehouses that demand different steps, goods in bins, rules for waves, and an account for each courier of its shops and
 * one at 快递100; and lets its shops report what was cancelled in time.
 */
export async function openWarehouses(house: House): Promise<void> {
  const { db, sandbox, shops } = house
  const ring = await loadKeyRing(house.environment()['SEALING_KEY_PATH'] ?? '')
  const deps = { db, ring, connectors, simulator: true }
  const goods = await Promise.all(shops.map((shop) => goodsOf(sandbox.url, shop)))
  await stockDemo(db, goods.flat())
  await binDemo(db)
  await waveDemo(db)
  await ruleDemo(db)
  await waybillDemo(
    deps,
    shops.map(({ id }) => id),
  )
  const [first] = shops
  if (first) await ownAccountDemo(deps, first.id, ownCredentials(house))
  await waybillRuleDemo(db)
  await sql`update shop set settings = settings || '{"reportCancels": true}'`.execute(db)
  await sql`
    update warehouse set ship_steps = case code when 'HZ' then '{print,check}'::text[] else '{print,wave,check,weigh}' end`.execute(
    db,
  )
}

function ownCredentials({ sandbox }: House): Record<string, string> {
  const [own] = sandbox.sandbox.kuaidi100.enterprises.values()
  const { key = '', secret = '', customer = '', partnerId = '', partnerKey = '' } = own ?? {}
  return { key, secret, customer, partnerId, partnerKey, labelUrl: `${sandbox.url}/label/order` }
}
