import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { demoShops } from '../../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control } from '../../../sandbox/testing.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { openCall, withShop } from '../../shops/calls.ts'
import { connectDemoShops } from '../../shops/demo.ts'
import { readShop } from '../../shops/shops.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { failureOf } from '../conformance/checks.ts'
import { connectors } from '../index.ts'

const options = demoShops.find(({ platform }) => platform === 'pinduoduo') ?? assert.fail()

let base: TestDatabase
let open: OpenDatabase
let sandbox: RunningSandbox
before(async () => {
  base = await testDatabase()
  open = openDatabase(base.url)
  sandbox = await startSandbox({ port: 0, seed: 'permissions', shops: [{ ...options, trades: 1 }] })
})
after(async () => {
  await sandbox.close()
  await open.close()
  await base[Symbol.asyncDispose]()
})

test('an interface that the permission package of the app lacks is refused alone, and the shop stays live', async () => {
  const deps = { db: open.db, ring: memoryKeyRing(), connectors, simulator: true }
  const [shopId = ''] = await connectDemoShops(deps, sandbox.url, [options])
  await control(sandbox, 'faults', { kind: 'forbidden', method: 'pdd.mall.info.get', count: 2 })
  const opened = await openCall(deps, shopId)
  const error = await failureOf(withShop(deps, shopId, (connector, call) => connector.verify(call)))
  assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '20031', false])
  assert.equal((await readShop(open.db, shopId, wholeScope)).authState, 'live')
  assert.equal(opened.ended, undefined)
  // The interfaces that the package has go on.
  const page = await withShop(deps, shopId, ({ listings }, call) =>
    Promise.resolve(listings?.list(call, { status: 'on_sale', after: null, size: 20 })),
  )
  assert.ok((page?.items.length ?? 0) > 0)
})
