import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wholeScope } from '../../core/access/actor.ts'
import { openCall, withShop } from '../../shops/calls.ts'
import { readShop } from '../../shops/shops.ts'
import { aShippingHouse } from '../../testing/shipping.ts'
import { failureOf } from '../conformance/checks.ts'
import { connectors } from '../index.ts'

test('an interface that the permission package of the app lacks is refused alone, and the shop stays live', async () => {
  await using house = await aShippingHouse('pinduoduo')
  const { db, ring, shopId } = house
  const deps = { db, ring, connectors, simulator: true }
  await house.packed()
  await house.control('faults', { kind: 'forbidden', method: 'pdd.mall.info.get', count: 2 })
  const opened = await openCall(deps, shopId)
  const error = await failureOf(withShop(deps, shopId, (connector, call) => connector.verify(call)))
  assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '20031', false])
  assert.equal((await readShop(db, shopId, wholeScope)).authState, 'live')
  assert.equal(opened.ended, undefined)
  // The interfaces that the package has go on.
  const page = await withShop(deps, shopId, ({ listings }, call) =>
    Promise.resolve(listings?.list(call, { status: 'on_sale', after: null, size: 20 })),
  )
  assert.ok((page?.items.length ?? 0) > 0)
})
