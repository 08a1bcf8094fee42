import { buyerDeeds } from './buyers.ts'
import { deliveryDeeds, onOrders, takeNumbers, typeWaybills } from './deliveries.ts'
import { packingDeeds, ship, station } from './packing.ts'
import { paperDeeds, print } from './papers.ts'
import { call, type Deeds, distinct, list, type Person, some } from './person.ts'
import { pickWave, plan, waveDeeds } from './waves.ts'

/** What is done with parcels, and what happens to them meanwhile. */
export const handDeeds: Deeds = [
  ...deliveryDeeds,
  ...paperDeeds,
  ...waveDeeds,
  ...packingDeeds,
  ...buyerDeeds,
  [['the whole way', theWholeWay], 30],
]

/** The way from trades to parcels that leave, so that each deed finds something to do. Other people do their deeds in between. */
async function theWholeWay(me: Person): Promise<void> {
  const trades = distinct(some(me, await list(me, '/api/staged-trades?tab=staged&reason=none&limit=50'), 30))
  if (trades.length > 0) await call(me, 'POST', '/api/staged-trades/convert', { ids: trades })
  await onOrders(me, 'unconfirmed', 'confirm')
  await onOrders(me, 'confirmed', 'release')
  await takeNumbers(me)
  await typeWaybills(me)
  await print(me)
  await plan(me)
  await pickWave(me)
  for (let parcels = 0; parcels < 4; parcels += 1) await station(me)
  await ship(me)
}
